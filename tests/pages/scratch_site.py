"""A small site of its own for tests: `mkdocs.yml` with the real site's Markdown, and whatever pages a test writes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """Reads `mkdocs.yml` with its tags left aside."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
MARKDOWN = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), _Loader)["markdown_extensions"]


class Site:
    """Pages, snippets and a list of exceptions in a folder, and pytest on them in a process of its own."""

    def __init__(self, root: Path):
        self.root = root
        self.write("mkdocs.yml", yaml.safe_dump({"site_name": "Test", "markdown_extensions": MARKDOWN}))
        self.write("docs/index.md", "# Home\n")
        ini = "[tool.pytest.ini_options]\ntestpaths = ['docs']\ncodeblocks_reviewed = 'reviewed.toml'\n"
        self.write("pyproject.toml", f"{ini}codeblocks_timeout = '5'\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def pytest(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        """What pytest says of the pages."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments], cwd=self.root,
            capture_output=True, text=True, encoding="utf-8", timeout=300, env={**environment, **env},
        )  # fmt: skip

    def said(self, *arguments: str) -> dict[str, list[tuple[str, str]]]:
        """Page → (place, message) of each of its tests that failed."""
        out = self.pytest("-rf", *arguments, COLUMNS="500").stdout
        lines = re.findall(r"^FAILED (docs/[\w/.-]+)::.*? - ([\w/.-]+:\d+): (.*)$", out, re.MULTILINE)
        found: dict[str, list[tuple[str, str]]] = {}
        for page, place, message in lines:
            found.setdefault(page, []).append((place, message))
        return found
