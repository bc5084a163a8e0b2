"""`/// myth`: what common explainers say, and what holds. `/// myths`: all of them, on the page that lists them.

The rows stand in `myths.toml`, so that the box on a page and the list are one text.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from posixpath import relpath
from typing import Any
from xml.etree.ElementTree import Element

from manuscript.lines import Fault, Line, known

from . import citations, values
from .shelf import Lesson
from .source import Block
from .tree import LessonBlock, add

KEYS = {"said": str, "holds": str, "page": str, "errata": list, "value": str}
REQUIRED = ("said", "holds", "page")
SAID = re.compile(r"said\s*=")


class Myth(LessonBlock):
    """One row as a box."""

    NAME = "myth"

    def on_end(self, block: Element) -> None:
        name = (self.argument or "").strip()
        row = self.lesson.myths.get(name)
        if row is None:  # the linter says so
            block.text = f"There is no myth {name!r}."
            return
        block.attrib |= {"class": "admonition myth", "id": f"myth-{name}"}
        add(block, "p", "admonition-title", f"Myth: {self.ready(_lowered(row['said']))}")
        self.parse(block, self.ready(row["holds"]))

    def ready(self, text: str) -> str:
        """A text of the table, its computed numbers marked for the page."""
        return values.tokens(self.md, text.strip()) if "lesson-values" in self.md.preprocessors else text.strip()


class Myths(Myth):
    """All rows, each with a link to the page where its box stands."""

    NAME = "myths"

    def on_end(self, block: Element) -> None:
        block.set("class", "dl-myths")
        for name, row in self.lesson.myths.items():
            entry = add(block, "div", "dl-myth", id=f"myth-{name}")
            add(entry, "p", "dl-myth-said", self.ready(row["said"]))
            holds = add(entry, "div", "dl-myth-holds")
            self.parse(holds, self.ready(row["holds"]))
            file = self.lesson.docs / f"{row['page']}.md"
            if file.is_file():
                where = add(entry, "p", "dl-myth-where", "Told in full where it comes up: ")
                href = f"{relpath('/' + row['page'], '/' + self.lesson.data.name)}.md#myth-{name}"
                add(where, "a", text=_title(file), href=href)


def box_faults(block: Block, page: Path, lesson: Lesson, listed: bool) -> Iterator[Fault]:
    """What is wrong with a myth's box on a page.

    Args:
        listed: whether the page lists its sources.
    """
    row = lesson.myths.get(block.argument)
    if row is None:
        yield block.fault(f"there is no myth {block.argument!r} in myths.toml; {known(lesson.myths)}")
    elif (here := _name(page, lesson)) and row.get("page") not in (None, here):
        yield block.fault(f"myths.toml says that this box stands on {row['page']}, not here; mend one of the two")
    if row and not listed and citations.CITED.search(str(row.get("holds"))):
        yield block.fault(
            "this myth cites a source, and the page does not list it; end it with `/// sources` and `///`"
        )
    if text := next((line for line in block.body if line.text.strip()), None):
        yield block.fault("the text of a myth stands in myths.toml; leave this block empty", text)


def list_faults(block: Block, page: Path, lesson: Lesson) -> Iterator[Fault]:
    """What is wrong with the list of all myths."""
    if page.parent.resolve() != lesson.data.resolve():
        yield block.fault(f"the list of all myths stands on a page in {lesson.data.name}/, beside myths.toml")
    if text := next((line for line in block.body if line.text.strip()), None):
        yield block.fault("the text of the myths stands in myths.toml; leave this block empty", text)


def table_faults(lesson: Lesson, boxes: Mapping[str, list[Block]]) -> Iterator[Fault]:
    """What is wrong in `myths.toml` itself.

    Args:
        boxes: myth → the boxes that stand on pages.
    """
    file = lesson.data / "myths.toml"
    if message := _not_toml(file):
        yield Fault(
            f"not TOML: {message}", file, int(re.findall(r"line (\d+)", message)[-1]) if "line" in message else 1
        )
        return
    if file.is_file():
        lines = [Line(text, file, number) for number, text in enumerate(file.read_text("utf-8").split("\n"), 1)]
        # the numbers of what is often said are not ours to compute
        yield from values.faults(
            [replace(one, text="") if SAID.match(one.text) else one for one in lines], lesson.kinds
        )
        sources, _ = citations.read(lesson.data / citations.FILE)
        yield from citations.faults([*lines, Line("/// sources", file, len(lines))], sources)
    for name, row in lesson.myths.items():
        line = _line(file, name)
        yield from (Fault(message, file, line) for message in _row_faults(name, row, lesson))
        page = row.get("page")
        if isinstance(page, str) and (lesson.docs / f"{page}.md").is_file() and not boxes.get(name):
            yield Fault(f"{page} does not show this myth; write '/// myth | {name}' there, and '///'", file, line)


def _not_toml(file: Path) -> str:
    try:
        tomllib.loads(file.read_text("utf-8") if file.is_file() else "")
    except tomllib.TOMLDecodeError as error:
        return str(error)
    return ""


def _row_faults(name: str, row: Mapping[str, Any], lesson: Lesson) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield f"{name} is no table; write [{name}]"
        return
    for key in sorted(set(row) - set(KEYS)):
        yield f"unknown key {key!r}; {known(KEYS)}"
    for key in REQUIRED:
        if not str(row.get(key, "")).strip():
            yield f"this myth has no {key!r}; a myth says what is said, what holds, and on which page"
    for key, kind in KEYS.items():
        if key in row and not isinstance(row[key], kind):
            yield f"{key} is {row[key]!r}; write a {'list of numbers' if kind is list else 'text in quotes'}"
    try:
        if isinstance(row.get("value"), str):
            values.resolve(row["value"], [name for name, kind in lesson.kinds.items() if kind in values.NUMBERS])
    except LookupError as error:
        yield f"value: {error.args[0]}"


def _lowered(text: str) -> str:
    """A sentence as it stands behind a colon; a name keeps its capital."""
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:] if re.match(r"[A-Z][a-z]|A ", text) else text


def _name(page: Path, lesson: Lesson) -> str:
    """`intermediate/noise_schedules`; "" if the page lies elsewhere."""
    page, docs = page.resolve(), lesson.docs.resolve()
    return page.relative_to(docs).with_suffix("").as_posix() if page.is_relative_to(docs) else ""


def _line(file: Path, name: str) -> int:
    lines = file.read_text("utf-8").split("\n")
    head = re.compile(rf"^\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    return next((number for number, line in enumerate(lines, 1) if head.match(line)), 1)


def _title(file: Path) -> str:
    """What a page calls itself."""
    text = file.read_text("utf-8")
    found = re.search(r"^title:[ ]*[\"']?(.+?)[\"']?[ ]*$", text, re.M) or re.search(
        r"^#[ ]+(.+?)[ ]*(?:\{.*\})?$", text, re.M
    )
    return found[1] if found else file.stem
