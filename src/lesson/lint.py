"""What is wrong with the lesson blocks of a page before it is rendered, told with its file and line."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from manuscript.lines import Fault, Line, known

from . import citations, myth, proof, quiz_faults, values
from .shelf import Lesson
from .source import Block, read_blocks

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Shape:
    """What a kind of block is given.

    Attributes:
        argument: what stands behind the bar; "" if nothing may.
        options: its options, and whether each must be there.
    """

    argument: str
    options: Mapping[str, bool]


SHAPES = {
    "quiz": Shape("question", {"id": True, "kind": False, "answer": False, "tolerance": False, "unit": False}),
    "proof": Shape("title", {"id": True, "test": True}),
    "myth": Shape("name", {}),
    "myths": Shape("", {}),
    "sources": Shape("", {}),
}


def lint(page: Path, lines: Sequence[Line], lesson: Lesson) -> list[Fault]:
    """Every fault of one page, except what only all pages together tell.

    Args:
        page: the Markdown file.
        lines: what it holds, as `manuscript.lines.read` gives it.
    """
    if not lines:
        return []
    reading = read_blocks(list(lines))
    faults = list(reading.faults)
    for block in reading.blocks:
        faults += _shape_faults(block)
        if block.name in SHAPES:
            faults += _own_faults(block, page, lesson, any(one.name == "sources" for one in reading.blocks))
    faults += values.faults(lines, lesson.kinds)
    faults += citations.faults(lines, citations.read(lesson.data / citations.FILE)[0])
    return _sorted(faults)


def lint_all(pages: Mapping[Path, Sequence[Line]], lesson: Lesson) -> list[Fault]:
    """Every fault of all pages, the data that they draw on included."""
    faults, ids, boxes = [], {}, {}
    for page, lines in pages.items():
        faults += lint(page, lines, lesson)
        for block in read_blocks(list(lines)).blocks:
            if block.name == "myth":
                _count(boxes, block.argument, block)
            if block.name in ("quiz", "proof") and "id" in block.options:
                _count(ids, (block.name, str(block.options["id"].value)), block)
    for (name, identity), blocks in ids.items():
        faults += _twice(blocks, f"another {name} has the id {identity!r}", lambda block: block.options["id"].line)
    for name, blocks in boxes.items():
        faults += _twice(blocks, f"the myth {name!r} has a box already", lambda block: block.opener)
    faults += myth.table_faults(lesson, boxes)
    faults += citations.read(lesson.data / citations.FILE)[1]
    return _sorted(faults)


def _count(found: dict, key: object, block: Block) -> None:
    found.setdefault(key, []).append(block)


def _twice(blocks: list[Block], message: str, line: Callable[[Block], Line]) -> Iterator[Fault]:
    """All but the first, each saying where that is."""
    first = line(blocks[0])
    for block in blocks[1:]:
        yield block.fault(f"{message}: {first.file.name}, line {first.number}", line(block))


def _shape_faults(block: Block) -> Iterator[Fault]:
    """An unknown name, a missing argument, options that are unknown, missing or of no use."""
    shape = SHAPES.get(block.name)
    if shape is None:
        close = get_close_matches(block.name, SHAPES, n=1)
        hint = f"did you mean {close[0]}?" if close else known(SHAPES)
        yield block.fault(f"there is no block {block.name!r}; {hint}")
        return
    if shape.argument and not block.argument:
        yield block.fault(f"this {block.name} lacks its {shape.argument}; write '/// {block.name} | {shape.argument}'")
    if not shape.argument and block.argument:
        yield block.fault(f"nothing stands behind '/// {block.name}'")
    for name, option in block.options.items():
        if name not in shape.options:
            yield block.fault(f"unknown option {name!r}; {known(shape.options)}", option.line)
        elif option.value is None or isinstance(option.value, list | dict):
            yield block.fault(f"{name} has no value", option.line)
    for name, needed in shape.options.items():
        if needed and name not in block.options:
            yield _lacking(block, name)
    identity = block.options.get("id")
    if identity and identity.value is not None and not ID.fullmatch(str(identity.value)):
        message = f"id is {identity.value!r}; write small letters and digits, with hyphens between: snr-at-half"
        yield block.fault(message, identity.line)


def _lacking(block: Block, name: str) -> Fault:
    """An option that is not there, or stands where it is not read."""
    for line in block.body:
        if re.match(rf"[ ]*{name}:", line.text):
            message = f"{name!r} is not read here; options stand right below the first line, indented by four spaces"
            return block.fault(message, line)
    return block.fault(
        f"this {block.name} lacks its {name!r}; write it right below, indented by four spaces: '    {name}: …'"
    )


def _own_faults(block: Block, page: Path, lesson: Lesson, listed: bool) -> Iterator[Fault]:
    if block.name == "quiz":
        yield from quiz_faults.faults(block, lesson)
    elif block.name == "proof":
        yield from proof.faults(block, lesson)
    elif block.name == "myth" and block.argument:
        yield from myth.box_faults(block, page, lesson, listed)
    elif block.name == "myths":
        yield from myth.list_faults(block, page, lesson)


def _sorted(faults: list[Fault]) -> list[Fault]:
    return sorted(set(faults), key=lambda fault: (str(fault.file), fault.line, fault.message))
