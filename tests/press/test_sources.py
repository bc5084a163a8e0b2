"""Published sources: every line shown as it is written, under the number it has in its file."""

from html import unescape
from pathlib import Path
from re import DOTALL, findall, search, split, sub

import pytest
from markdown import Markdown
from mkdocs.config import load_config

from press.sources import source_pages, source_url

AWKWARD = '''

"""Markers & fences: x_t = *alpha* [t] <b>, see `__init__` and $x_0$.

Second paragraph.
"""

# --8<-- [start:first]
TEXT = """
```python
--8<-- "nowhere.py"
--8<--
```
````
"""
# --8<-- [end:first]
# ;--8<-- [start:escaped]
INLINE = "# --8<-- in the middle"  # &amp; <i>


def f(x):

\treturn x  # last line


'''


@pytest.fixture(scope="module")
def reader() -> Markdown:
    """Markdown as this site reads it."""
    config = load_config(str(Path(__file__).parents[2] / "mkdocs.yml"), hooks=[])
    return Markdown(extensions=[*config.markdown_extensions], extension_configs=config.mdx_configs)


def body(page: str) -> str:
    """A page without its front matter."""
    return page.split("---\n", 2)[2]


def test_each_line_stands_under_its_own_number(desk, reader):
    file = desk.project.snippets / "one/page.py"
    file.parent.mkdir(parents=True)
    file.write_text(AWKWARD)
    html = reader.convert(body(source_pages(desk.project)["source/snippets/one/page.md"]))
    code = search("<pre.*</pre>", html, DOTALL)[0]
    _, *rows = split(r'<a id="__codelineno-0-(\d+)"', code)
    texts = [unescape(sub("<[^>]*>", "", f"<a{row}")).rstrip("\n") for row in rows[1::2]]
    shown = dict(zip(map(int, rows[::2]), texts, strict=True))
    written = {number: line.expandtabs(4) for number, line in enumerate(AWKWARD.split("\n"), 1)}
    assert shown == {number: written[number] for number in range(3, len(AWKWARD.rstrip().split("\n")) + 1)}


def test_the_summary_reads_as_it_was_written(desk, reader):
    desk.write("snippets/one/page.py", AWKWARD)
    html = reader.convert(body(source_pages(desk.project)["source/snippets/one/page.md"]))
    (first, *_) = findall("<p>(.*?)</p>", html, DOTALL)
    assert first.startswith("Markers &amp; fences: x_t = *alpha* [t] &lt;b&gt;, see <code>__init__</code> and <span")
    assert "Second paragraph" not in html.partition("<pre")[0]


def test_what_is_published(desk):
    for name in ("src/press/secret.py", "src/maths/__pycache__/x.py", "snippets/.cache/x.py", "src/maths/empty.py"):
        desk.write(name, "" if "empty" in name else "x = 1\n")
    desk.write("snippets/one/page.py", "x = 1\n")
    found = set(source_pages(desk.project))
    assert {
        "source/index.md",
        "source/maths/__init__.md",
        "source/recipes/line.md",
        "source/snippets/one/page.md",
    } <= found
    assert not {name for name in found if "secret" in name or "cache" in name or "empty" in name}


def test_a_project_without_snippets_publishes_the_rest(desk):
    assert "source/recipes/line.md" in source_pages(desk.project)


def test_the_index_lists_every_file_by_room(desk):
    pages = source_pages(desk.project)
    index = pages["source/index.md"]
    links = set(findall(r"\]\((.*?)\)", index))
    assert {f"source/{link}" for link in links} == set(pages) - {"source/index.md"}
    assert findall("## `(.*)`", index) == ["figures", "maths", "recipes"]
    assert "- [`curves.py`](maths/curves.md): Curves." in index


def test_a_figure_module_leads_back_to_the_pages_that_show_its_figures(desk):
    desk.write("docs/one/page.md", "![A](page/parabola.svg)\n")
    desk.write("docs/index.md", "![A](one/page/parabola.svg)\n")
    page = source_pages(desk.project)["source/figures/one/page.md"]
    assert findall('<a href="(.*?)">(.*?)</a>', page) == [
        ("../../../../#fig-parabola", "parabola"),
        ("../../../../one/page/#fig-parabola", "parabola"),
    ]
    assert "It draws" not in source_pages(desk.project)["source/figures/two/page.md"]


def test_a_line_has_an_address(desk):
    project = desk.project
    assert source_url(project, project.src / "figures/one/page.py", 7) == "source/figures/one/page/#__codelineno-0-7"
    assert source_url(project, project.snippets / "one/page.py", 1) == "source/snippets/one/page/#__codelineno-0-1"
    assert source_url(project, project.src / "figures/index.py", 2) == "source/figures/#__codelineno-0-2"
