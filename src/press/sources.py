"""The source of what the site shows, as pages of the site, so that a figure can point to the lines that drew it."""

import ast
import re
from itertools import groupby
from pathlib import Path

from manuscript.lines import escaped

from .address import link, url
from .catalog import Catalog
from .pages import shown
from .project import Project

HIDDEN = re.compile(r"\.|__pycache__$")
TOOLS = {"press", "manuscript", "lesson", "codeblocks"}
SAFE = re.compile(r"(`+[^`]*`+|\$[^$\n]+\$)|([\\*_{}\[\]#<>&$])")
FRONT_MATTER = "---\ntitle: {}\nhide: [navigation, toc]\nsearch:\n  exclude: true\n---\n\n"


def source_pages(project: Project, catalog: Catalog | None = None) -> dict[str, str]:
    """Markdown of the pages that publish the source, by their place in the site (`source/recipes/moons.md`)."""
    catalog = catalog or Catalog.scan(project)
    where = shown(project, catalog)
    files = {_uri(project, file): file for room in _rooms(project) for file in _files(room)}
    pages = {uri: _page(project, file, uri, catalog, where) for uri, file in files.items()}
    return {"source/index.md": _index(project, files), **pages}


def source_url(project: Project, file: Path, line: int) -> str:
    """Address of a line of source, relative to the root of the site."""
    return f"{url(_uri(project, file))}#__codelineno-0-{line}"


def _rooms(project: Project) -> list[Path]:
    """The folders whose code the site shows: what is taught and drawn, not the tools that make the site of it."""
    return [*(folder for folder in sorted(project.src.iterdir()) if folder.name not in TOOLS), project.snippets]


def _files(room: Path) -> list[Path]:
    files = [file for file in sorted(room.rglob("*.py")) if file.stat().st_size]
    return [file for file in files if not any(HIDDEN.match(part) for part in file.relative_to(room).parts)]


def _name(project: Project, file: Path) -> str:
    """`figures/intermediate/noise_schedules.py`, `snippets/…`."""
    return file.relative_to(project.src if file.is_relative_to(project.src) else project.root).as_posix()


def _uri(project: Project, file: Path) -> str:
    return f"source/{_name(project, file).removesuffix('.py')}.md"


def _page(project: Project, file: Path, uri: str, catalog: Catalog, where: dict[str, list[str]]) -> str:
    name, text = _name(project, file), file.read_text("utf-8")
    parts = [f"{FRONT_MATTER.format(name)}# `{name}`", _summary(text)]
    drawn = [entry for entry in catalog.figures.values() if entry.file == file and entry.name in where]
    if drawn:
        # plain HTML, because these anchors exist only once the figures are hung, after links have been checked
        items = [
            f'- <a href="{link(url(uri).rstrip("/"), f"{url(page)}#fig-{entry.function}")}">{entry.function}</a>'
            for entry in drawn
            for page in where[entry.name]
        ]
        parts.append("\n".join(["It draws:", "", *items]))
    parts.append(_fenced(text))
    return "\n\n".join(filter(None, parts)) + "\n"


def _index(project: Project, files: dict[str, Path]) -> str:
    parts = [f"{FRONT_MATTER.format('Source')}# Source", "The files that compute what this site shows."]
    for room, uris in groupby(files, lambda uri: uri.split("/")[1]):
        parts += [f"## `{room}`", "\n".join(_item(project, room, uri, files[uri]) for uri in uris)]
    return "\n\n".join(parts) + "\n"


def _item(project: Project, room: str, uri: str, file: Path) -> str:
    about = _summary(file.read_text("utf-8"))
    name = _name(project, file).removeprefix(f"{room}/")
    return f"- [`{name}`]({uri.removeprefix('source/')}){f': {about}' if about else ''}"


def _summary(text: str) -> str:
    """First paragraph of a module's docstring, as Markdown that reads as it was written."""
    paragraph = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0]
    plain = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
    return SAFE.sub(lambda match: match[1] or plain.get(match[2], f"\\{match[2]}"), " ".join(paragraph.split()))


def _fenced(text: str) -> str:
    """The whole file in one fence, with a number for each line that is its number in the file."""
    body = text.rstrip("\n").lstrip("\n")
    first = 1 + len(text) - len(text.lstrip("\n"))  # a code block begins at the first line that is not empty
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return "\n".join([f'{fence}python linenums="{first}"', *map(escaped, body.split("\n")), fence])
