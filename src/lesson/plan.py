"""`docs/shelf/concepts.toml`: the pages the ladder will have, and which concepts each of them teaches."""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from manuscript.lines import Fault, known

from .front import RUNGS


@dataclass(frozen=True)
class Planned:
    """A page of the plan; `uri` is its Markdown file, relative to `docs/`."""

    uri: str
    title: str
    concepts: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Concepts in the order of the map, pages in the order they are read."""

    concepts: tuple[str, ...] = ()
    pages: tuple[Planned, ...] = ()
    faults: tuple[Fault, ...] = ()

    def page(self, uri: str) -> Planned | None:
        return next((page for page in self.pages if page.uri == uri), None)


def read(file: Path) -> Plan:
    """The plan; an empty one if there is no such file, or if it is not TOML."""
    if not file.is_file():
        return Plan()
    text = file.read_text("utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return Plan(faults=(Fault(f"this is not TOML: {error}", file, int(line[1]) if line else text.count("\n") + 1),))
    faults = []

    def fault(message: str, key: str) -> None:
        faults.append(Fault(message, file, _line(text, key)))

    pages, concepts = (_table(table, key) for key in ("pages", "concepts"))
    for key in {"pages", "concepts"} ^ table.keys():
        fault(
            f"the plan holds the tables [pages] and [concepts]; {key} is {'unknown' if key in table else 'missing'}",
            key,
        )
    rows: dict[str, dict[str, str]] = {}
    for name, row in pages.items():
        if not _is_page(row):
            fault(f'{name} must be {{ path = "rung/page", title = "…" }}, its rung one of {", ".join(RUNGS)}', name)
        elif twin := next((other for other in rows if rows[other]["path"] == row["path"]), None):
            fault(f"{name} has the path of {twin}", name)
        else:
            rows[name] = row
    taught: dict[str, list[str]] = {name: [] for name in rows}
    for concept, names in concepts.items():
        if not isinstance(names, list):
            fault(f'{concept!r} must be a list of pages, such as ["B1", "I1"]', concept)
            continue
        for name in names:
            if name in taught:
                taught[name].append(concept)
            elif name not in pages:
                close = get_close_matches(name, rows)
                hint = f"did you mean {' or '.join(close)}?" if close else known(rows)
                fault(f"{concept!r} names {name!r}, which is not under [pages]; {hint}", concept)
    planned = (Planned(f"{row['path']}.md", row["title"], tuple(taught[name])) for name, row in rows.items())
    return Plan(tuple(concepts), tuple(planned), tuple(faults))


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    return table[key] if isinstance(table.get(key), dict) else {}


def _is_page(row: Any) -> bool:
    if not isinstance(row, dict) or row.keys() != {"path", "title"}:
        return False
    rung, slash, name = str(row["path"]).partition("/")
    return rung in RUNGS and bool(slash and name and row["title"]) and isinstance(row["title"], str)


def _line(text: str, key: str) -> int:
    """The line that a key of the file stands on."""
    match = re.search(rf"""^[ \t]*\[?["']?{re.escape(key)}["']?[ \t]*[=\]]""", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1
