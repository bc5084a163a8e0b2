# Two commands: `make serve` and `make test`. Everything they install or build lies inside this checkout.
PYTHON ?= python3
BIN := .venv/bin
export NO_MKDOCS_2_WARNING := 1
export UV_FIND_LINKS := $(PIP_FIND_LINKS)

.PHONY: serve site test test-slow mutants bench install lock readme clean
.DELETE_ON_ERROR:

serve: install  ## preview with live reload; figures are built behind a progress bar, those of the page you look at first
	$(BIN)/mkdocs serve

site: install  ## build the site once, into site/
	$(BIN)/mkdocs build --strict

test: install .venv/tested  ## all that must hold, in minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest

test-slow: install .venv/tested  ## the long truths
	$(BIN)/python -m pytest -m slow

mutants: install .venv/tested  ## break one coefficient at a time and report which test notices; ONLY=samplers for a part
	$(BIN)/python tests/mutants.py $(ONLY)

bench: install .venv/tested  ## ratios against peers
	for file in tests/bench/[!_]*.py; do $(BIN)/python "$$file" || exit 1; done

install: .venv/installed node_modules/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5) and "Python 3.11.5 or newer is needed, this is " + sys.version.split()[0] + "; set PYTHON=/path/to/python3")'
	@echo "installing into .venv"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/installed: package-lock.json .venv/installed
	$(BIN)/npm ci --silent
	@touch $@

.venv/tested: requirements-test.lock .venv/installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock -r requirements-test.lock
	$(BIN)/python tests/site/browser.py --install
	@touch $@

# The lock names torch alone: torch brings its own exact CUDA pins, or none on a CPU build.
PORTABLE := sed -E '/^(nvidia-|cuda-|triton)/d; s/^torch==([0-9.]+).*/torch==\1/' | awk '!seen[$$0]++'
COMPILE := $(BIN)/uv pip compile --quiet --no-header --no-annotate --universal --python-version 3.11.5 pyproject.toml
lock: .venv/installed  ## resolve the dependencies of pyproject.toml again
	$(COMPILE) | $(PORTABLE) > requirements.lock.new
	mv requirements.lock.new requirements.lock
	$(COMPILE) --extra test -c requirements.lock | $(PORTABLE) | grep -vxFf requirements.lock > requirements-test.lock.new
	mv requirements-test.lock.new requirements-test.lock

readme: install  ## put the home page's figure into the README
	$(BIN)/press build index/journey
	cp .press/site/index/journey.webp .press/site/index/journey.dark.webp .github/

clean:  ## remove what was built, not what was installed
	rm -rf site .press
