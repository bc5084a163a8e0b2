"""Faults sown into pages, one a page: each is caught, and named by the exact file and line, also under xdist."""

from textwrap import dedent

import pytest
from scratch_site import Site

# name → (what the page says, the file to mend if not the page, words of the message). The line to mend holds `HERE`;
# `⟨…⟩` is taken out before the page is written, for lines that cannot hold a word more.
FAULTS = {
    # where a block may stand
    "plain": ("```python\nx = 1\nx / 0  # HERE\n```\n", None, "ZeroDivisionError"),
    "tab": ('=== "One"\n\n    ```python\n    x = 1\n    x / 0  # HERE\n    ```\n', None, "ZeroDivisionError"),
    "second_tab": (
        '=== "One"\n\n    ```python\n    x = 1\n    ```\n\n=== "Two"\n\n    ```python\n    1 / 0  # HERE\n    ```\n',
        None, "ZeroDivisionError",
    ),
    "tab_in_admonition": (
        '!!! note "N"\n\n    Text.\n\n    === "One"\n\n        ```python\n        x = 1\n        x / 0  # HERE\n        ```\n',
        None, "ZeroDivisionError",
    ),
    "details": ('??? question "Q"\n\n    ```python\n    1 / 0  # HERE\n    ```\n', None, "ZeroDivisionError"),
    "list": ("1. One\n\n    ```python\n    1 / 0  # HERE\n    ```\n\n2. Two\n", None, "ZeroDivisionError"),
    "list_in_list": ("- One\n\n    - Two\n\n        ```python\n        1 / 0  # HERE\n        ```\n", None, "ZeroDiv"),
    "quote": ("> Text\n>\n> ```python\n> x = 1\n> x / 0  # HERE\n> ```\n", None, "ZeroDivisionError"),
    "footnote": ("Text[^1]\n\n[^1]:\n    Note\n\n    ```python\n    1 / 0  # HERE\n    ```\n", None, "ZeroDivision"),
    "front_matter": ("---\ntitle: T\nminutes: 3\n---\n\n# T\n\n```python\n1 / 0  # HERE\n```\n", None, "ZeroDivision"),
    "after_umlauts": ("# Über\n\nε → ∞\n\n```python\nα = 'ε'\nα / 0  # HERE\n```\n", None, "TypeError"),
    # how it may be written
    "tildes": ("~~~python\n1 / 0  # HERE\n~~~\n", None, "ZeroDivisionError"),
    "four_backticks": ("````python\n1 / 0  # HERE\n````\n", None, "ZeroDivisionError"),
    "py": ("```py\n1 / 0  # HERE\n```\n", None, "ZeroDivisionError"),
    "python3": ("```python3\n1 / 0  # HERE\n```\n", None, "ZeroDivisionError"),
    "capitals": ("```Python\n1 / 0  # HERE\n```\n", None, "ZeroDivisionError"),
    "title": ('```python title="a.py"\n1 / 0  # HERE\n```\n', None, "ZeroDivisionError"),
    "highlighted": ('```python hl_lines="1" linenums="1"\n1 / 0  # HERE\n```\n', None, "ZeroDivisionError"),
    "braces": ('```{.python #that .annotate title="a.py"}\n1 / 0  # HERE\n```\n', None, "ZeroDivisionError"),
    "prompts": ("```pycon\n>>> x = 1\n>>> x / 0  # HERE\n```\n", None, "ZeroDivisionError"),
    "prompts_wrong": ("```pycon\n>>> 1 + 1\n3⟨HERE⟩\n```\n", None, "3 is not 2"),
    # includes
    "include": ('Text\n\n```python\n--8<-- "one.py:faulty"\n```\n', "snippets/one.py", "ZeroDivisionError"),
    "include_in_tab": (
        '=== "One"\n\n    ```python\n    --8<-- "two.py:faulty"\n    ```\n', "snippets/two.py", "ZeroDivisionError",
    ),
    "nested_include": ('```python\n--8<-- "outer.py"\n```\n', "snippets/inner.py", "ZeroDivisionError"),
    "page_included": ('Text\n\n--8<-- "part.md"\n', "snippets/part.md", "ZeroDivisionError"),
    "two_includes": (
        '```python\n--8<-- "fine.py"\ny = x\n--8<-- "three.py"\n```\n', "snippets/three.py", "ZeroDivisionError",
    ),
    "after_include": ('--8<-- "fine.md"\n\n```python\n1 / 0  # HERE\n```\n', None, "ZeroDivisionError"),
    "no_section": ('```python\n--8<-- "one.py:gone"⟨HERE⟩\n```\n', None, "has no section 'gone'"),
    "no_file": ('```python\n--8<-- "gone.py"⟨HERE⟩\n```\n', None, "there is no file 'gone.py'"),
    "syntax_in_include": ('```python\n--8<-- "wrong.py"\n```\n', "snippets/wrong.py", "SyntaxError"),
    # programs
    "continued": ("```python\nx = 0\n```\n\n```{.python .continues}\n1 / x  # HERE\n```\n", None, "ZeroDivisionError"),
    "earlier_function": (
        "```python\ndef f(x):\n    return 1 / x  # HERE\n```\n\n```{.python .continues}\nf(0)\n```\n", None, "ZeroDivision",
    ),
    "not_continued": ("```python\nx = 1\n```\n\n```python\nprint(x)  # HERE\n```\n", None, "NameError"),
    "nothing_to_continue": ("Text\n\n```{.python .continues}⟨HERE⟩\nx = 1\n```\n", None, "no Python block on this page"),
    "syntax": ("```python\nx = 1\nif x\n    pass\n```\n".replace("if x", "if x  # HERE"), None, "SyntaxError"),
    "return": ("```python\nx = 1\nreturn x  # HERE\n```\n", None, "SyntaxError: 'return' outside function"),
    "exit": ("```python\nimport sys\n\nsys.exit(0)  # HERE\n```\n", None, "the block exits"),
    "hard_exit": ("```python\nimport os\n\nos._exit(0)  # HERE\n```\n", None, "os._exit"),
    "crash": ("```python\nimport ctypes\n\nctypes.string_at(0)  # HERE\n```\n", None, "the process ended here"),
    "endless": ("```python\nx = 1\nwhile True: pass  # HERE\n```\n", None, "still running after 5 seconds"),
    "asleep": ("```python\nimport time\n\ntime.sleep(1000)  # HERE\n```\n", None, "still running after 5 seconds"),
    "main_only": ('```python\nif __name__ == "__main__":\n    1 / 0  # HERE\n```\n', None, "ZeroDivisionError"),
    "asks": ("```python\nname = input()  # HERE\n```\n", None, "EOFError"),
    # shown output
    "wrong_output": ("```python\nprint(1)\nprint(2)\n```\n\n```output\n1\n3⟨HERE⟩\n```\n", None, "shows '3', but '2' was printed"),
    "wrong_decimal": ("```python\nprint(0.123)\n```\n\n```output\n0.125⟨HERE⟩\n```\n", None, "differ by more than"),
    "wrong_in_tab": (
        '=== "A"\n\n    ```python\n    print("a")\n    ```\n\n    ```output\n    b⟨HERE⟩\n    ```\n', None, "the words differ",
    ),
    "beyond_tolerance": (
        '```python\nprint(1.2)\n```\n\n```{.output data-tolerance="0.05"}\n1.0⟨HERE⟩\n```\n', None, "differ by more than",
    ),
    "too_little_shown": ("```python\nprint(1)\nprint(2)\n```\n\n```output\n1\n```⟨HERE⟩\n", None, "'2' was printed"),
    "nothing_shown": ("Text\n\n```python⟨HERE⟩\nprint(1)\n```\n", None, "does not show what"),
    "output_of_nothing": ("Text\n\n```output⟨HERE⟩\n1\n```\n", None, "no block before it"),
    "bad_tolerance": (
        '```python\nprint(1)\n```\n\n```{.output data-tolerance="lots"}⟨HERE⟩\n1\n```\n', None, "data-tolerance must be",
    ),
    # gaps for the reader
    "gap_unfilled": ("Text\n\n```python\nx = ____⟨HERE⟩\n```\n", None, "nothing says what goes into this gap"),
    "no_gap": ('Text\n\n```{.python data-gap="1"}⟨HERE⟩\nx = 1\n```\n', None, "there is no ____ in this block"),
    "empty_gap": ('Text\n\n```{.python data-gap=" | "}⟨HERE⟩\nx = ____\n```\n', None, "data-gap says nothing"),
    "two_gaps": ('```{.python data-gap="1"}\nx = ____\ny = ____⟨HERE⟩\n```\n', None, "a second gap"),
    "gap_elsewhere": ('```{.yaml data-gap="1"}⟨HERE⟩\na: ____\n```\n', None, "belongs on a block of python"),
    "gap_wrong": (
        '```{.python data-gap="1 | 2"}\nprint(____)\n```\n\n```output\n1⟨HERE⟩\n```\n', None, "with 2 in the gap: the page",
    ),
    "gap_raises": ('```{.python .gap data-gap="1 | 0"}\n1 / ____⟨HERE⟩\n```\n', None, "with 0 in the gap: ZeroDivisionError"),
    "gap_first_wrong": ('```{.python data-gap="0 | 1"}\nx = 1\n1 / ____⟨HERE⟩\n```\n', None, "ZeroDivisionError"),
    "gap_before": (
        '```{.python data-gap="1 | 1.0"}\nx = ____\n```\n\n```{.python .continues}\nx / 0⟨HERE⟩\n```\n', None, "ZeroDivision",
    ),
    # fences that would be dropped in silence
    "misspelt_option": ('Text\n\n```python titel="a.py"⟨HERE⟩\nx = 1\n```\n', None, "unknown option 'titel'"),
    "misspelt_in_braces": ('Text\n\n```{.python titel="a.py"}⟨HERE⟩\nx = 1\n```\n', None, "unknown option 'titel'"),
    "misspelt_class": ("```python\nx = 1\n```\n\n```{.python .continued}⟨HERE⟩\nx\n```\n", None, "unknown class"),
    "bare_word": ("Text\n\n```python continues⟨HERE⟩\nx = 1\n```\n", None, "is not an option"),
    "unclosed": ("Text\n\n```python⟨HERE⟩\nx = 1\n\nText\n", None, "never closed"),
    "unclosed_before_another": ("```python⟨HERE⟩\nx = 1\n\nText\n\n```python\nx = 1\n```\n", None, "swallows the one"),
    "closed_otherwise": ("Text\n\n```python⟨HERE⟩\nx = 1\n~~~\n", None, "never closed"),
    "unindented": ("- One\n\n    ```python⟨HERE⟩\n    x = 1\ny = 2\n    ```\n", None, "not read as one"),
    "comment": ("Text\n\n<!--\n```python⟨HERE⟩\nx = 1\n```\n-->\n", None, "inside an HTML comment"),
    "on_marker": ("- ```python⟨HERE⟩\n  x = 1\n  ```\n", None, "on the line of a list marker"),
    "indented_code": ("Text\n\n    x = 1⟨HERE⟩\n    y = 2\n", None, "by indentation alone"),
    "indented_fence": ("Text\n\n    ```python⟨HERE⟩\n    x = 1\n    ```\n", None, "not read as one"),
    "raw_html": ("Text\n\n<pre><code>x = 1</code></pre>⟨HERE⟩\n", None, "a raw <pre>"),
    "plain_text": ("```python\nprint(1)\n```\n\n```text⟨HERE⟩\n1\n```\n", None, "write ```output"),
    "no_language": ("Text\n\n```⟨HERE⟩\nx = 1\n```\n", None, "block without a language"),
    "unknown_language": ("Text\n\n```rust⟨HERE⟩\nfn main() {}\n```\n", None, "a 'rust' block is not tested"),
    "markdown": ("Text\n\n```markdown⟨HERE⟩\n# Title\n```\n", None, "include this Markdown from a file"),
    "markdown_not_live": ('Text\n\n```markdown⟨HERE⟩\n--8<-- "fine.md"\n```\n', None, "include this Markdown"),
    "skipped": ("<!--pytest-codeblocks:skip-->\n\n```python⟨HERE⟩\nx = 1\n```\n", None, "is not obeyed"),
    "python_excused": ("Text\n\n```python⟨HERE⟩\nexcused = 1\n```\n", None, "no Python block may stand on the list"),
    # other languages
    "shell": ("```sh\ntrue\nls nowhere⟨HERE⟩\ntrue\n```\n", None, "exit code"),
    "console": ("```console\n$ echo a\na\n$ ls nowhere⟨HERE⟩\n```\n", None, "exit code"),
    "shell_output": ("```sh\necho a\n```\n\n```output\nb⟨HERE⟩\n```\n", None, "the words differ"),
    "yaml": ("```yaml\na: 1\nb: [1, 2⟨HERE⟩\n```\n".replace("2⟨HERE⟩", "2\nc: 3⟨HERE⟩"), None, "not YAML"),
    "toml": ("```toml\na = 1\nb = ⟨HERE⟩\n```\n", None, "not TOML"),
    "json": ('```json\n{"a": 1,\n "b" 2}⟨HERE⟩\n```\n', None, "not JSON"),
}  # fmt: skip

SNIPPETS = {
    "one.py": "x = 0\n\n# --8<-- [start:faulty]\ny = 1\n1 / x  # HERE\n# --8<-- [end:faulty]\n".replace(
        "1 / x", "1 / (y - 1)"
    ),
    "two.py": "def f():\n    # --8<-- [start:faulty]\n    y = 0\n    1 / y  # HERE\n    # --8<-- [end:faulty]\n",
    "outer.py": 'x = 0\n--8<-- "inner.py"\n',
    "inner.py": "y = 1\n1 / x  # HERE\n",
    "part.md": "## Part\n\n```python\n1 / 0  # HERE\n```\n",
    "fine.py": "x = 0\n",
    "three.py": "z = 1\n1 / y  # HERE\n",
    "wrong.py": "x = 1\nx = = 2  # HERE\n",
    "fine.md": "One\n\ntwo\n\nthree.\n",
}


def _written(text: str) -> tuple[str, int | None]:
    """A text without its mark, and the line the mark was on."""
    line = next((number for number, line in enumerate(text.split("\n"), 1) if "HERE" in line), None)
    return text.replace("⟨HERE⟩", ""), line


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site with all the faults, and where each should be found."""
    site, places = Site(tmp_path_factory.mktemp("site")), {}
    lines = {}
    for name, text in SNIPPETS.items():
        text, lines[f"snippets/{name}"] = _written(text)
        site.write(f"snippets/{name}", text)
    for name, (text, file, _) in FAULTS.items():
        text, line = _written(text)
        site.write(f"docs/{name}.md", text)
        places[f"docs/{name}.md"] = f"{file}:{lines[file]}" if file else f"docs/{name}.md:{line}"
    site.write(
        "reviewed.toml", '[[block]]\nfile = "docs/python_excused.md"\nfirst = "excused = 1"\nreason = "to be refused"\n'
    )
    site.write("docs/fine.md", dedent(FINE))
    return site, places


FINE = """
    # Nothing wrong here

    ```python
    x = 0.1
    print("a", x)
    ```

    ```output
    a 0.1
    ```

    ```{.python .continues}
    print(x + 1)
    ```

    ```output
    1.1
    ```
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_every_fault_is_caught_and_named_by_file_and_line(site, arguments):
    site, places = site
    assert len(FAULTS) >= 30 and all(
        "HERE" not in (site.root / page).read_text("utf-8").replace("# HERE", "") for page in places
    )
    said = site.said(*arguments)
    assert set(said) == set(places)
    missed = {
        page: (place, said[page])
        for page, place in places.items()
        if not any(place == other and FAULTS[page[5:-3]][2] in message for other, message in said[page])
    }
    assert missed == {}


def test_the_option_of_pytest_codeblocks_changes_nothing(site):
    site, _ = site
    plain, asked = (site.pytest("--collect-only", *more).stdout.split("\n\n")[0] for more in ((), ("--codeblocks",)))
    assert "docs/fine.md::line 4, 13" in plain
    assert plain == asked
