"""Lesson blocks as they stand in the Markdown source of a page, each line knowing its file.

pymdownx.blocks says nothing of what it cannot read: an unknown name or a misspelt option becomes text, and a block that
is never closed swallows the rest of the page. So the source is read here once more, line by line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from manuscript.lines import Fault, Line
from manuscript.prose import COMMENT, FENCE, blanked, without_fences

START = re.compile(r"^[ ]*(?P<slashes>/{3,})[ ]*(?P<name>[\w-]+)[ ]*(?:\|[ ]*(?P<argument>.*?)[ ]*)?$")
END = re.compile(r"^[ ]*(?P<slashes>/{3,})[ ]*$")
OPTION = re.compile(r"^[ ]{4,}\S")
ITEM = re.compile(r"^(?P<indent>[ ]{0,3})(?P<marker>[-*+]|\d+[.)])[ ]+(?P<text>.*)$")
# What a line must be for the lines indented under it to be a part of it.
BOX = re.compile(r"^[ ]*(?:!!!|\?\?\?\+?|===)[ !+]*\S")
LISTED = re.compile(r"^[ ]*(?:[-*+]|\d+[.)])[ ]")
NOTED = re.compile(r"^[ ]*\[\^[^\]]+\]:")


CODE = "\x00"  # stands for a code block, which is neither a list nor a block whatever it holds


@dataclass(frozen=True)
class Option:
    """An option of a block, as YAML reads it."""

    value: Any
    line: Line


@dataclass(frozen=True)
class Block:
    """A lesson block.

    Attributes:
        name: what it says after the slashes.
        argument: what it says after the bar, "" if nothing.
        opener: its first line.
        options: its options by name.
        body: the lines between options and end, without the block's own indentation; comments are emptied, and a code
            block is one line `CODE` and empty ones.
        fences: the lines in the body that open a code block.
    """

    name: str
    argument: str
    opener: Line
    options: dict[str, Option] = field(default_factory=dict)
    body: tuple[Line, ...] = ()
    fences: tuple[Line, ...] = ()

    def fault(self, message: str, line: Line | None = None) -> Fault:
        return Fault(message, (line or self.opener).file, (line or self.opener).number)

    @property
    def label(self) -> str:
        return f"{'an' if self.name[:1] in 'aeiou' else 'a'} {self.name}"


@dataclass(frozen=True)
class Item:
    """An item of a list: its first line, that line's text, and what is indented under it."""

    line: Line
    marker: str
    text: str
    inner: tuple[Line, ...]

    @property
    def ordered(self) -> bool:
        return self.marker[0].isdigit()


@dataclass(frozen=True)
class Reading:
    """The blocks of a page, and what is wrong with their form."""

    blocks: list[Block]
    faults: list[Fault]


def quiet(lines: list[Line]) -> tuple[list[Line], set[int]]:
    """The lines with those of code blocks and HTML comments emptied, and which of them open a code block."""
    kept, _ = without_fences(lines)
    openers, mark = set(), ""
    for index, (line, was) in enumerate(zip(kept, lines, strict=True)):
        if line.text or not (fence := FENCE.match(was.text)):
            continue
        if not mark:
            openers.add(index)
            mark = fence["fence"]
        elif was.text.strip("> \t") == mark:
            mark = ""
    text = blanked(re.compile(COMMENT, re.DOTALL), "\n".join(line.text for line in kept))
    return [replace(line, text=one) for line, one in zip(kept, text.split("\n") if kept else [], strict=True)], openers


def read_blocks(lines: list[Line]) -> Reading:
    """The lesson blocks of a page."""
    return _Reader(lines).reading()


def items(lines: Sequence[Line]) -> Iterator[Item]:
    """The items of the first list that stands at the left edge of these lines."""
    first, inner = None, []
    for line in lines:
        match = ITEM.match(line.text)
        if first and line.text.strip() and _indent(line) < 4 and not match and not _lazy(line, inner):
            break
        if match:
            if first:
                yield Item(*first, tuple(inner))
            first, inner = (line, match["marker"], match["text"].strip()), []
        elif first:
            inner.append(replace(line, text=line.text[min(_indent(line), 4) :]))
    if first:
        yield Item(*first, tuple(inner))


def behind(lines: Sequence[Line]) -> Line | None:
    """The first line behind the first list at the left edge; None if nothing comes after it, or if there is no list."""
    listed, inner = False, []
    for line in lines:
        if ITEM.match(line.text):
            listed, inner = True, []
        elif listed and line.text.strip() and _indent(line) < 4 and not _lazy(line, inner):
            return line
        inner.append(line)
    return None


def _lazy(line: Line, inner: Sequence[Line]) -> bool:
    """Whether a line goes on with the item above although it is not indented: no blank line comes between."""
    return line.text != CODE and (not inner or bool(inner[-1].text.strip()))


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" "))


class _Reader:
    """Finds the blocks of a page."""

    def __init__(self, lines: list[Line]):
        lines = [replace(line, text=line.text.expandtabs(4)) for line in lines]
        self.written = lines
        self.lines, self.openers = quiet(lines)
        self.blocks: list[Block] = []
        self.faults: list[Fault] = []
        self.misread = False  # whether a line above began a block in a way that is not read as one

    def reading(self) -> Reading:
        here = 0
        while here < len(self.lines):
            here = self._step(here)
        return Reading(self.blocks, self.faults)

    def _step(self, here: int) -> int:
        """Take the block that begins at a line, if any; returns where to go on."""
        line = self.lines[here]
        if START.match(line.text):
            return self._block(here)
        if END.match(line.text):
            if not self.misread:
                self._fault("there is no block to end here", line)
            self.misread = False
        elif re.match(r"^[ ]*/{3,}", line.text):
            self._fault("a block begins with a line '/// name | title'", line)
            self.misread = True
        elif re.match(r"^[ ]*//[ ]*(?:quiz|proof|myths?|sources)\b", line.text):
            self._fault("a block begins with three slashes", line)
            self.misread = True
        elif re.match(r"^[ ]*>[> ]*/{3,}", line.text):
            self._fault("a block cannot stand in a quotation", line)
        return here + 1

    def _block(self, start: int) -> int:
        opener = self.lines[start]
        match = START.match(opener.text)
        self._placed(start, match["name"])
        edge = _indent(opener) // 4 * 4
        end = closed = start + 1
        nested, others = 0, set()
        while end < len(self.lines):
            line = self.lines[end]
            if line.text.strip() and _indent(line) < edge:
                end = len(self.lines)  # what holds the block ends before it does
                break
            if (other := START.match(line.text)) and len(other["slashes"]) >= 3:
                if not self._closes_both(end, edge):
                    end = len(self.lines)
                    break
                label = Block(match["name"], "", opener).label
                inner = Block(other["name"], "", line).label
                self._fault(f"{inner} cannot stand inside {label}; end the {match['name']} before it", line)
                nested += 1
                others.add(end)
            elif (ends := END.match(line.text)) and nested:
                nested -= 1
                others.add(end)
            elif ends and ends["slashes"] == match["slashes"] and _indent(line) < edge + 4:
                break
            elif nested:
                others.add(end)
            end += 1
        if end >= len(self.lines):
            self._fault(f"this {match['name']} is never closed; end it with a line {match['slashes']}", opener)
            closed = start + 1
            while closed < len(self.lines) and OPTION.match(self.lines[closed].text[edge:]):
                closed += 1
            return closed
        name, argument = match["name"].lower(), match["argument"] or ""
        options, after = self._options(start + 1, end, edge)
        body = tuple(self._dedented(index, edge, index in others) for index in range(after, end))
        fences = tuple(
            replace(self.written[index], text=self.written[index].text[edge:])
            for index in range(after, end)
            if index in self.openers
        )
        self.blocks.append(Block(name, argument, opener, options, body, fences))
        return end + 1

    def _dedented(self, index: int, edge: int, nested: bool) -> Line:
        """A line of a body; one of a block that should not be there is empty."""
        line = self.lines[index]
        if nested:
            return replace(line, text="")
        if index not in self.openers:
            return replace(line, text=line.text[edge:])
        indent = _indent(self.written[index]) - edge
        return replace(line, text=" " * max(0, indent) + CODE)

    def _closes_both(self, start: int, edge: int) -> bool:
        """Whether a block that begins inside another is closed and the other one after it, rather than only one."""
        depth = 1
        for line in self.lines[start:]:
            if line.text.strip() and _indent(line) < edge:
                return False
            depth += bool(START.match(line.text)) - bool(END.match(line.text))
            if depth == 0:
                return True
        return False

    def _placed(self, start: int, name: str) -> None:
        """Whether a block can stand where it stands."""
        opener = self.lines[start]
        depth = _indent(opener)
        boxed = depth < 4
        for line in reversed(self.lines[:start]):
            if depth < 4:
                break
            if not line.text.strip() or _indent(line) >= depth - depth % 4:
                continue
            if LISTED.match(line.text):
                return self._fault(f"a {name} cannot stand in a list item; end the list before it", opener)
            if NOTED.match(line.text):
                return self._fault(f"a {name} cannot stand in a footnote", opener)
            boxed = bool(BOX.match(line.text))
            depth = _indent(line)
            if not boxed:
                break
        if not boxed:
            self._fault(f"this {name} is code by indentation alone; indent it less, or put it into a box", opener)
        return None

    def _options(self, start: int, end: int, edge: int) -> tuple[dict[str, Option], int]:
        """The options right below the first line, and where the body begins."""
        after = start
        while after < end and OPTION.match(self.lines[after].text[edge:]):
            after += 1
        given = self.lines[start:after]
        found: dict[str, Option] = {}
        for line in given:
            name, colon, _ = line.text.strip().partition(":")
            try:
                value = yaml.safe_load(line.text.strip())
            except yaml.YAMLError:
                value = None
            if not colon or not isinstance(value, dict) or len(value) != 1:
                self._fault("an option is a line 'name: value'; put a value with special signs in quotes", line)
            else:
                found[name.strip()] = Option(value[name.strip()], line)
        return found, after

    def _fault(self, message: str, line: Line) -> None:
        self.faults.append(Fault(message, line.file, line.number))
