"""Citations: how they read, what they say when asked, where they stay words, and every slip told with its line."""

import re
from pathlib import Path

import pytest
from rendering import BIBLIOGRAPHY, lines, reader, shelf, told

from lesson.citations import FILE, Source, family, faults, read

KEYS = ["ho2020", "maaten2022", "nichol2021", "song2021ddim", "song2021sde"]
SOURCES = "\n\n/// sources\n///\n"


@pytest.fixture
def html(tmp_path):
    folder = shelf(tmp_path)
    return lambda text: reader(folder).convert(text)


def words(page: str) -> str:
    """What a reader sees before asking: the page without its notes and tags."""
    page = re.sub(r'<span[^>]*class="dl-cite__note"[^>]*>.*?</a>\.</span>', "", page)
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


# ---- How they read -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@ho2020 let it rise.", "Ho et al. (2020) let it rise."),
        ("So say @nichol2021.", "So say Nichol &amp; Dhariwal (2021)."),
        ("See @maaten2022, too", "See van der Maaten (2022), too"),
        ("(@ho2020)", "(Ho et al. (2020))"),
        ("It rises [@ho2020].", "It rises (Ho et al., 2020)."),
        ("[@ho2020, §3.2]", "(Ho et al., 2020, §3.2)"),
        ("[@ho2020, Eqs. 2, 4; @nichol2021]", "(Ho et al., 2020, Eqs. 2, 4; Nichol &amp; Dhariwal, 2021)"),
        ("[ @ho2020 ;@nichol2021, §1 ]", "[ Ho et al. (2020) ;Nichol &amp; Dhariwal (2021), §1 ]"),
        ("[@ho2020, Eq. `7` of *it*]", "(Ho et al., 2020, Eq. 7 of it)"),
        ("[@ho2020; @song2021ddim]", "(Ho et al., 2020; Song et al., 2021)"),
        ("@song2021sde, @song2021ddim, @song2021sde", "Song et al. (2021a), Song et al. (2021b), Song et al. (2021a)"),
        ("[@song2021ddim; @song2021sde]", "(Song et al., 2021a; Song et al., 2021b)"),
        ("**@ho2020**", "Ho et al. (2020)"),
        ("| a |\n|---|\n| @ho2020 [@ho2020, p. 1] |", "a Ho et al. (2020) (Ho et al., 2020, p. 1)"),
        ("- a\n    - @ho2020", "a Ho et al. (2020)"),
        ("!!! note\n\n    @ho2020", "Note Ho et al. (2020)"),
    ],
)
def test_a_citation_in_words(html, text, expected):
    assert words(html(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "me@ho2020.org",
        "a.b@ho2020",
        "@ho2020.org",
        "@ho2020@mastodon.org",
        "`@ho2020`",
        "`[@ho2020]`",
        "```python\n@ho2020\ndef f(): ...\n```",
        "$@ho2020$",
        "@dataclass",
        "@ho",
        "https://a.org/@ho2020",
        "[a](https://a.org/@ho2020)",
        "[a](https://a.org/?by=@ho2020&@nichol2021#@ho2020)",
        "<https://a.org/?by=@ho2020>",
        "<me@ho2020.org>",
        "<!-- @ho2020 -->",
        "@@ho2020",
        "@HO2020",
    ],
)
def test_what_is_no_citation(html, text):
    assert "dl-cite" not in html(text)
    assert faults(lines(text), KEYS) == []


def test_code_by_indentation_holds_no_citation(html):
    assert "dl-cite" not in html("a\n\n    @ho2020")


@pytest.mark.parametrize("text", ["# By @ho2020", "[see @ho2020](x.md)", "[@ho2020](x.md)", "![@ho2020](x.svg)"])
def test_where_nothing_can_be_focused_a_citation_is_words(html, text):
    page = html(text)
    assert "Ho et al. (2020)" in page and "tooltip" not in page and "tabindex" not in page and "data-source" not in page


# ---- What they say when asked --------------------------------------------------------------------------------------------
def test_a_note_is_announced_and_reachable_by_keyboard(html):
    page = html("@ho2020 and [@ho2020; @nichol2021]")
    ids = re.findall(r'aria-describedby="([^"]+)"', page)
    assert ids == ["cite-1", "cite-2", "cite-3"]
    for one in ids:
        assert re.search(rf'<span class="dl-cite__note"[^>]* id="{one}" role="tooltip">', page)
    assert page.count('tabindex="0"') == 3 and page.count("data-search-exclude") == 3
    note = (
        "J. Ho, A. Jain, P. Abbeel: <cite>Denoising Diffusion Probabilistic Models</cite>. NeurIPS 2020. "
        '<a href="https://arxiv.org/abs/2006.11239">arXiv:2006.11239</a>.</span>'
    )
    assert page.count(note) == 2
    assert "<cite>Improved &lt;DDPM&gt; &amp; more</cite>" in page and ">doi:10.1000/182</a>" in page


def test_sources_lists_what_the_page_cites_in_order_of_first_citation(html):
    page = html("A [@song2021sde; @nichol2021].\n\n- @ho2020, @nichol2021, @song2021ddim" + SOURCES)
    items = re.findall(r'<li id="source-(\w+)">(.*?)</li>', page)
    assert [key for key, _ in items] == ["song2021sde", "nichol2021", "ho2020", "song2021ddim"]
    assert words(items[0][1]).startswith("Song et al. (2021a). Y. Song, J. Sohl-Dickstein, B. Poole: Score-Based")
    assert words(items[1][1]).endswith("& more. ICML 2021. doi:10.1000/182. With code.".replace("&", "&amp;"))
    assert words(items[3][1]).startswith("Song et al. (2021b). J. Song")
    assert "///" not in page


@pytest.mark.parametrize(
    ("number", "expected"),
    [(8, "A. A, A. B, A. C, A. D, A. E, A. F, A. G, A. H: "), (9, "A. A, A. B, A. C, et al.: ")],
)
def test_of_many_authors_three_are_named(tmp_path, number, expected):
    names = ", ".join(f'"A. {letter}"' for letter in "ABCDEFGHI"[:number])
    many = BIBLIOGRAPHY.replace("[ho2020]", "[a2020]").replace('"J. Ho", "A. Jain", "P. Abbeel"', names)
    page = reader(shelf(tmp_path, many)).convert("@a2020" + SOURCES)
    assert page.count(expected) == 2


def test_sources_stands_wherever_it_is_put_and_lists_footnotes_too(html):
    page = html("/// sources\n\n///\n\nA note.[^1]\n\n[^1]: By @ho2020 and @maaten2022.\n")
    assert re.findall(r'<li id="source-(\w+)">', page) == ["ho2020", "maaten2022"]
    assert "ICML 2023. <a" in page and ">example.org</a>" in page


def test_headings_and_contents_hold_words_only(tmp_path):
    md = reader(shelf(tmp_path))
    md.convert("## After @ho2020\n\nText")
    assert md.toc_tokens[0]["name"] == "After Ho et al. (2020)" and md.toc_tokens[0]["id"] == "after-ho-et-al-2020"


# ---- What the linter says of a page ----------------------------------------------------------------------------------------
KNOWN = "known: ho2020, maaten2022, nichol2021, song2021ddim, song2021sde"
NO_KEY = "no source has the key {!r} in bibliography.toml; {}"
FORM = "[{}] is not how sources are cited; write [@key, place; @key], a key as in ho2020"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@ho2021", NO_KEY.format("ho2021", "did you mean ho2020 or nichol2021?")),
        ("[@ho2020; @zzz1999, §3]", NO_KEY.format("zzz1999", KNOWN)),
        ("[@song2021]", NO_KEY.format("song2021", "did you mean song2021sde or song2021ddim?")),
        ("[@ho]", FORM.format("@ho")),
        ("[@ho2020, ]", FORM.format("@ho2020, ")),
        ("[@ho2020 §3]", FORM.format("@ho2020 §3")),
        ("[@ho2020, §3; nichol2021]", FORM.format("@ho2020, §3; nichol2021")),
    ],
)
@pytest.mark.parametrize("frame", ["\n{}", "- a\n\n    ```\n    x\n    ```\n\n    - {}", "| a |\n|---|\n| {} |"])
def test_a_citation_that_is_wrong(frame, text, message):
    page = frame.format(text) + SOURCES
    line = page[: page.index(text)].count("\n") + 1
    assert told(faults(lines(page), KEYS)) == [f"page.md:{line}: {message}"]


def test_a_page_that_cites_and_lists_nothing():
    message = "this page cites sources and does not list them; end it with the lines `/// sources` and `///`"
    assert told(faults(lines("a\n\nSo @ho2020.\n\n[@ho2020]"), KEYS)) == [f"page.md:3: {message}"]
    assert told(faults(lines("a\n\nSo @ho2020.\n\n```\n/// sources\n///\n```"), KEYS)) == [f"page.md:3: {message}"]
    assert faults(lines("So @ho2020." + SOURCES), KEYS) == []
    assert faults(lines("No citation"), KEYS) == []


# ---- What it says of the bibliography ----------------------------------------------------------------------------------------
def test_a_bibliography_without_fault(tmp_path):
    sources, found = read(shelf(tmp_path) / "shelf" / FILE)
    assert sorted(sources) == KEYS and found == []
    assert sources["ho2020"].names == "Ho et al." and isinstance(sources["ho2020"], Source)
    assert read(tmp_path / "none.toml") == ({}, [])


URL = "url of ho2020 must be the https address of the source itself"
AUTHORS = "authors of ho2020 must be a list of names"
DATE = "verified of ho2020 must be a date without quotes, as 2026-11-21"
FIELDS = "authors, note, title, url, venue, verified, year"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("verified = 2026-11-21\n\n[nichol", "\n[nichol", "ho2020 lacks verified"),
        ('venue    = "NeurIPS"\nyear     = 2020\n', "", "ho2020 lacks venue, year"),
        ('venue    = "NeurIPS"', 'venue = ""', "ho2020 lacks venue"),
        ("2020\nurl", '"2020"\nurl', "year of ho2020 must be a number"),
        ("= 2026-11-21\n\n[nichol", '= "2026-11-21"\n\n[nichol', DATE),
        ("= 2026-11-21\n\n[nichol", "= 2026-11-21T10:00:00\n\n[nichol", DATE),
        ('"https://arxiv.org/abs/2006', '"http://arxiv.org/abs/2006', URL),
        ('https://arxiv.org/abs/2006.11239', "https://arxiv.org/", URL),
        ('["J. Ho", "A. Jain", "P. Abbeel"]', '"J. Ho"', AUTHORS),
        ('["J. Ho", "A. Jain", "P. Abbeel"]', '["J. Ho", "Jain, A."]', AUTHORS + " with initials, as J. Ho"),
        ('["J. Ho", ', '["B. Ko", ', "ho2020 must begin with the first author's family name, ko"),
        ("= 2020\n", "= 2021\n", "ho2020 must hold the year of the entry, 2021"),
        ("title    = \"Denoising Diffusion P", "titel = \"a\"\ntitle = \"P", f"ho2020 has a field 'titel'; known: {FIELDS}"),
        ("[ho2020]", "[ho-2020]", "'ho-2020' is no key; write family name, year and, if need be, a word, as in song2021sde"),
    ],
)  # fmt: skip
def test_a_fault_of_the_bibliography(tmp_path, old, new, message):
    assert BIBLIOGRAPHY.count(old) >= 1
    file = shelf(tmp_path, BIBLIOGRAPHY.replace(old, new, 1)) / "shelf" / FILE
    sources, found = read(file)
    assert told(found) == [f"{file}:2: {message}"]
    assert sorted(sources) == KEYS[1:]


def test_one_source_under_two_keys(tmp_path):
    twice = BIBLIOGRAPHY.replace("2010.02502", "2006.11239")
    file = shelf(tmp_path, twice) / "shelf" / FILE
    line = twice[: twice.index("[song2021ddim]")].count("\n") + 1
    assert told(read(file)[1]) == [f"{file}:{line}: song2021ddim and ho2020 have the same address; keep one of them"]


def test_a_bibliography_that_is_not_toml(tmp_path):
    file = shelf(tmp_path, "[ho2020]\nauthors = [\n\ntitle = 3\n") / "shelf" / FILE
    sources, (fault,) = read(file)
    assert sources == {} and fault.line in (3, 4) and fault.message.startswith("not TOML: ")
    file = shelf(tmp_path, "a = 1\n" + BIBLIOGRAPHY) / "shelf" / FILE
    assert told(read(file)[1]) == [f"{file}:1: a stands outside any entry; an entry begins with a line [key]"]


@pytest.mark.parametrize(
    ("author", "name"),
    [("J. Ho", "Ho"), ("B. D. O. Anderson", "Anderson"), ("L. van der Maaten", "van der Maaten"), ("J.-M. Bismut", "Bismut"),
     ("J. Sohl-Dickstein", "Sohl-Dickstein"), ("Plato", "Plato")],
)  # fmt: skip
def test_family_names(author, name):
    assert family(author) == name


def test_the_style_sheet_hides_notes_until_asked_and_in_print():
    css = (Path(__file__).parents[2] / "docs/assets/lesson-citations.css").read_text("utf-8")
    assert re.search(r"\.dl-cite__note \{ display: none;", css)
    assert ":is(:hover, :focus-within) > .dl-cite__note { display: block; }" in css
    assert re.search(r"@media print \{[^}]*\.dl-cite__note \{ display: none; \}", css)
