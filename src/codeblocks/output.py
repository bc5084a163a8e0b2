"""What a block printed, against what the page shows.

Words are compared exactly, spaces in number and at line ends apart. Whole numbers are compared exactly. A decimal may
differ by one unit in the last place shown, because other processors round otherwise, and by the tolerance that its
fence declares (`data-tolerance="0.02"`: two per cent), where a result is random or trained.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from .fences import Fence

NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\d])|(?<=[A-Za-z_])\d+")
PREFIX = re.compile(r"[ \t>]*")


@dataclass(frozen=True)
class Rewrite:
    """Lines of a file to be replaced: `first` up to but without `end`, counted from 1."""

    file: Path
    first: int
    end: int
    text: tuple[str, ...]


def tolerance(fence: Fence) -> float:
    """The relative tolerance a fence declares; 0 if none.

    Raises:
        ValueError: it is not a number between 0 and 1.
    """
    given = fence.options.get("data-tolerance", "0")
    if not re.fullmatch(r"0?\.\d+|0", given):
        raise ValueError(f"data-tolerance must be a number between 0 and 1, such as 0.05, not {given!r}")
    return float(given)


def difference(shown: str, printed: str, tolerance: float = 0.0) -> tuple[int, str] | None:
    """The first line, counted from 0, where two texts differ, and how; None if they agree."""
    ours, theirs = _lines(shown), _lines(printed)
    for index in range(max(len(ours), len(theirs))):
        if index >= len(theirs):
            return index, f"the page shows {ours[index]!r}, where nothing more was printed"
        if index >= len(ours):
            return index, f"{theirs[index]!r} was printed, where the page shows nothing more"
        if why := _differ(ours[index], theirs[index], tolerance):
            return index, f"the page shows {ours[index]!r}, but {theirs[index]!r} was printed: {why}"
    return None


def rewrite(fence: Fence, printed: str) -> Rewrite:
    """The change that makes a fence show what was printed.

    Raises:
        ValueError: what the fence shows comes from several places, or what was printed would end it.
    """
    text = _lines(printed)
    mark = fence.opener.text.strip("> \t")[:1] * 3
    if any(line.lstrip("> \t").startswith(mark) for line in text):
        raise ValueError("what was printed holds a line that would end the fence; use a longer fence, by hand")
    old = list(fence.lines)
    while old and not old[-1].text.strip():
        old.pop()
    if not old:
        file, first, end = fence.opener.file, fence.opener.number + 1, fence.opener.number + 1
    else:
        file, first, end = old[0].file, old[0].number, old[-1].number + 1
        if any(line.file != file for line in old) or end - first != len(old):
            raise ValueError("what this fence shows comes from several places; mend them by hand")
    origin = file.read_text("utf-8").split("\n")
    if file == fence.opener.file:
        prefix = PREFIX.match(origin[fence.opener.number - 1])[0]
    else:
        prefix = min(
            (PREFIX.match(line)[0] for line in origin[first - 1 : end - 1] if line.strip()), key=len, default=""
        )
    return Rewrite(file, first, end, tuple((prefix + line).rstrip() for line in text))


def insertion(block: Fence, printed: str) -> Rewrite:
    """A new output fence after a block that shows none."""
    place = block.closer.number + 1
    prefix = PREFIX.match(block.closer.file.read_text("utf-8").split("\n")[block.closer.number - 1])[0]
    lines = ["", "```output", *_lines(printed), "```"]
    return Rewrite(block.closer.file, place, place, tuple((prefix + line).rstrip() for line in lines))


def apply(rewrites: list[Rewrite]) -> None:
    """Make the changes, from the end of each file to its beginning, so that line numbers hold."""
    for change in sorted(set(rewrites), key=lambda one: (str(one.file), -one.first)):
        content = change.file.read_bytes().decode()
        newline = "\r\n" if "\r\n" in content else "\n"
        lines = content.split(newline)
        lines[change.first - 1 : change.end - 1] = change.text
        change.file.write_bytes(newline.join(lines).encode())


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _differ(ours: str, theirs: str, tolerance: float) -> str:
    """Why two lines differ; "" if they agree."""
    words, other_words = ([" ".join(part.split()) for part in NUMBER.split(line)] for line in (ours, theirs))
    if words != other_words:
        return "the words differ"
    for one, other in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
        if why := _numbers_differ(one, other, tolerance):
            return why
    return ""


def _numbers_differ(one: str, other: str, tolerance: float) -> str:
    whole = not re.search(r"[.eE]", one + other)
    a, b = (float(text.replace("−", "-")) for text in (one, other))
    if whole:
        return "" if a == b else f"{one} is not {other}"
    mantissa, _, exponent = one.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    room = 1.0001 * unit + tolerance * max(abs(a), abs(b))
    return "" if abs(a - b) <= room else f"{one} and {other} differ by more than {room:.2g}"
