"""Front matter: each value knows its line, and each fault is told with the file, the line and what to write instead."""

from pathlib import Path

import pytest

from lesson.front import check, read

CONCEPTS = ("forward process", "noise schedule", "score / denoiser")
KEYS = {"tier": "beginner", "concepts": "[noise schedule]", "needs": "[]", "minutes": "8"}
EXAMPLE = "tier: beginner, concepts: [noise schedule], needs: [], minutes: 8"


@pytest.fixture
def page(tmp_path) -> Path:
    return tmp_path / "page.md"


def said(page: Path, text: str, folder: str = "beginner") -> list[str]:
    """The faults of one page, `LINE: message`."""
    page.write_text(text, "utf-8")
    faults = check(read(page), folder, CONCEPTS)
    assert all(fault.file == page for fault in faults)
    return [f"{fault.line}: {fault.message}" for fault in faults]


def front(**changes: str | None) -> str:
    """A lesson whose keys stand from line 2 on, some of them changed, added or (None) left out."""
    lines = [f"{key}: {value}" for key, value in {**KEYS, **changes}.items() if value is not None]
    return "\n".join(["---", *lines, "---", "", "# Title", ""])


def test_each_value_knows_its_line(page):
    page.write_text(
        "\ufeff---\n# a remark\ntitle: A\n\nneeds:\n  - one\n\n  - two\nconcepts: [three,\n  four]\n---\n", "utf-8"
    )
    found = read(page)
    assert {key: (value.value, value.line) for key, value in found.values.items()} == {
        "title": ("A", 3),
        "needs": (["one", "two"], 5),
        "concepts": (["three", "four"], 9),
    }
    assert found.names("needs") == {"one": 6, "two": 8}
    assert found.names("concepts") == {"three": 9, "four": 10}
    assert found.names("title") == {} and found.line("tier") == 1 and not found.faults


@pytest.mark.parametrize("text", ["# Title\n", "", "---\ntier: beginner\n", "\n---\ntier: beginner\n---\n"])
def test_a_page_without_front_matter(page, text):
    assert said(page, text) == [f"1: this page has no front matter; say what it teaches, as in `{EXAMPLE}`"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "T", "description": "What, and why.", "hide": "[toc]"},
        {"needs": "[score / denoiser]", "concepts": "[]"},
        {"needs": "\n  - forward process\n  - noise schedule"},
    ],
)
def test_nothing_is_said_where_nothing_is_wrong(page, changes):
    assert said(page, front(**changes)) == []


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"tier": "begginer"}, "2: there is no rung 'begginer'; tier is one of beginner, intermediate, advanced, frontier"),
        ({"tier": "[beginner]"}, "2: there is no rung ['beginner']; tier is one of beginner, intermediate, advanced, frontier"),
        ({"tier": "frontier"}, "2: the tier is frontier, but the page stands in beginner/; change one of them"),
        ({"tier": None}, f"1: the front matter lacks tier; a lesson says `{EXAMPLE}`"),
        ({"needs": None, "minutes": None, "tier": None}, "1: the front matter lacks tier, needs and minutes; a lesson says"),
        ({"minutse": "8"}, "6: front matter has no key 'minutse'; did you mean 'minutes'?"),
        ({"colour": "red"}, "6: front matter has no key 'colour'; known: concepts, description, hide, minutes,"),
        ({"concepts": "[noise schedules]"}, "3: there is no concept 'noise schedules'; did you mean 'noise schedule'?"),
        ({"needs": "\n  - noise schedule\n  - cheese"}, "6: there is no concept 'cheese'; known: forward process, noise"),
        ({"concepts": "noise schedule"}, "3: concepts must be a list of concepts, such as `concepts: [noise schedule]`"),
        ({"needs": ""}, "4: needs must be a list of concepts, such as `needs: [noise schedule]`"),
        ({"needs": "[1]"}, "4: needs must be a list of concepts, such as `needs: [noise schedule]`"),
        ({"minutes": "0"}, "5: minutes must be a whole number above nought, not 0"),
        ({"minutes": "-3"}, "5: minutes must be a whole number above nought, not -3"),
        ({"minutes": "7.5"}, "5: minutes must be a whole number above nought, not 7.5"),
        ({"minutes": "yes"}, "5: minutes must be a whole number above nought, not True"),
        ({"minutes": "ten"}, "5: minutes must be a whole number above nought, not 'ten'"),
        ({"title": "T\ntier: advanced"}, "7: 'tier' stands twice in the front matter, first on line 2"),
        ({"title": "a: b"}, "6: the front matter is not YAML: mapping values are not allowed here"),
        ({"needs": "[noise schedule\nhide: [toc]"}, "5: the front matter is not YAML: expected ',' or ']', but got ':'"),
        ({"title": "2026-13-01"}, "6: the front matter is not YAML: month must be in 1..12"),
        ({"title": "\x00"}, "1: the front matter is not YAML: unacceptable character"),
        ({"title": "!!python/name:os.system"}, "6: the front matter is not YAML: could not determine a constructor for the tag"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(page, changes, message):
    (fault,) = said(page, front(**changes))
    assert fault.startswith(message)


def test_front_matter_that_is_a_list(page):
    assert said(page, "---\n- tier\n---\n") == ["2: the front matter must be lines of the form `key: value`"]


def test_a_tier_outside_the_folders_of_the_rungs(page):
    assert said(page, front(), folder="") == [
        "2: the tier is beginner, but the page stands in no folder of a rung; change one of them"
    ]


def test_every_fault_of_a_page_is_told_at_once(page):
    assert [one.partition(":")[0] for one in said(page, front(tier="x", concepts="[y]", minutes="0", z="1"))] == list(
        "2356"
    )
