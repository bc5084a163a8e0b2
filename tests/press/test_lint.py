"""The linter: each fault told with the line it was written on, and nothing said where nothing is wrong."""

import pytest

from manuscript.lines import escaped, sections
from press.catalog import Catalog
from press.pages import images, lint, shown, unused

SNIPPET = "# --8<-- [start:first]\nx = 1\n# --8<-- [end:first]\n# --8<-- [start:second]\ny = 2\n# --8<-- [end:second]\n"


@pytest.fixture
def lines(desk):
    """What the linter says of one page, `FILE:LINE: message`."""
    desk.write("snippets/one/page.py", SNIPPET + "# --8<-- [start:open]\n")

    def run(text: str, name: str = "one/page.md") -> list[str]:
        (desk.project.docs / name).parent.mkdir(parents=True, exist_ok=True)
        (desk.project.docs / name).write_text(text, "utf-8")
        faults = lint(desk.project, Catalog.scan(desk.project))
        return [str(fault).replace(f"{desk.project.root}/", "") for fault in faults]

    return run


BY_LINE = "{!r} includes by line number, which moves when the file is edited; name a section"
NO_ALT = "the image {} has no alternative text; say what it shows to somebody who cannot see it"


@pytest.mark.parametrize(
    "text, line, src",
    [
        ("![](page/parabola.svg)", 1, "page/parabola.svg"),
        ("---\ntitle: T\n---\n\nText ![  ](page/parabola.svg)", 5, "page/parabola.svg"),
        ("\n\n![][pic]\n\n[pic]: page/parabola.svg 'Title'", 3, "page/parabola.svg"),
        ("![ ] [pic]\n\n[pic]: <page/parabola.svg>", 1, "page/parabola.svg"),
        ("Text\n<img\n src='parabola.svg'>", 2, "parabola.svg"),
        ('<img src="parabola.svg" alt="" data-alt="x">', 1, "parabola.svg"),
        ("> - ![](page/parabola.svg){ .wide }", 1, "page/parabola.svg"),
        ('![](<page/parabola.svg> "Title")', 1, "page/parabola.svg"),
        ("![](https://example.org/x(1).png)", 1, "https://example.org/x(1).png"),
        ("```\ncode\n```\n\n[![](page/parabola.svg)](#x)", 5, "page/parabola.svg"),
    ],
)
def test_an_image_without_alternative_text(lines, text, line, src):
    assert lines(text) == [f"docs/one/page.md:{line}: {NO_ALT.format(src)}"]


@pytest.mark.parametrize(
    "text",
    [
        "![A](page/parabola.svg)",
        "![A [nested] $x_{[t]}$ alt](page/parabola.svg){ width=300 }",
        "![A text\nover two lines](page/dots.webp 'Title')",
        "![A][pic] and ![Pic][] and ![pic]\n\n[pic]: page/parabola.svg",
        "<img alt=A src=parabola.svg>",
        "![A](../one/page/parabola.svg?x#only-light)",
        "![A](photo.png)",
        "`![](x.svg)` and ``![`](x.svg)`` and \\![](x.svg)",
        "```\n![](x.svg)\n```\n",
        "````md\n```\n![](x.svg)\n```\n````\n",
        "~~~ python\n![](x.svg)\n~~~\n",
        "    ```\n    ![](x.svg)\n    ```\n",
        "> ```\n> ![](x.svg)\n> ```\n",
        "<!-- ![](x.svg)\n\n<img> -->",
        "![not an image",
        "5![] is not an image, [x]![y] neither",
        "``` one line of ticks ``` is no fence",
        "---\nimage: ![](x.svg)\n---\n",
    ],
)
def test_nothing_is_said_where_nothing_is_wrong(desk, lines, text):
    desk.write("docs/one/photo.png", "")
    assert lines(text) == []


@pytest.mark.parametrize(
    "text, message",
    [
        ("![A](page/parbola.svg)", "there is no figure page/parbola.svg; did you mean page/parabola.svg?"),
        ("![A](page/zzz.svg)", "there is no figure page/zzz.svg; known: page/dots.webp, page/parabola.svg"),
        (
            "![A](../two/page/parabola.svg)",
            "there is no figure ../two/page/parabola.svg; did you mean page/parabola.svg?",
        ),
        ("![A](pages/parabola.svg)", "there is no figure pages/parabola.svg; did you mean page/parabola.svg?"),
        ("![A](nowhere.png)", "there is no file nowhere.png"),
        ("![A](page/dots.svg)", "page/dots.svg is not what to show: link page/dots.webp"),
        ("![A](page/parabola.webp)", "page/parabola.webp is not what to show: link page/parabola.svg"),
        (
            "![A](page/parabola.dark.svg)",
            "page/parabola.dark.svg is not what to show: link page/parabola.svg; "
            "the one for the other colour scheme comes by itself",
        ),
        ("![A](../two/page/numbers.json)", "two/page/numbers returns dict, which is not a picture"),
        (
            '<img src="page/parabola.svg" alt="A">',
            "there is no figure page/page/parabola.svg; did you mean page/parabola.svg?",
        ),
    ],
)
def test_an_image_that_points_to_no_picture(lines, text, message):
    assert lines(f"\n{text}") == [f"docs/one/page.md:2: {message}"]


@pytest.mark.parametrize(
    "text, message",
    [
        ('--8<-- "one/page.py:third"', "one/page.py has no section 'third'; known: first, second"),
        ('--8<-- "one/page.py:open"', "section 'open' of one/page.py has no end; known: first, second"),
        ('--8<-- "one/pag.py"', "there is no file 'one/pag.py' to include; did you mean one/page.py?"),
        ("  -8<- 'x:first'", "there is no file 'x' to include; known: one/page.py"),
        ('--8<-- "one/page.py:3:9"', BY_LINE.format("one/page.py:3:9")),
        ('--8<-- "one/page.py:3"', BY_LINE.format("one/page.py:3")),
        ('--8<-- "one/page.py:-1,4:"', BY_LINE.format("one/page.py:-1,4:")),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "```python\n{}\n```", "<!--\n{}\n-->", "--8<--\n{}\n\n--8<--"])
def test_an_include_that_fails(lines, frame, text, message):
    if frame.startswith("--8<--"):
        text = text.split("8<-")[1].strip("- \"'")
    page = f"---\ntitle: T\n---\n{frame.format(text)}\n"
    line = page[: page.index(text)].count("\n") + 1
    assert lines(page) == [f"docs/one/page.md:{line}: {message}"]


@pytest.mark.parametrize(
    "text",
    [
        '```python\n--8<-- "one/page.py:first"\n```\n',
        "```python\n--8<--\none/page.py:first\n\none/page.py:second\n--8<--\n```\n",
        "--8<--\n; nowhere.py\n--8<--\n",
        '--8<-- ";nowhere.py"',
        ';--8<-- "nowhere.py"',
        ";--8<--\nnowhere.py\n;--8<--",
        'the line `--8<-- "nowhere.py"` includes nothing',
        '--8<-- "one/text.md"',
    ],
)
def test_an_include_that_works(desk, lines, text):
    desk.write("src/figures/one/text.py", 'def text() -> str:\n    return ""\n')
    assert lines(text.replace("one/text.md", "one/text/text.md")) == []


def test_what_is_included_is_part_of_the_page(desk, lines):
    desk.write("snippets/note.md", "A note\n\n![](page/parabola.svg)\n\n```\n")
    assert lines('Text\n\n--8<-- "note.md"\n\nMore\n') == [
        f"snippets/note.md:3: {NO_ALT.format('page/parabola.svg')}",
        "snippets/note.md:5: this code fence is never closed; end it with a line ```",
    ]


def test_a_file_that_includes_itself_ends(desk, lines):
    desk.write("snippets/a.md", '--8<-- "b.md"\n')
    desk.write("snippets/b.md", '--8<-- "a.md"\n![](page/parabola.svg)\n')
    assert lines('--8<-- "a.md"') == [f"snippets/b.md:2: {NO_ALT.format('page/parabola.svg')}"]


@pytest.mark.parametrize(
    "text, line, fence",
    [
        ("Text\n\n```python\nx = 1\n", 3, "```"),
        ("````\n```\n", 1, "````"),
        ("```\n~~~\n", 1, "```"),
        ("- item\n\n    ```\n    x\n\nText that is indented less\n\n```\nclosed\n```\n", 3, "```"),
        ("```\n````\n", 1, "```"),
    ],
)
def test_a_fence_that_is_never_closed(lines, text, line, fence):
    assert f"docs/one/page.md:{line}: this code fence is never closed; end it with a line {fence}" in lines(text)


def test_every_page_is_read_and_faults_are_sorted(lines):
    lines("![](a.png)\n\n![](b.png)", "two/page.md")
    found = lines("![](c.png)", "one/page.md")
    places = [fault.split(": ")[0] for fault in found]  # each image lacks its text and its file
    assert places == [
        f"docs/{place}" for place in ("one/page.md:1", "two/page.md:1", "two/page.md:3") for _ in range(2)
    ]
    assert len(lines("x", ".hidden/page.md")) == len(found)


def test_pictures_that_no_page_shows(desk):
    desk.write("docs/one/page.md", "![A](page/parabola.svg)\n")
    desk.write("docs/two/page.md", "![A](../one/page/parabola.svg) <!-- ![B](../one/page/dots.webp) -->\n")
    catalog = Catalog.scan(desk.project)
    assert shown(desk.project, catalog) == {"one/page/parabola": ["one/page.md", "two/page.md"]}
    (message,) = unused(desk.project, catalog)
    entry = catalog["one/page/dots"]
    assert (message.file, message.line) == (entry.file, entry.line)
    assert "one/page/dots.webp" in message.message


def test_images_know_where_they_lead(desk):
    file = desk.write(
        "docs/a/index.md", "![A](x.svg)\n<img alt=B src=x.svg>\n\n![C](https://example.org/x.svg)\n![D](/x.svg)\n"
    )
    found = [(image.alt, image.target, image.line) for image in images(desk.project, file)]
    assert found == [("A", "a/x.svg", 1), ("B", "a/x.svg", 2), ("C", None, 4), ("D", None, 5)]


def test_sections_are_found_by_their_markers():
    text = SNIPPET.replace("y = 2", "# ;--8<-- [end:second]")
    assert sections(text.split("\n")) == {"first": (1, 2), "second": (4, 5)}


@pytest.mark.parametrize(
    "line, expected",
    [
        ("# --8<-- [start:first]", "# ;--8<-- [start:first]"),
        ("# ;--8<-- [end: x ]", "# ;;--8<-- [end: x ]"),
        ('    --8<-- "file.py"', '    ;--8<-- "file.py"'),
        ("--8<--", ";--8<--"),
        ('text = "--8<--"', 'text = "--8<--"'),
        ("x = 1", "x = 1"),
    ],
)
def test_a_line_can_be_shown_instead_of_obeyed(line, expected):
    assert escaped(line) == expected


@pytest.mark.parametrize("heading", ["# Why $x_t$", r"### The score \(s\)"])
def test_a_formula_in_a_heading(desk, heading):
    desk.write("docs/one/page.md", f"# Fine, it costs 5 $ or `$x$`\n\n{heading}\n\nBut $x$ here.\n")
    (error,) = lint(desk.project, desk.press().catalog)
    assert "docs/one/page.md:3: a formula in a heading" in str(error)


def test_an_include_takes_the_indentation_of_its_line(lines):
    page = '# Page\n\n???+ note\n\n    ```python\n    --8<-- "one/page.py:first"\n    ```\n'
    assert lines(page) == []
