"""Where things lie in a checkout."""

from dataclasses import dataclass
from pathlib import Path

from .errors import PressError


@dataclass(frozen=True)
class Project:
    """A checkout: rooms that people write in, and `.press/`, which only the press writes in."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Project":
        """The project around `start` (default: the working directory)."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "src" / "figures").is_dir():
                return cls(folder)
        raise PressError(f"no project here: neither {start} nor a folder above it holds src/figures")

    @property
    def src(self) -> Path:
        return self.root / "src"

    @property
    def figures(self) -> Path:
        return self.src / "figures"

    @property
    def recipes(self) -> Path:
        return self.src / "recipes"

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def lock(self) -> Path:
        return self.root / "requirements.lock"

    @property
    def cache(self) -> Path:
        return self.root / ".press"

    @property
    def store(self) -> Path:
        return self.cache / "store"

    @property
    def out(self) -> Path:
        """Built files, laid out as the site will have them."""
        return self.cache / "site"

    def relative(self, path: Path | str) -> str:
        """`path` as people write it: relative to the checkout, with forward slashes."""
        path = Path(path)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
