"""What lesson blocks draw on: the folders of the site's data and of its computed numbers."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .values import Values


@dataclass(frozen=True)
class Lesson:
    """The site as lesson blocks see it.

    Attributes:
        data: the folder of the TOML files; it lies right inside the folder of the pages.
        values: the folder of the computed numbers.
        kinds: full name → what that figure function returns; those that return float or int are values.
        root: the folder that names of tests start from.
    """

    data: Path
    values: Path
    root: Path = Path(".")
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def docs(self) -> Path:
        """The folder of the pages."""
        return self.data.parent

    @cached_property
    def myths(self) -> dict[str, dict[str, Any]]:
        """The rows of `myths.toml`; none if there is no such file."""
        return self.table("myths")

    def table(self, name: str) -> dict[str, Any]:
        """What `<name>.toml` holds; nothing if there is no such file, or if it is not TOML (the linter says so)."""
        try:
            return tomllib.loads((self.data / f"{name}.toml").read_text("utf-8"))
        except (FileNotFoundError, tomllib.TOMLDecodeError):
            return {}

    def number(self, name: str) -> float | None:
        """The computed number of that name; None if it is not there."""
        try:
            return float(Values(self.values)[name][1])
        except LookupError:
            return None
