"""The code on the pages can fail: change any one number, index, sign or operator in it, and its page goes red."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "core"))
from snippet_mutants import programs, verdicts

PROGRAMS = list(programs())


@pytest.mark.slow
@pytest.mark.parametrize("name, program", PROGRAMS, ids=[f"{n}-{p.pieces[0].block.opener.number}" for n, p in PROGRAMS])
def test_a_page_notices_a_changed_coefficient(name, program, capsys):
    found = verdicts(name, program)
    survivors = [str(verdict) for verdict in found if not verdict.noticed]
    with capsys.disabled():
        print(f"\n{name}: {len(found) - len(survivors)} of {len(found)} changes noticed; not:", *survivors, sep="\n  ")
    assert found, "there is nothing to change: does this program need a test?"
    assert len(survivors) <= 0.05 * len(found)
