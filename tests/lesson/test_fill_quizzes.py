"""Code with a gap, on every page: what the quiz calls wrong makes the code raise, or print something else.

That what it calls right prints what the page shows is tested where all code blocks are.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "pages"))
from scratch_site import Site

from codeblocks import gaps, output, program
from codeblocks.checks import Piece, Program, checks
from codeblocks.fences import parser
from lesson.answers import KNOWN_CODE
from lesson.source import items, read_blocks
from manuscript.lines import Line, read

ROOT = Path(__file__).parents[2]


def wrong_answers(root: Path, page: Path) -> list[tuple[Line, str, Program]]:
    """(line, wrong code, the program up to the gap) of every known wrong answer of a page."""
    lines, _ = read(page, parser(root).rooms)
    found = checks(parser(root).parse(page), page.name, [])[0]
    pieces = {
        piece.gapped.place: (one, index)
        for one in found
        if isinstance(one, Program)
        for index, piece in enumerate(one.pieces)
        if piece.gapped
    }
    return [
        (item.line, match["answer"], Program(one.pieces[: index + 1]))
        for block in read_blocks(lines).blocks
        for fence in block.fences
        if (fence.file, fence.number) in pieces
        for one, index in [pieces[fence.file, fence.number]]
        for item in items(block.body)
        if (match := KNOWN_CODE.match(item.text))
    ]


def unnoticed(text: str, before: Program) -> bool:
    """Whether the code runs with a wrong text in its gap, and prints what it should."""
    last = before.pieces[-1]
    wrong: Piece = replace(last, block=gaps.filled(last.gapped, text))
    outcome = program.run(Program((*before.pieces[:-1], wrong)), 300)
    if outcome.failure:
        return False
    shown = last.output
    return not output.difference(
        shown.code if shown else "", outcome.printed[-1], output.tolerance(shown) if shown else 0
    )


PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "data-gap" in page.read_text("utf-8")]
WRONG = [(page, *one) for page in PAGES for one in wrong_answers(ROOT, page)]


@pytest.mark.parametrize("page, line, text, before", WRONG, ids=[f"{p.stem}-{line.number}" for p, line, *_ in WRONG])
def test_a_wrong_answer_shows(page, line, text, before):
    assert not unnoticed(text, before), f"{page.relative_to(ROOT)}:{line.number}: {text} does as well as what is right"


PAGE = """
# Page

```python
x = 2
```

/// quiz | What goes into the gap?
    id: the-gap

```{.python .continues data-gap="3 | (1 + 2)"}
print(x * ____)
```

```output
6
```

- `4`: *counts one too far*: it is three.
- `y`: *takes what is not there*: it is three.
- `9 / x`: *takes the result*: it is three.
- `int(3.9)`: *rounds up*: it is three.

Three.
///
"""


def test_a_wrong_answer_that_is_right_is_caught(tmp_path):
    site = Site(tmp_path)
    page = site.write("docs/page.md", PAGE)
    found = [(line.number, text, unnoticed(text, before)) for line, text, before in wrong_answers(tmp_path, page)]
    assert [(text, same) for _, text, same in found] == [
        ("4", False),
        ("y", False),
        ("9 / x", False),
        ("int(3.9)", True),
    ]
    assert found[0][0] == PAGE.split("\n").index("- `4`: *counts one too far*: it is three.") + 1
    assert site.said() == {}
