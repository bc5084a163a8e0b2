"""The lines of a page: front matter set aside, `--8<--` lines replaced by what they include."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from textwrap import dedent

FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
# An include as pymdownx.snippets has it: `--8<-- "file:section"`, or `--8<--` alone around paths; `;` escapes it.
INCLUDE = re.compile(r"""^[ \t]*(?P<escape>;*)-+8<-+(?:[ \t]+(?P<quote>["'])(?P<path>.+?)(?P=quote))?[ \t]*$""")
MARKER = re.compile(
    r"(?P<escape>;*)-+8<-+[ \t]+\[[ \t]*(?P<type>start|end)[ \t]*:[ \t]*(?P<name>[a-z][-\w]*)[ \t]*\]", re.I
)


@dataclass(frozen=True)
class Line:
    """One line of a page, and where it was written: the number counts from 1."""

    text: str
    file: Path
    number: int


@dataclass(frozen=True)
class Fault:
    """Something an author can mend, with the file and line to mend it in."""

    message: str
    file: Path
    line: int


def read(
    file: Path, rooms: Sequence[Path] = (), awaited: Collection[str] = (), includes: bool = True
) -> tuple[list[Line], list[Fault]]:
    """The lines of a page as the renderer will see them, and what is wrong with its includes.

    Args:
        file: a Markdown file.
        rooms: the folders that included files are looked up in, as `base_path` of pymdownx.snippets has them.
        awaited: names that may be included although they are not there yet; they stand for nothing.
        includes: False for a file that is read as it stands, such as a README.
    """
    text = file.read_text("utf-8-sig")
    front = FRONT_MATTER.match(text)
    skipped = front[0].count("\n") if front else 0
    lines = [Line(line, file, number) for number, line in enumerate(text.split("\n"), 1)][skipped:]
    if not includes:
        return lines, []
    expansion = _Expansion(rooms, awaited)
    return list(expansion.lines(lines)), expansion.faults


def sections(lines: list[str]) -> dict[str, tuple[int, int]]:
    """Section → the lines between its markers in a file, as a half-open range counted from 0."""
    starts, found = {}, {}
    for index, line in enumerate(lines):
        marker = MARKER.search(line)
        if marker is None or marker["escape"]:
            continue
        if marker["type"].lower() == "start":
            starts.setdefault(marker["name"], index + 1)
        elif marker["name"] in starts:
            found.setdefault(marker["name"], (starts[marker["name"]], index))
    return found


def escaped(line: str) -> str:
    """A line of a file such that pymdownx.snippets shows it instead of obeying it."""
    match = INCLUDE.match(line) or MARKER.search(line)
    return f"{line[: match.start('escape')]};{line[match.start('escape') :]}" if match else line


def known(names) -> str:
    """The names an author could have meant, for the end of a message."""
    return f"known: {', '.join(sorted(names))}" if names else "there are none yet"


class _Expansion:
    """Replaces includes, and notes what is wrong with them."""

    def __init__(self, rooms: Sequence[Path], awaited: Collection[str]):
        self.rooms, self.awaited = rooms, awaited
        self.faults: list[Fault] = []

    def lines(self, lines: list[Line], seen: tuple[Path, ...] = (), section: bool = False) -> Iterator[Line]:
        """The lines with every include replaced by what it includes."""
        block = False
        for line in lines:
            include = INCLUDE.match(line.text)
            if include and include["escape"]:
                yield replace(line, text=line.text.replace(";", "", 1))
            elif include and not include["path"]:
                block = not block
            elif include or (block and line.text.strip()):
                path = (include["path"] if include else line.text).strip()
                if not path.startswith(";"):
                    yield from self._included(path, line, seen)
            elif not block and (section or not _marks(line.text)):
                yield line

    def _included(self, path: str, line: Line, seen: tuple[Path, ...]) -> Iterator[Line]:
        name, colon, part = path.partition(":")
        if colon and not part[:1].isalpha():
            self._fault(f"{path!r} includes by line number, which moves when the file is edited; name a section", line)
            return
        file = next((room / name for room in self.rooms if (room / name).is_file()), None)
        if file is None:
            if name not in self.awaited:
                rooms = self.rooms
                files = [one.relative_to(room).as_posix() for room in rooms for one in room.rglob("*") if one.is_file()]
                close = get_close_matches(name, files, n=3)
                hint = f"did you mean {' or '.join(close)}?" if close else known(files)
                self._fault(f"there is no file {name!r} to include; {hint}", line)
            return
        text = file.read_text("utf-8").split("\n")
        lines = [Line(one, file, number) for number, one in enumerate(text, 1)]
        if part:
            found = sections(text)
            if part not in found:
                half = any(mark["name"] == part for one in text if (mark := MARKER.search(one)))
                fault = f"section {part!r} of {name} has no end" if half else f"{name} has no section {part!r}"
                self._fault(f"{fault}; {known(found)}", line)
                return
            lines = _dedented([one for one in lines[slice(*found[part])] if not _marks(one.text)])
        indent = re.match(r"[ \t]*", line.text)[0]
        lines = [replace(one, text=indent + one.text) for one in lines]
        if file not in seen:
            yield from self.lines(lines, (*seen, file), section=bool(part))

    def _fault(self, message: str, line: Line) -> None:
        self.faults.append(Fault(message, line.file, line.number))


def _dedented(lines: list[Line]) -> list[Line]:
    texts = dedent("\n".join(line.text for line in lines)).split("\n") if lines else []
    return [replace(line, text=text) for line, text in zip(lines, texts, strict=True)]


def _marks(line: str) -> bool:
    """Whether a line is a section marker, which is never shown."""
    return (marker := MARKER.search(line)) is not None and not marker["escape"]
