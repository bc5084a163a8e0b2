"""Touch each file of src/ in turn: exactly the figures that really read it are stale.

The oracle is a trace of the files that each run opened (`trace_reads.py`), not the import graph that the keys are made from.
`make test` traces one figure of each sort (its module, its recipes, picture or not); `make test-slow` traces all of them.
"""

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from press import keys
from press.build import Press, build
from press.catalog import Catalog, Entry
from press.project import Project

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path.relative_to(ROOT / "src").as_posix()
    for path in (ROOT / "src").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
)


def one_of_each(press: Press) -> dict[str, Entry]:
    """The figure of each sort that took least time when it was last built; of those never built, the shortest."""

    def cost(entry: Entry) -> tuple:
        return press.facts(entry).get("seconds", 1.0), entry.end - entry.line

    found: dict[tuple, Entry] = {}
    for entry in press.catalog.figures.values():
        sort = entry.module, entry.recipes, entry.picture
        if sort not in found or cost(entry) < cost(found[sort]):
            found[sort] = entry
    return {entry.name: entry for entry in found.values()}


@pytest.fixture(scope="module")
def read() -> dict[str, set[str]]:
    press = Press(Project(ROOT))
    return traced(press, one_of_each(press))


@pytest.fixture(scope="module")
def read_by_all() -> dict[str, set[str]]:
    press = Press(Project(ROOT))
    return traced(press, press.catalog.figures)


def traced(press: Press, figures: dict[str, Entry]) -> dict[str, set[str]]:
    """Figure → the files it opened when it ran, those of the recipes it stands on included."""
    entries = {**press.catalog.recipes, **figures}
    build(press, press.catalog.recipes)  # so that figures find them in the store
    jobs = {name: pickle.dumps(press.job(press.task(entry))) for name, entry in entries.items()}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("trace_reads.py"), ROOT / "src"],
        input=pickle.dumps(jobs),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    own = {name: set(files) for name, files in map(json.loads, done.stdout.decode().splitlines())}
    assert own.keys() == entries.keys()
    return {
        name: own[name].union(*(own[recipe.name] for recipe in press.catalog.closure(entry)))
        for name, entry in figures.items()
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Project:
    """A checkout to scribble in."""
    root = tmp_path_factory.mktemp("checkout")
    for name in FILES:
        (root / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "src" / name, root / "src" / name)
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    return Project(root)


def figure_keys(project: Project, names=None) -> dict[str, str]:
    catalog = Catalog.scan(project)
    return {
        name: keys.key(keys.parts(project, catalog, one, "cpu"))
        for name, one in catalog.figures.items()
        if names is None or name in names
    }


@pytest.mark.parametrize("name", FILES)
def test_exactly_the_figures_that_read_it_are_stale(name, read, copy):
    assert made_stale(name, copy, set(read)) == {one for one in read if name in read[one]}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_of_all_figures_exactly_those_that_read_it_are_stale(name, read_by_all, copy):
    assert made_stale(name, copy, set(read_by_all)) == {one for one in read_by_all if name in read_by_all[one]}


def made_stale(name: str, copy: Project, figures: set[str]) -> set[str]:
    """Those of the figures whose key changes when a file does."""
    path = copy.src / name
    before, content = figure_keys(copy, figures), path.read_bytes()
    try:
        path.write_bytes(content + (b"\n_touched = True\n" if path.suffix == ".py" else b"\n# touched\n"))
        after = figure_keys(copy, figures)
    finally:
        path.write_bytes(content)
    return {one for one in before if after[one] != before[one]}


def test_the_oracle_sees_something(read):
    """Every figure opens its own module, its theme and the worker, and no figure opens everything."""
    for name, files in read.items():
        assert f"figures/{name.rpartition('/')[0]}.py" in files and "press/worker.py" in files
        assert files < set(FILES)


def test_a_comment_in_every_file_makes_nothing_stale(copy):
    before = figure_keys(copy)
    for path in copy.src.rglob("*.py"):
        path.write_text(path.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert figure_keys(copy) == before
