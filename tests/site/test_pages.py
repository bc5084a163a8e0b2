"""Every page of the sitemap, offline and in the browser."""

import checks
import pytest
from checks import Site
from mkdocs.utils.yaml import yaml_load

HOSTS = set((checks.ROOT / "tests/site/external_hosts.txt").read_text().split())


def nav_pages(entry) -> list[str]:
    """The Markdown files of a nav, in order."""
    if isinstance(entry, str):
        return [entry]
    return [file for child in (entry.values() if isinstance(entry, dict) else entry) for file in nav_pages(child)]


def address(file: str) -> str:
    return file.removesuffix(".md").removesuffix("index") + ("" if file.endswith("index.md") else "/")


def test_sitemap_is_the_nav_and_the_sources(site: Site):
    with (checks.ROOT / "mkdocs.yml").open(encoding="utf-8") as config:
        nav = {address(file) for file in nav_pages(yaml_load(config)["nav"])}
    pages = checks.sitemap(site.folder, site.public)
    sources = [page for page in checks.built(site.folder) if checks.is_source(page)]
    assert pages == checks.built(site.folder)
    assert len(pages) == len(nav) + len(sources)
    assert set(pages) == nav | set(sources)


def test_every_written_page_is_in_the_sitemap(site: Site):
    docs = checks.ROOT / "docs"
    written = {address(file.relative_to(docs).as_posix()) for file in docs.rglob("*.md")}
    assert written <= set(checks.sitemap(site.folder, site.public))


def test_links_resolve(page: str, site: Site):
    docs = checks.ROOT / "docs"
    broken = checks.broken_links(site.folder, site.public, page, HOSTS)
    assert not [f"{checks.place(docs, page, link)}: {link}: {why}" for link, why in broken]


def test_pictures_have_alternative_text(page: str, site: Site):
    document = checks.document(checks.page_file(site.folder, page))
    assert not [checks.place(checks.ROOT / "docs", page, picture) for picture in document.nameless]


def test_style_sheets_resolve(site: Site):
    assert not list(checks.broken_style(site.folder))


@pytest.mark.parametrize("question", checks.QUESTIONS)
def test_page(seen: checks.Visit, question: str):
    assert not checks.QUESTIONS[question](seen)
