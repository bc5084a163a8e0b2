"""A block with a gap for the reader: `____` in the code, and what may stand there in `data-gap="0.1 | 1e-1"`.

It runs once with each of these, and prints the same each time. What a page shows and what runs differ only there.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from manuscript.lines import Fault

from .fences import Fence

GAP = re.compile(r"(?<!\w)____(?!\w)")
OPTION = "data-gap"


def spellings(fence: Fence) -> list[str]:
    """What may stand in the gap of a block; nothing if it has none."""
    return [one.strip() for one in fence.options.get(OPTION, "").split("|") if one.strip()]


def filled(fence: Fence, text: str) -> Fence:
    """The block with a text in its gap."""
    lines = tuple(replace(line, text=GAP.sub(lambda _: text, line.text)) for line in fence.lines)
    return replace(fence, lines=lines)


def faults(fence: Fence, runs: bool) -> Iterator[Fault]:
    """What is wrong with the gap of a block.

    Args:
        runs: whether it is a block of plain Python.
    """
    gaps = [line for line in fence.lines for _ in GAP.finditer(line.text)]
    if OPTION in fence.options and not runs:
        yield fence.fault(f"{OPTION} belongs on a block of python, not here")
    elif OPTION in fence.options and not spellings(fence):
        yield fence.fault(f'{OPTION} says nothing; write what may stand in the gap: {OPTION}="0.1 | 1e-1"')
    elif OPTION in fence.options and not gaps:
        yield fence.fault(f"{OPTION} fills a gap, and there is no ____ in this block")
    elif OPTION not in fence.options and runs and gaps:
        line = gaps[0]
        yield Fault(f'nothing says what goes into this gap; write {{.python {OPTION}="0.1"}}', line.file, line.number)
    elif OPTION in fence.options:
        for line in gaps[1:]:
            yield Fault("a second gap; a block has one, so that the reader can try it", line.file, line.number)
