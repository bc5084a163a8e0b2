"""Front matter: what a lesson says of itself, each value with the line it stands on."""

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from manuscript.lines import FRONT_MATTER, Fault, known

RUNGS = ("beginner", "intermediate", "advanced", "frontier")
REQUIRED = ("tier", "concepts", "needs", "minutes")
OPTIONAL = ("title", "description", "hide", "search", "template")
EXAMPLE = "tier: beginner, concepts: [noise schedule], needs: [], minutes: 8"


@dataclass(frozen=True)
class Value:
    """A value, the line its key stands on, and the line of each item if it is a list."""

    value: Any
    line: int
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Front:
    """The front matter of one page; `faults` says what is no YAML in it."""

    file: Path
    values: dict[str, Value] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def line(self, key: str) -> int:
        """Where a key stands; line 1 if it does not."""
        return self.values[key].line if key in self.values else 1

    def names(self, key: str) -> dict[str, int]:
        """The names in a list, each with its line; none if the value is no list of names."""
        entry = self.values.get(key)
        if entry is None or not _is_names(entry.value):
            return {}
        return dict(zip(entry.value, entry.items, strict=True))


def read(file: Path) -> Front:
    """The front matter of a Markdown file, empty if there is none."""
    match = FRONT_MATTER.match(file.read_text("utf-8-sig"))
    if not match:
        return Front(file)
    values, faults, line = {}, [], 1
    try:
        loader = yaml.SafeLoader("\n".join(match[0].rstrip().split("\n")[1:-1]))
        root = loader.get_single_node()
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        if root is not None and not isinstance(root, yaml.MappingNode):
            faults.append(Fault("the front matter must be lines of the form `key: value`", file, _line(root)))
        for key, node in pairs:
            name, line = str(loader.construct_object(key)), _line(key)
            if name in values:
                faults.append(
                    Fault(f"{name!r} stands twice in the front matter, first on line {values[name].line}", file, line)
                )
            else:
                items = tuple(map(_line, node.value)) if isinstance(node, yaml.SequenceNode) else ()
                values[name] = Value(loader.construct_object(node, deep=True), line, items)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(f"the front matter is not YAML: {error.problem}", file, mark.line + 2 if mark else 1))
    except (yaml.YAMLError, ValueError) as error:  # a character that YAML does not allow, a date that is none
        faults.append(Fault(f"the front matter is not YAML: {error}", file, line))
    return Front(file, values, tuple(faults))


def check(front: Front, folder: str, concepts: Collection[str]) -> list[Fault]:
    """What is wrong with the front matter of a lesson, taken by itself.

    Args:
        front: the front matter.
        folder: the first folder of the page below `docs/`, which is its rung.
        concepts: the names of all concepts.
    """
    if front.faults:
        return list(front.faults)
    if not front.values:
        return [Fault(f"this page has no front matter; say what it teaches, as in `{EXAMPLE}`", front.file, 1)]
    faults = []

    def fault(message: str, line: int) -> None:
        faults.append(Fault(message, front.file, line))

    if missing := [key for key in REQUIRED if key not in front.values]:
        fault(f"the front matter lacks {_and(missing)}; a lesson says `{EXAMPLE}`", 1)
    for key in front.values.keys() - {*REQUIRED, *OPTIONAL}:
        fault(f"front matter has no key {key!r}; {_meant(key, (*REQUIRED, *OPTIONAL))}", front.line(key))
    if tier := front.values.get("tier"):
        if tier.value not in RUNGS:
            fault(f"there is no rung {tier.value!r}; tier is one of {', '.join(RUNGS)}", tier.line)
        elif tier.value != folder:
            stands = f"in {folder}/" if folder else "in no folder of a rung"
            fault(f"the tier is {tier.value}, but the page stands {stands}; change one of them", tier.line)
    for key in ("concepts", "needs"):
        if key in front.values and not _is_names(front.values[key].value):
            fault(f"{key} must be a list of concepts, such as `{key}: [noise schedule]`", front.line(key))
        for name, line in front.names(key).items():
            if name not in concepts:
                fault(f"there is no concept {name!r}; {_meant(name, concepts)}", line)
    minutes = front.values.get("minutes")
    if minutes and (type(minutes.value) is not int or minutes.value < 1):
        fault(f"minutes must be a whole number above nought, not {minutes.value!r}", minutes.line)
    return sorted(faults, key=lambda one: one.line)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 2  # YAML counts from 0, below the opening dashes


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _meant(name: str, names: Collection[str]) -> str:
    close = get_close_matches(name, names)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else known(names)


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
