"""Builds the site once, serves it under a sub-path, and runs each test on each of its pages."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

import checks
from browser import launch
from serve import serve

PREFIX = "/diffusion-ladder/"
PUBLIC = f"https://example.org{PREFIX}"
SITE = pytest.StashKey[Path]()
SAID = pytest.StashKey[str]()
FOLDER = pytest.StashKey[tempfile.TemporaryDirectory]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--site", metavar="DIR", help=f"check a site built before (with SITE_URL={PUBLIC}) instead of building"
    )


def built_site(config: pytest.Config) -> Path:
    """The folder of the built site; the first to ask builds it."""
    if SITE not in config.stash:
        given = config.getoption("--site", None)
        config.stash[SITE] = Path(given).resolve() if given else build(config)
    return config.stash[SITE]


def build(config: pytest.Config) -> Path:
    config.stash[FOLDER] = tempfile.TemporaryDirectory(prefix="diffusion-ladder-")
    folder = Path(config.stash[FOLDER].name) / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=checks.ROOT,
        env={**os.environ, "SITE_URL": PUBLIC, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise pytest.UsageError(f"`mkdocs build --strict` failed:\n{done.stdout}{done.stderr}")
    config.stash[SAID] = done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def said(pytestconfig: pytest.Config, site: checks.Site) -> list[str]:
    """The lines that building the site printed."""
    if SAID not in pytestconfig.stash:
        pytest.fail("the site was built elsewhere (--site): what that build said is not known")
    return pytestconfig.stash[SAID].splitlines()


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        config.stash[FOLDER].cleanup()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`page` runs over every page of sitemap.xml, `seen` over every page in every view.

    The published sources are all made by one template: the longest stands for them, the others are slow tests.
    """
    if not {"page", "seen"} & set(metafunc.fixturenames):
        return
    folder = built_site(metafunc.config)
    pages = checks.sitemap(folder, PUBLIC)
    sources = [page for page in pages if checks.is_source(page)]
    longest = max(sources, key=lambda page: checks.page_file(folder, page).stat().st_size, default=None)

    def case(page: str, *views: checks.View):
        marks = [pytest.mark.slow] if views and checks.is_source(page) and page != longest else []
        return pytest.param(
            (page, *views) if views else page, id="-".join([page or "home", *map(str, views)]), marks=marks
        )

    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", [case(page) for page in pages])
    else:
        views = [*checks.VIEWS, checks.PLAIN]
        metafunc.parametrize(
            "seen", [case(page, view) for page in pages for view in views], indirect=True, scope="module"
        )


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest):
    with serve(built_site(request.config), PREFIX, PUBLIC) as url:
        yield checks.Site(built_site(request.config), url, PUBLIC)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    file = checks.ROOT / "node_modules/axe-core/axe.min.js"
    assert file.is_file(), "axe-core is missing: run `npm ci`"
    return file.read_text("utf-8")


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, site: checks.Site, browser, axe: str) -> checks.Visit:
    """One page, opened once in one view; all questions are asked of the same visit."""
    page, view = request.param
    return checks.visit(browser, site.url + page, site.url, view, axe if view.javascript else None)
