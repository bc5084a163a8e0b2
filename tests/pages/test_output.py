"""Shown output: what counts as equal, and how a page is brought up to date."""

import pytest
from scratch_site import Site

from codeblocks.output import difference


@pytest.mark.parametrize(
    "shown, printed, tolerance",
    [
        ("a 1\n", "a 1\n", 0),
        ("a 1\n", "a 1  \n\n", 0),  # spaces and lines at the end
        ("loss 0.123\n", "loss 0.124\n", 0),  # one unit in the last place: other processors round otherwise
        ("loss 0.999\n", "loss 1.000\n", 0),
        ("  9.99 %\n", " 10.00 %\n", 0),  # a number may grow a digit, and its padding shrink
        ("1.2e-05", "1.3e-05", 0),
        ("−0.00", "0.00", 0),
        ("loss 0.50", "loss 0.52", 0.05),
        ("-43.9 dB", "-43.8 dB", 0),
        ("x0 = 1", "x0 = 1", 0),
        ("tensor([0.1, 0.2])", "tensor([0.1, 0.3])", 0),
        ("nan inf", "nan inf", 0),
    ],
)
def test_these_agree(shown, printed, tolerance):
    assert difference(shown, printed, tolerance) is None


@pytest.mark.parametrize(
    "shown, printed, tolerance, line, words",
    [
        ("a 1", "a 2", 0, 0, "1 is not 2"),
        ("a 100", "a 101", 0.05, 0, "100 is not 101"),  # whole numbers are exact, whatever is declared
        ("a\nb 0.123", "a\nb 0.125", 0, 1, "differ by more than"),
        ("loss 0.50", "loss 0.56", 0.05, 0, "differ by more than"),
        ("1.2e-05", "1.4e-05", 0, 0, "differ by more than"),
        ("1.2e-05", "1.2e-04", 0, 0, "differ by more than"),
        ("0.50 dB", "-0.50 dB", 0, 0, "differ by more than"),
        ("x0 = 1", "x1 = 1", 0, 0, "0 is not 1"),
        ("a 0.5", "b 0.5", 0, 0, "the words differ"),
        ("a 0.5 0.5", "a 0.5", 0, 0, "the words differ"),
        ("a", "a\nb", 0, 1, "'b' was printed, where the page shows nothing more"),
        ("a\nb", "a", 0, 1, "the page shows 'b', where nothing more was printed"),
        ("nan", "inf", 0, 0, "the words differ"),
        ("0.5", "nan", 0, 0, "the words differ"),
    ],
)
def test_these_do_not(shown, printed, tolerance, line, words):
    index, why = difference(shown, printed, tolerance)
    assert index == line and words in why


PAGE = """# A

```python
print("new")
```

```output
old
```

1. In a list:

    ```python
    print("a\\n\\n  b")
    ```

    Some words between.

    ```output
    ```

> ```python
> print("silent no more")
> ```

```python
print(0.50001)
```

```output
0.50002
```

```{.python .continues}
print("from a file")
```

```output
--8<-- "shown.txt"
```
"""
AFTER = (
    PAGE.replace("\nold\n", "\nnew\n")
    .replace("    ```output\n", "    ```output\n    a\n\n      b\n")
    .replace(
        '> print("silent no more")\n> ```\n',
        '> print("silent no more")\n> ```\n>\n> ```output\n> silent no more\n> ```\n',
    )
)


@pytest.mark.parametrize("newline, arguments", [("\n", ()), ("\r\n", ("-n", "2"))], ids=["unix", "dos, xdist"])
def test_update_rewrites_what_differs_and_nothing_else(tmp_path, newline, arguments):
    site = Site(tmp_path)
    site.write("snippets/shown.txt", "from elsewhere\n")
    page = site.root / "docs/a.md"
    page.write_bytes(PAGE.replace("\n", newline).encode())
    failed = site.pytest()
    assert failed.returncode == 1 and page.read_bytes() == PAGE.replace("\n", newline).encode()
    assert "pytest --update-outputs" in failed.stdout
    assert site.pytest("--update-outputs", *arguments).returncode == 0
    assert page.read_bytes().decode() == AFTER.replace("\n", newline)  # 0.50001 is near enough, and stays as it was
    assert (site.root / "snippets/shown.txt").read_text() == "from a file\n"
    assert site.pytest().returncode == 0


def test_update_leaves_a_page_alone_that_it_cannot_mend(tmp_path):
    site = Site(tmp_path)
    text = '```python\nprint("```")\n```\n\n```output\nold\n```\n'
    site.write("docs/a.md", text)
    site.write("docs/b.md", '```python\nprint("new")\n1 / 0\n```\n\n```output\nold\n```\n')
    out = site.pytest("--update-outputs", "-rf", COLUMNS="300").stdout
    assert "docs/a.md:6: what was printed holds a line that would end the fence" in out
    assert "docs/b.md:3: ZeroDivisionError" in out
    assert (site.root / "docs/a.md").read_text() == text and "old" in (site.root / "docs/b.md").read_text()
