"""A myth is one text: in its box, in the list of all, and in its table, which is linted too."""

import pytest
from lesson_page import rendered, said, site

from lesson.shelf import Lesson
from lesson.values import SUFFIX

ROWS = r"""
[first]
said = "DDPM is $x_1$."
holds = "It is *not*: {{ end | .2f }}.\n\nSee $\\alpha$."
page = "one/page"
errata = [1, 2]
value = "end"

[second]
said = "Pictures are made."
holds = "Found."
page = "planned"
"""
FILES = {
    "docs/shelf/myths.toml": ROWS,
    "docs/shelf/myths.md": "/// myths\n///\n",
    "docs/one/page.md": "---\ntitle: Page One\n---\n\n# Other\n\n/// myth | first\n///\n",
    f"values/a/b/end{SUFFIX}": "0.125",
}


def faults(tmp_path, **changed):
    files = {**FILES, **changed}
    told = said(tmp_path, site(tmp_path, files))
    return [one for one in told if "no value is called" not in one[1]]  # the press knows the values


def test_a_box(tmp_path):
    site(tmp_path, FILES)
    page = rendered(tmp_path, "/// myth | first\n///")
    assert '<div class="admonition myth" id="myth-first">' in page
    assert r'<p class="admonition-title">Myth: DDPM is <span class="arithmatex">\(x_1\)</span></p>' in page
    assert 'It is <em>not</em>: <data class="dl-value" value="0.125"' in page and ">0.12</data>.</p>" in page
    assert r'<p>See <span class="arithmatex">\(\alpha\)</span>.</p>' in page
    assert "Myth: pictures are made</p>" in rendered(tmp_path, "/// myth | second\n///")


def test_the_list(tmp_path):
    site(tmp_path, FILES)
    page = rendered(tmp_path, "/// myths\n///")
    assert page.count('class="dl-myth"') == 2
    assert '<a href="../one/page.md#myth-first">Page One</a>' in page
    assert "planned" not in page  # that page is not there yet


def test_sound_tables_are_left_in_peace(tmp_path):
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "old, new, line, words",
    [
        ('said = "DDPM is $x_1$."\n', "", 2, "this myth has no 'said'"),
        ('page = "planned"', 'paeg = "planned"', 9, "unknown key 'paeg'; known: errata, holds, page, said, value"),
        ("errata = [1, 2]", "errata = 1", 2, "errata is 1; write a list of numbers"),
        ('holds = "Found."', 'holds = " "', 9, "this myth has no 'holds'"),
        ('page = "planned"', 'page = "one/page"', 9, "one/page does not show this myth; write '/// myth | second' there"),
        ('page = "planned"', 'page = ', 12, "not TOML"),
    ],
)  # fmt: skip
def test_a_fault_of_the_table_is_told_with_its_line(tmp_path, old, new, line, words):
    assert old in ROWS
    told = faults(tmp_path, **{"docs/shelf/myths.toml": ROWS.replace(old, new)})
    assert any(where == f"docs/shelf/myths.toml:{line}" and words in message for where, message in told), told


def test_what_a_row_says_is_linted_too(tmp_path):
    rows = ROWS.replace("Found.", "Found by @nobody2020, {{ strat | .2f }} or 0.25 of it.").replace('"end"', '"endd"')
    site(tmp_path, {**FILES, "docs/shelf/myths.toml": rows})
    told = said(tmp_path, Lesson(tmp_path / "docs/shelf", tmp_path / "values", tmp_path, {"a/b/end": "float"}))
    assert [where for where, _ in told] == [f"docs/shelf/myths.toml:{line}" for line in (2, 11, 11)], told
    assert "value: no value is called 'endd'; did you mean" in told[0][1]
    assert "no source has the key 'nobody2020'" in told[1][1] and "no value is called 'strat'" in told[2][1]


def test_a_source_that_a_myth_cites_is_listed_on_its_page(tmp_path):
    row = ROWS.replace("See", "See @known2020 and")
    book = '[known2020]\nauthors = ["A. Known"]\ntitle = "T"\nvenue = "V"\nyear = 2020\n'
    book += 'url = "https://example.org/t"\nverified = 2026-01-01\n'
    cited = {"docs/shelf/myths.toml": row, "docs/shelf/bibliography.toml": book}
    assert [where for where, message in faults(tmp_path, **cited) if "does not list it" in message] == [
        "docs/one/page.md:7"
    ]
    listed = {"docs/one/page.md": FILES["docs/one/page.md"] + "\n/// sources\n///\n"}
    assert not [message for _, message in faults(tmp_path, **cited, **listed) if "list it" in message]


def test_a_myth_has_one_box(tmp_path):
    twice = FILES["docs/one/page.md"] + "\n/// myth | first\n///\n"
    assert faults(tmp_path, **{"docs/one/page.md": twice}) == [
        ("docs/one/page.md:10", "the myth 'first' has a box already: page.md, line 7")
    ]
