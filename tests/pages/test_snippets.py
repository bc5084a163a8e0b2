"""A snippet file is a program that a reader can take home: run as it stands, it prints what its page shows."""

import subprocess
import sys
from pathlib import Path

import pytest

from codeblocks import output
from codeblocks.checks import Program, checks
from codeblocks.fences import parser
from manuscript.lines import sections

ROOT = Path(__file__).parents[2]
SNIPPETS = sorted((ROOT / "snippets").rglob("*.py"))


def name(file: Path) -> str:
    return file.relative_to(ROOT / "snippets").with_suffix("").as_posix()


def pieces(file: Path):
    """The blocks of its page that show this file, in the order of the page."""
    page = ROOT / "docs" / f"{name(file)}.md"
    found, _ = checks(parser(ROOT).parse(page), f"docs/{name(file)}.md", [])
    all_pieces = [piece for check in found if isinstance(check, Program) for piece in check.pieces]
    return [piece for piece in all_pieces if piece.block.lines and piece.block.lines[0].file == file]


@pytest.mark.parametrize("file", SNIPPETS, ids=name)
def test_each_section_is_shown_once_and_in_order(file):
    spans = sorted(sections(file.read_text("utf-8").split("\n")).values())
    shown = [piece.block.lines[0].number - 1 for piece in pieces(file)]
    assert shown == [start for start, _ in spans]


@pytest.mark.parametrize("file", SNIPPETS, ids=name)
def test_the_file_prints_what_its_page_shows(file, tmp_path):
    run = subprocess.run(
        [sys.executable, file], capture_output=True, text=True, encoding="utf-8", timeout=300, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    shown = [piece.output for piece in pieces(file) if piece.output]
    tolerance = max(map(output.tolerance, shown), default=0)
    assert output.difference("".join(fence.code for fence in shown), run.stdout, tolerance) is None
