"""What is done with each block of a page.

    Python      run; a block with the class `continues` goes on with the Python block before it
    output      compared with what the block before it printed
    shell       run in a scratch copy of the checkout
    data        YAML, TOML and JSON are parsed
    Markdown    shown as its author wrote it, if the same file also stands live on the page, where all of it is tested
    reviewed    the few that are not run, each with its reason in a list that people review

Anything else is a fault, told with its place.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from manuscript.lines import Fault

from . import gaps
from .fences import SHOWN, Fence, Found
from .output import tolerance

PYTHON = {"python", "py", "python3", "py3", "pycon"}
SHELL = {"sh", "bash", "shell", "zsh", "console"}
DATA = {"yaml", "yml", "toml", "json"}
OUTPUT = "output"


@dataclass(frozen=True)
class Piece:
    """A Python block and the output that the page shows for it, if any.

    Attributes:
        block: what runs; a gap for the reader is filled.
        gapped: the block as the page shows it, if it has a gap.
    """

    block: Fence
    output: Fence | None = None
    gapped: Fence | None = None


@dataclass(frozen=True)
class Program:
    """Python blocks that run as one module, in the order of the page."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Script:
    """A shell block and the output that the page shows for it, if any."""

    block: Fence
    output: Fence | None = None


@dataclass(frozen=True)
class Data:
    """A block that must parse."""

    block: Fence


@dataclass(frozen=True)
class Twin:
    """A block of Markdown that also stands live on its page."""

    block: Fence


@dataclass(frozen=True)
class Excused:
    """A block on the reviewed list."""

    block: Fence
    reason: str


Check = Program | Script | Data | Twin | Excused


@dataclass(frozen=True)
class Reviewed:
    """One entry of the list: a block known by its file and its first line, and why it is not run."""

    file: str
    first: str
    reason: str


def reviewed(path: Path) -> list[Reviewed]:
    """The list; empty if there is no file.

    Raises:
        ValueError: an entry lacks its file, its first line or its reason.
    """
    if not path.is_file():
        return []
    entries = tomllib.loads(path.read_text("utf-8")).get("block", [])
    for entry in entries:
        if set(entry) != {"file", "first", "reason"} or not all(str(value).strip() for value in entry.values()):
            raise ValueError(f"{path.name}: an entry has file, first and reason, not {sorted(entry)}")
    return [Reviewed(**entry) for entry in entries]


def checks(found: Found, name: str, exceptions: list[Reviewed]) -> tuple[list[Check], list[Fault]]:
    """What to do with each block of the page `name`, and every fault."""
    programs: list[list[Piece]] = []
    done: list[Check] = []
    faults = list(found.faults)
    order: dict[int, int] = {}
    last: list | None = None  # the Python program or the script that the next output belongs to
    for index, fence in enumerate(found.fences):
        order[id(fence)] = index
        mine = [one for one in exceptions if (one.file, one.first) == (name, _first(fence))]
        faults += _marked(fence)
        faults += gaps.faults(fence, fence.lang in PYTHON and fence.lang != "pycon")
        if "continues" in fence.classes and fence.lang not in PYTHON:
            faults.append(fence.fault("only a Python block can continue another"))
        if "data-tolerance" in fence.options and fence.lang != OUTPUT:
            faults.append(fence.fault("data-tolerance belongs on the output, not here"))
        if mine and fence.lang in PYTHON:
            faults.append(fence.fault("no Python block may stand on the list of exceptions"))
        if fence.lang in PYTHON:
            if "continues" in fence.classes and not programs:
                faults.append(fence.fault("there is no Python block on this page to continue"))
            piece = _piece(fence)
            order[id(piece.block)] = index
            if "continues" in fence.classes and programs:
                programs[-1].append(piece)
            else:
                programs.append([piece])
            last = programs[-1]
        elif mine:
            done.append(Excused(fence, mine[0].reason))
            last = None
        elif fence.lang in SHELL:
            last = [Script(fence)]
            done.append(last)
        elif fence.lang == OUTPUT:
            faults += _shown(fence, last)
            if last and last[-1].output is None:
                last[-1] = replace(last[-1], output=fence)
        elif fence.lang in SHOWN and fence.lines and {line.file for line in fence.lines} <= found.live:
            done.append(Twin(fence))
            last = None
        elif fence.lang in DATA:
            done.append(Data(fence))
            last = None
        else:
            faults.append(fence.fault(_unknown(fence, last)))
    chosen = [Program(tuple(pieces)) for pieces in programs] + [
        one[0] if isinstance(one, list) else one for one in done
    ]
    return sorted(chosen, key=lambda check: order[id(blocks(check)[0])]), faults


def blocks(check: Check) -> list[Fence]:
    """The blocks that a check accounts for, shown output included."""
    pieces = check.pieces if isinstance(check, Program) else [check]
    found = [[piece.block, getattr(piece, "output", None)] for piece in pieces]
    return [fence for pair in found for fence in pair if fence]


def fillings(program: Program) -> Iterator[tuple[str, Program]]:
    """Each way to run a program, with what stands in its gap: once through, then to each gap for what else fits it."""
    yield "", program
    for index, piece in enumerate(program.pieces):
        for text in gaps.spellings(piece.gapped)[1:] if piece.gapped else ():
            other = replace(piece, block=gaps.filled(piece.gapped, text))
            yield text, Program((*program.pieces[:index], other))


def _piece(fence: Fence) -> Piece:
    texts = gaps.spellings(fence)
    return Piece(gaps.filled(fence, texts[0]), gapped=fence) if texts else Piece(fence)


def parsed(block: Fence) -> Fault | None:
    """What is wrong with a block of data, with its line; None if it parses."""
    try:
        if block.lang == "toml":
            tomllib.loads(block.code)
        elif block.lang == "json":
            json.loads(block.code)
        else:
            list(yaml.parse(block.code, yaml.SafeLoader))
    except json.JSONDecodeError as error:
        return _at(block, error.lineno, f"not JSON: {error.msg}")
    except tomllib.TOMLDecodeError as error:
        words = str(error).replace(")", "").split("at line ")
        return _at(block, int(words[1].split(",")[0]) if len(words) > 1 else len(block.lines), f"not TOML: {error}")
    except yaml.MarkedYAMLError as error:
        return _at(block, error.problem_mark.line + 1 if error.problem_mark else 1, f"not YAML: {error.problem}")
    return None


def _at(block: Fence, number: int, message: str) -> Fault:
    line = block.lines[max(0, min(number, len(block.lines)) - 1)] if block.lines else block.opener
    return Fault(message, line.file, line.number)


def _first(fence: Fence) -> str:
    return next((line.text.strip() for line in fence.lines if line.text.strip()), "")


def _marked(fence: Fence) -> list[Fault]:
    """Comments for pytest-codeblocks hide from the reader what happens to a block, so none is obeyed."""
    words = {
        "cont": "write {.python .continues} instead, so that the reader sees it too",
        "expected-output": "write an ```output fence instead",
    }
    faults = []
    for mark in fence.marks:
        keyword = mark.removeprefix("pytest-codeblocks:").strip()
        advice = next((text for key, text in words.items() if keyword.startswith(key)), "every block runs")
        faults.append(fence.fault(f"the comment {mark!r} above this block is not obeyed; {advice}"))
    return faults


def _shown(fence: Fence, last: list | None) -> list[Fault]:
    faults = []
    if last is None:
        faults.append(fence.fault("this output has no block before it that could have printed it"))
    elif last[-1].output is not None:
        faults.append(fence.fault("the block before this already shows its output"))
    try:
        tolerance(fence)
    except ValueError as error:
        faults.append(fence.fault(str(error)))
    return faults


def _unknown(fence: Fence, last: list | None) -> str:
    if fence.lang in SHOWN:
        return (
            "include this Markdown from a file, in this block and live on the page, so that it is tested; else list it"
        )
    if fence.lang in ("text", "txt", "") and last:
        return "if this is what the block before it prints, write ```output, so that it is compared; else list it"
    label = f"{fence.lang!r} block" if fence.lang else "block without a language"
    return f"a {label} is not tested; name its language, or put it on the reviewed list with a reason"
