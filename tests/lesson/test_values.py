"""Inline values: the right number in the right clothes wherever one may stand, and every slip told with its line."""

import re

import pytest
from rendering import NUMBERS, lines, reader, shelf, told

from lesson.values import NotBuilt, Values, faults, resolve, used, written

KINDS = dict.fromkeys(NUMBERS, "float") | {
    "intermediate/noise/steps": "int",
    "advanced/ddpm/steps": "int",
    "intermediate/noise/curves": "Figure",
}
TITLE = 'title="computed by intermediate/noise/{}"'
THIRD = f'<data class="dl-value" value="0.3617" {TITLE.format("third")}>'


@pytest.fixture
def folder(tmp_path):
    return shelf(tmp_path)


@pytest.fixture
def html(folder):
    return lambda text, **options: reader(folder, **options).convert(text)


# ---- What a number looks like ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "form", "prose", "plain", "formula"),
    [
        (4.035e-05, ".5f", "0.00004", "0.00004", "0.00004"),
        (4.035e-05, "", "4.035 × 10<sup>−5</sup>", "4.035 × 10⁻⁵", r"4.035\times 10^{-5}"),
        (2.5e11, ".1e", "2.5 × 10<sup>11</sup>", "2.5 × 10¹¹", r"2.5\times 10^{11}"),
        (-43.94, ".1f", "−43.9", "−43.9", "-43.9"),
        (0.3617, ".1%", "36.2\u00a0%", "36.2\u00a0%", r"36.2\,\%"),
        (-0.001, ".1f", "0.0", "0.0", "0.0"),
        (1797000, ",", "1,797,000", "1,797,000", "1{,}797{,}000"),
        (343, "d", "343", "343", "343"),
        (0.5, "+.1f", "+0.5", "+0.5", "+0.5"),
        (0.25, "", "0.25", "0.25", "0.25"),
    ],
)
def test_a_number_is_written_for_its_place(number, form, prose, plain, formula):
    assert [written(number, form, place) for place in ("prose", "plain", "formula")] == [prose, plain, formula]


@pytest.mark.parametrize(("number", "form"), [(0.5, "d"), (2, "x"), (2, "c"), (2, "*>5"), (0.5, "2f!"), (255, "#x")])
def test_a_format_that_writes_no_number(number, form):
    with pytest.raises(ValueError):
        written(number, form)


# ---- Where a number may stand -------------------------------------------------------------------------------------------
PLACES = {
    "prose": ("It ends at {{ third | .2f }}.", f"<p>It ends at {THIRD}0.36</data>.</p>"),
    "by its full name": ("{{ intermediate/noise/third | .2f }}", f"{THIRD}0.36</data>"),
    "by the end of its name": ("{{ ddpm/steps }}", ">50</data>"),
    "without a format": ("{{ third }}", f"{THIRD}0.3617</data>"),
    "bold, and touching signs": ("**{{ third | .2f }}**, (−{{ third | .0% }})", f"<strong>{THIRD}0.36</data></strong>"),
    "negative": ("{{ end_db | .1f }} dB", ">−43.9</data> dB"),
    "a table's cell": ("| a | b |\n|---|---|\n| {{ third | .2f }} | c |", f"<td>{THIRD}0.36</data></td>\n<td>c</td>"),
    "a formula": (r"$\bar\alpha = {{ third | .2f }}$", r'<span class="arithmatex">\(\bar\alpha = 0.36\)</span>'),
    "a formula of nothing else": ("${{ end_db | .1f }}$", r'<span class="arithmatex">\(-43.9\)</span>'),
    "a formula's group": (r"$\frac{{{ third | .2f }}}{2}$", r"\(\frac{0.36}{2}\)"),
    "a displayed formula": ("$$\nx = {{ linear_end }}\n$$", "\\[\nx = 4.03583\\times 10^{-5}\n\\]"),
    "alternative text": ("![Falls to {{ end_db | .0f }} dB.](x.svg)", 'alt="Falls to −44 dB."'),
    "a title": ('[a](x.md "ends at {{ third | .2f }}")', 'title="ends at 0.36"'),
    "raw HTML": ('<p title="{{ third | .2f }}">{{ third | .2f }}</p>', f'<p title="0.36">{THIRD}0.36</data></p>'),
    "a list": ("- one\n    - ( ) {{ third | .2f }}\n        - *a slip*: no", f"<li>( ) {THIRD}0.36</data>"),
    "a note": ('!!! myth "At {{ third | .2f }}"\n\n    It is {{ third | .2f }}.', f"<p>It is {THIRD}0.36</data>.</p>"),
    "a note's title": ('!!! myth "At {{ third | .2f }}"\n\n    x', f'title">At {THIRD}0.36</data></p>'),
    "a table in a note": (
        '??? note "N"\n\n    | a |\n    |---|\n    | {{ third | .2f }} |',
        f"<td>{THIRD}0.36</data></td>",
    ),
    "a footnote": ("x[^1]\n\n[^1]: {{ third | .2f }}", f"{THIRD}0.36</data>"),
    "a tab": ('=== "T"\n\n    {{ third | .2f }}', f"{THIRD}0.36</data>"),
    "code": ("`{{ third | .2f }}`", "<code>{{ third | .2f }}</code>"),
    "a fence": ("```text\n{{ third | .2f }}\n```", "{{ third | .2f }}"),
    "code by indentation": ("a\n\n    {{ third | .2f }} < 1", "<code>{{ third | .2f }} &lt; 1"),
    "a comment": ("a <!-- {{ third }} -->", "<!-- {{ third }} -->"),
    "TeX braces": ("${{x}}$", r"\({{x}}\)"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_value_in_its_place(html, place):
    text, expected = PLACES[place]
    page = html(text)
    assert expected in page
    assert not re.search("[\ue000-\uf8ff\x02\x03]", page)


def test_a_heading_and_its_entry_in_the_contents_are_plain(folder):
    md = reader(folder)
    page = md.convert("## Ends at *{{ third | .2f }}*\n\nText")
    assert '<h2 id="ends-at-036">Ends at <em>0.36</em>' in page and "dl-value" not in page
    assert (md.toc_tokens[0]["name"], md.toc_tokens[0]["html"]) == ("Ends at 0.36", "Ends at <em>0.36</em>")


def test_the_number_is_read_anew_for_each_page(folder):
    md = reader(folder)
    assert ">0.36<" in md.convert("{{ third | .2f }}")
    (folder / "numbers/intermediate/noise/third.value").write_text("0.41")
    assert ">0.41<" in md.reset().convert("{{ third | .2f }}")


def test_what_is_not_there_yet_fails_the_page_or_waits(folder, html):
    for text in ("{{ gone }}", "${{ gone }}$", "# {{ gone }}", "{{ steps }}"):
        with pytest.raises(NotBuilt, match="the value (gone|steps) is not there; run `press build`"):
            html(text)
    page = html("# {{ gone }}\n\nA {{ gone | .2f }} $x = {{ gone }}$ ![{{ gone }}](x.svg)", pending="…")
    assert '<span class="dl-value dl-value--pending" title="gone is not computed yet">…</span>' in page
    assert r"\(x = …\)" in page and 'alt="…"' in page and ">…<a" in page


def test_values_are_found_by_full_name_and_by_its_end(folder):
    values = Values(folder / "numbers")
    assert values["noise/steps"] == ("intermediate/noise/steps", 1000) and values.names() == sorted(NUMBERS)
    assert resolve("steps", ["a/steps", "steps"]) == "steps"
    for name in ("steps", "teps", "noise/", "Third"):
        with pytest.raises(LookupError):
            values[name]


# ---- What the linter says -----------------------------------------------------------------------------------------------
BY_HAND = (
    "{} typed by hand: write {{{{ name | format }}}} for a number that a function computes, cite the source of somebody "
    "else's on the same line, or say there why it stands in the text, <!-- number: reason -->"
)
FORM = "{!r} is no format for intermediate/noise/{}; for two decimals write .2f, for a share .1%, for a whole number d"
MISSPELT = "{} is not how a value is written; write {{{{ name | format }}}}, with blanks inside"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ linear_ends | .2f }}", "no value is called 'linear_ends'; did you mean intermediate/noise/linear_end?"),
        ("$x = {{ linear_ends }}$", "no value is called 'linear_ends'; did you mean intermediate/noise/linear_end?"),
        ("![{{ zzz }}](x.svg)", f"no value is called 'zzz'; known: {', '.join(sorted(NUMBERS))}"),
        ("{{ steps }}", "'steps' may be any of advanced/ddpm/steps, intermediate/noise/steps; write more of its name"),
        ("{{ curves }}", "intermediate/noise/curves returns Figure, which is not a number"),
        ("{{ third | 2x }}", FORM.format("2x", "third, which returns float")),
        ("{{ third | d }}", FORM.format("d", "third, which returns float")),
        ("{{ noise/steps | x }}", FORM.format("x", "steps, which returns int")),
        ("{{third}}", MISSPELT.format("{{third}}")),
        ("{{ third|.2f}}", MISSPELT.format("{{ third|.2f}}")),
        ("{{ third | .2f | x }}", MISSPELT.format("{{ third | .2f | x }}")),
        ("{{ a name }}", MISSPELT.format("{{ a name }}")),
        ("$x = {{third}}$", MISSPELT.format("{{third}}")),
        ("$x = {{y|z}}$", MISSPELT.format("{{y|z}}")),
    ],
)
@pytest.mark.parametrize("frame", ["\n{}", "\n!!! note\n    {}", "```\nx\n```\n\n- a\n    - {}", "<!--\n\n-->{}"])
def test_a_value_that_is_wrong(frame, text, message):
    page = frame.format(text.replace("{", "\1").replace("}", "\2")).replace("\1", "{").replace("\2", "}")
    line = page[: page.index(text)].count("\n") + 1
    assert told(faults(lines(page), KINDS)) == [f"page.md:{line}: {message}"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It ends at 0.36.", "0.36 is"),
        ("0.36, 60 % and 12.5%", "0.36, 60 %, 12.5% are"),
        ("33 percent, 6 per cent", "33 percent, 6 per cent are"),
        ("$\\bar\\alpha = 0.5$", "0.5 is"),
        ("$36\\%$ and $36\\,\\%$", "36\\%, 36\\,\\% are"),
        ("at −43.9 dB", "43.9 is"),
        ("a .5 of it", ".5 is"),
        ("1,234.5 of them", "1,234.5 is"),
        ("| 0.25 | b |", "0.25 is"),
        ("## Falls to 0.25", "0.25 is"),
        ("![Falls to 0.25.](x-0.3.svg)", "0.25 is"),
        ("[at 0.25](x.md#at-0.5)", "0.25 is"),
        ('!!! myth "At 0.25"', "0.25 is"),
        ("/// quiz | It is 0.25", "0.25 is"),
        ("- ( ) 0.25", "0.25 is"),
        ("(0.25)", "0.25 is"),
        ("**0.25**", "0.25 is"),
        ("Seen in §3.2: 0.25", "0.25 is"),
        ("0.25 as me@ho2020.org says", "0.25 is"),
        ("0.25 `<!-- number: no -->`", "0.25 is"),
        ("0.25 `@ho2020`", "0.25 is"),
        ("0.25 <!-- as @ho2020 says -->", "0.25 is"),
        ("{{ third | .2f }} is 0.36", "0.36 is"),
    ],
)
def test_a_number_typed_by_hand(text, numbers):
    assert told(faults(lines(f"a\n\n{text}\n"), KINDS)) == [f"page.md:3: {BY_HAND.format(numbers)}"]


@pytest.mark.parametrize(
    "text",
    [
        "1000 steps, step 260, a 3, 8 × 8, 2020, 10 dB, 3x, v1.2.3, x0.5, T=4.",
        "0.25 @ho2020",
        "[@ho2020, §4.25] 0.25",
        "0.25 <!-- number: an example -->",
        "$0.25$ <!--number: an example-->",
        "`0.25` and ``a 0.25 ` b``",
        "```\n0.25\n```",
        "~~~ python\n0.25\n~~~",
        "    ```\n    0.25\n    ```",
        "$$\nf = 0.008\n$$",
        "$$f = 0.008$$ and more",
        "\\[\nf = 0.008\n\\]",
        "[a](x-0.25.md) <https://a.org/0.25> https://a.org/0.25 <img src='0.25' alt=x>",
        "[ref]: https://a.org/0.25.html",
        "## Title { #at-0.25 .a }\n\nA {: style=0.25 }",
        "<!-- 0.25\n0.5 -->",
        "§3.2, § 3.2, Sec. 3.2, Eqs. 2.1, Table 4.2, App. D.5, arXiv:2006.11239, doi:10.1000/1.5",
        "/// quiz | A title\n    answer: 0.25\n    tolerance: 0.01\n\nText\n///",
        "$10^{-4}$ and $x_{0}$",
        "{{ third | .2f }} and ${{ third | .1% }}$",
    ],
)
def test_a_number_that_may_stand(text):
    assert told(faults(lines(text), KINDS)) == []


def test_options_end_where_the_body_begins():
    text = "/// quiz | A title\n    tolerance: 0.01\n\n    answer: 0.25\n///"
    assert told(faults(lines(text), KINDS)) == [f"page.md:4: {BY_HAND.format('0.25 is')}"]


def test_an_excuse_says_why_and_excuses_something():
    page = "0.25 <!-- number: -->\n\n0.25 <!-- number:   -->\nno number <!-- number: an example -->"
    silent = "this comment does not say why the number stands in the text: <!-- number: reason -->"
    idle = "this comment excuses a number, and there is none on its line; move it there, or delete it"
    assert told(faults(lines(page), KINDS)) == [f"page.md:1: {silent}", f"page.md:3: {silent}", f"page.md:4: {idle}"]


def test_an_excuse_holds_for_its_own_line_only():
    page = "0.25 <!-- number: an example -->\nand 0.5"
    assert told(faults(lines(page), KINDS)) == [f"page.md:2: {BY_HAND.format('0.5 is')}"]


def test_every_value_a_text_names():
    text = (
        "{{ a | .2f }} ${{ b/c }}$\n    answer: half_way\n    answer: 0.5\nvalue = \"linear_end\"\nvalue = 'x_y'\n{{d}}"
    )
    assert used(text) == {"a", "b/c", "half_way", "linear_end", "x_y"}
