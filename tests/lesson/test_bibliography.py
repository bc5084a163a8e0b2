"""The bibliography of the site: every entry complete and checked, every citation of every page in it."""

import re
from datetime import date
from pathlib import Path

import pytest

from lesson.citations import FILE, faults, read
from manuscript.lines import read as lines_of

ROOT = Path(__file__).parents[2]
SOURCES, FAULTS = read(ROOT / "docs/shelf" / FILE)
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def test_every_entry_is_complete():
    assert [f"{fault.line}: {fault.message}" for fault in FAULTS] == []
    assert len(SOURCES) >= 20


@pytest.mark.parametrize("key", SOURCES)
def test_an_entry_was_verified_and_leads_to_the_source(key):
    source = SOURCES[key]
    assert date(2026, 11, 1) <= source.verified <= date.today()
    assert re.fullmatch(r"https://(arxiv\.org/abs/\d{4}\.\d{4,5}|doi\.org/10\.\S+|jmlr\.org/papers/\S+)", source.url)
    assert 1900 < source.year <= source.verified.year
    if (
        "arxiv.org" in source.url
    ):  # a paper is not cited as older than its preprint, and venues are no more than two years later
        posted = 2000 + int(source.url.rsplit("/", 1)[1][:2])
        assert posted <= source.year <= posted + 2


def test_entries_stand_in_the_order_of_the_alphabet():
    assert list(SOURCES) == sorted(SOURCES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_citation_of_a_page_is_in_it(page):
    lines, _ = lines_of(page, [ROOT / "snippets", ROOT / ".press/site"])
    assert [f"{fault.line}: {fault.message}" for fault in faults(lines, SOURCES)] == []
