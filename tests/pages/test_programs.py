"""A block runs as a program that a reader would start: a real `__main__`, in a folder of its own, from any kind of fence."""

import textwrap

import pytest
from scratch_site import Site

PROGRAMS = {
    "pickles its own classes": """
        import pickle
        from dataclasses import dataclass

        @dataclass
        class Point:
            x: float

        print(pickle.loads(pickle.dumps(Point(2.0))))
        """,
    "shows its own source": """
        import inspect

        class Twice:
            factor = 2

        def twice(x):
            return 2 * x

        print(inspect.getsource(twice) + inspect.getsource(Twice), end="")
        """,
    "starts processes": """
        from multiprocessing import get_context

        def square(x):
            return x * x

        if __name__ == "__main__":
            with get_context("spawn").Pool(1) as pool:
                print(pool.map(square, [1, 2, 3]))
        """,
    "is the main module": """
        import sys
        from pathlib import Path

        here = sys.modules["__main__"]
        print(__name__, here.x if hasattr(here, "x") else None, Path(__file__).name, Path(__file__).parent == Path.cwd())
        """,
    "keeps its traces": """
        import traceback

        def fails():
            raise ValueError("no")

        try:
            fails()
        except ValueError:
            print(traceback.format_exc().split("\\n")[-3].strip())
        """,
    "writes to its own folder": """
        from pathlib import Path

        Path("a.txt").write_text("here")
        print(sorted(path.name for path in Path().glob("*.txt")))
        """,
    "leaves nothing behind": """
        import os
        import sys

        os.environ["LEFT"] = "behind"
        sys.path.append("nowhere")
        print("done")
        """,
    "finds nothing": """
        import os
        import sys

        print("LEFT" in os.environ, "nowhere" in sys.path)
        """,
    "prints from below": """
        import os
        import subprocess
        import sys

        print("one", flush=True)
        os.write(1, b"two\\n")
        subprocess.run([sys.executable, "-c", "print('three')"], check=True)
        """,
    "has a future": """
        from __future__ import annotations

        def f(x: nothing): return x
        print(f(1))
        """,
}
PRINTED = {
    "pickles its own classes": "Point(x=2.0)",
    "shows its own source": "def twice(x):\n    return 2 * x\nclass Twice:\n    factor = 2",
    "starts processes": "[1, 4, 9]",
    "is the main module": "__main__ None program.py True",
    "keeps its traces": 'raise ValueError("no")',
    "writes to its own folder": "['a.txt']",
    "leaves nothing behind": "done",
    "finds nothing": "False False",
    "prints from below": "one\ntwo\nthree",
    "has a future": "1",
}


def _page(code: str, printed: str, prefix: str = "") -> str:
    text = f"```python\n{textwrap.dedent(code).strip()}\n```\n\n```output\n{printed}\n```\n"
    return textwrap.indent(text, prefix, lambda line: True) if prefix else text


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What pytest says of all programs at once, and of the other pages below."""
    site = Site(tmp_path_factory.mktemp("site"))
    for name, code in PROGRAMS.items():
        site.write(f"docs/{name}.md".replace(" ", "_"), _page(code, PRINTED[name]))
    site.write("docs/quoted.md", _page(PROGRAMS["shows its own source"], PRINTED["shows its own source"], "> "))
    site.write(
        "docs/in_a_tab.md",
        '=== "A"\n\n' + _page(PROGRAMS["shows its own source"], PRINTED["shows its own source"], "    "),
    )
    site.write("docs/prompts.md", "```pycon\n>>> def f(x):\n...     return x + 1\n>>> f(1)\n2\n>>> f(2)\n3\n```\n")
    site.write(
        "docs/prompts_continued.md",
        "```python\nx = 1\n```\n\n```{.pycon .continues}\n>>> x\n1\n```\n\n```{.python .continues}\nassert x == 1\n```\n",
    )
    site.write(
        "docs/future_continued.md",
        "```python\nfrom __future__ import annotations\n```\n\n```{.python .continues}\ndef f(x: nothing): return x\n```\n",
    )
    site.write("docs/shell.md", "```sh\nhead -1 docs/index.md\nrm -r docs\n```\n\n```output\n# Home\n```\n")
    site.write("snippets/live.md", "```python\nprint(1)\n```\n\n```output\n1\n```\n")
    site.write("docs/twin.md", '````markdown\n--8<-- "live.md"\n````\n\n--8<-- "live.md"\n')
    site.write("docs/console.md", "```console\n$ echo a\na\n$ echo b\nb\n```\n")
    return site.pytest("-rA", COLUMNS="300")


@pytest.mark.parametrize(
    "page",
    [name.replace(" ", "_") for name in PROGRAMS]
    + ["quoted", "in_a_tab", "prompts", "prompts_continued", "future_continued", "shell", "console", "twin"],
)
def test_it_runs_as_a_reader_would_run_it(run, page):
    assert f"PASSED docs/{page}.md::" in run.stdout, run.stdout[-3000:]


def test_a_trace_shows_the_line_of_the_page(tmp_path):
    site = Site(tmp_path)
    site.write("docs/a.md", "# A\n\n> ```python\n> def f():\n>     return 1 / 0\n>\n> f()\n> ```\n")
    out = site.pytest().stdout
    assert 'File "docs/a.md", line 7, in <module>\n    f()' in out
    assert 'File "docs/a.md", line 5, in f\n    return 1 / 0' in out
    assert "codeblocks/" not in out, "our own frames are not the reader's business"
