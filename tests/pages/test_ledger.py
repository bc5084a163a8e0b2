"""The ledger: every line that opens a code block, in pages, README and what they include, is accounted for."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pytest_codeblocks import extract_from_file
from scratch_site import Site

from codeblocks.checks import OUTPUT, PYTHON, SHELL, Excused, blocks, checks, reviewed
from codeblocks.fences import parser
from manuscript.lines import read

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
LIST = ROOT / "tests/pages/reviewed.toml"
# Written without a look at the collector: any line whose first marks are three of either kind, in whatever stands around.
RAW = re.compile(r"^[\s>*+\-\d.)]*(`{3,}|~{3,})[^`]*$")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def raw_openers(page: Path) -> Counter:
    """(file, line) of each line that opens a block, found by counting marks: one that opens, one that closes."""
    lines, _ = read(page, parser(ROOT).rooms, includes=page != ROOT / "README.md")
    found, open_mark = Counter(), None
    for line in lines:
        if not (match := RAW.match(line.text)):
            continue
        if open_mark is None:
            found[line.file, line.number] += 1
            open_mark = match[1]
        elif match[1] == open_mark and line.text.rstrip().endswith(open_mark):
            open_mark = None
    assert open_mark is None, f"{name(page)}: the last {open_mark} is never closed"
    return found


def accounted(page: Path) -> tuple[Counter, Counter]:
    """(file, line) of each opener that is tested, and of each on the reviewed list."""
    found, faults = checks(parser(ROOT).parse(page), name(page), reviewed(LIST))
    assert faults == []
    tested, excused = Counter(), Counter()
    for check in found:
        (excused if isinstance(check, Excused) else tested).update(fence.place for fence in blocks(check))
    return tested, excused


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_opener_is_tested_or_on_the_list(page):
    tested, excused = accounted(page)
    assert raw_openers(page) == tested + excused


def test_the_list_names_only_blocks_that_are_there_and_none_is_python():
    used = [
        (name(page), next(line.text.strip() for line in check.block.lines if line.text.strip()))
        for page in PAGES
        for check in checks(parser(ROOT).parse(page), name(page), reviewed(LIST))[0]
        if isinstance(check, Excused) and check.block.lang not in PYTHON
    ]
    listed = [(entry["file"], entry["first"]) for entry in tomllib.loads(LIST.read_text("utf-8"))["block"]]
    assert sorted(used) == sorted(listed)


def test_nothing_that_pytest_codeblocks_would_run_is_lost(capsys):
    """It takes fences that say exactly `python`, `sh` or `bash`; ours takes these and more, and the difference is shown."""
    rows, alone = [], Counter()
    for page in PAGES:
        theirs = {(page, block.lineno) for block in extract_from_file(page) if block.syntax in ("python", "sh", "bash")}
        tested, excused = accounted(page)
        assert theirs <= set(tested + excused), name(page)
        found = parser(ROOT).parse(page).fences
        runs = [fence for fence in found if fence.lang in PYTHON | SHELL and fence.place in tested]
        shown = [fence for fence in found if fence.lang == OUTPUT]
        alone.update(theirs)
        rows.append(f"{name(page):44s} {len(theirs & set(tested)):6d} {len(runs):6d} {len(shown):8d} {len(excused):7d}")
    with capsys.disabled():
        print(f"\n{'page':44s} theirs   ours  outputs  listed", *rows, sep="\n")
    assert alone


@pytest.mark.parametrize(
    "text, words",
    [
        ('[[block]]\nfile = "docs/a.md"\nfirst = "x"\n', "an entry has file, first and reason"),
        ('[[block]]\nfile = "docs/a.md"\nfirst = "x"\nreason = " "\n', "an entry has file, first and reason"),
    ],
)
def test_an_entry_without_a_reason_is_refused(tmp_path, text, words):
    site = Site(tmp_path)
    site.write("reviewed.toml", text)
    assert words in site.pytest().stdout


def test_an_include_by_file_is_read_as_the_renderer_reads_it(tmp_path):
    """Were our reading of the includes to differ from the renderer's, every line number would be wrong."""
    for page in PAGES[:-1]:
        found = parser(ROOT)
        assert found._misread(page, read(page, found.rooms)[0]) == []
