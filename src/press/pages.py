"""What can be wrong in a page before it is rendered, told with its file and line.

A page is read as the renderer will read it: front matter set aside, `--8<--` lines replaced by what they include, each
line still knowing where it came from. Code fences, code spans and comments hold no images. A code block made by
indentation alone does, since only a full parse could tell it from a list item's second paragraph.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from html import unescape
from itertools import accumulate
from pathlib import Path
from posixpath import basename, dirname, relpath

from lesson import ladder, values
from lesson.lint import lint_all
from lesson.shelf import Lesson
from manuscript.lines import Fault, Line, read
from manuscript.prose import HIDDEN, blanked, without_fences

from .address import resolve, url
from .catalog import Catalog
from .errors import PressError, known
from .project import Project

DEFINITION = re.compile(r"^[ ]{0,3}\[(?P<name>[^\]]+)\]:[ \t]*<?(?P<src>[^\s>]+)", re.MULTILINE)
DESTINATION = re.compile(
    r"""\(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<plain>(?:[^\s()]|\([^\s()]*\))*))(?:\s+["'(].*?["')])?\s*\)""", re.DOTALL
)
REFERENCE = re.compile(r"[ ]?\[(?P<name>[^\]]*)\]")
RAW = re.compile(r"""<img\b(?P<attrs>(?:[^>"']+|"[^"]*"|'[^']*')*+)>""", re.IGNORECASE)
HEADING = re.compile(r"^#{1,6}\s.*(?:\$[^$\s][^$]*\$|\\\()")
HEADING_MATH = (
    "a formula in a heading: the table of contents and the browser's title would show its TeX; say it in words"
)
ATTRIBUTE = r"""(?<![-\w]){}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""


@dataclass(frozen=True)
class Image:
    """An image in the Markdown of a page; `target` is the site path it points to, None if that is elsewhere."""

    alt: str
    src: str
    target: str | None
    file: Path
    line: int


def lint(project: Project, catalog: Catalog) -> list[PressError]:
    """Every fault of every page."""
    errors = []
    for file in pages(project):
        page = _Page(project, file, catalog)
        errors += page.faults
        errors += [PressError(_no_alt(image), image.file, image.line) for image in page.images if not image.alt.strip()]
        errors += [PressError(HEADING_MATH, line.file, line.number) for line in page.headings_with_math]
        for image in page.images:
            if image.target and (message := misdirected(project, catalog, image.target, dirname(page.uri))):
                errors.append(PressError(message, image.file, image.line))
    flaws = ladder.faults(project.docs, project.root / "mkdocs.yml") + _lessons(project, catalog)
    errors += [PressError(flaw.message, flaw.file, flaw.line) for flaw in flaws]
    return sorted(set(errors), key=lambda error: (str(error.file), error.line or 0))


def _lessons(project: Project, catalog: Catalog) -> list[Fault]:
    """What is wrong with the lesson blocks, computed numbers and citations of all pages."""
    kinds = {entry.name: entry.kind for entry in catalog.figures.values()}
    lesson = Lesson(project.docs / "shelf", project.out, project.root, kinds)
    return lint_all({file: read(file, includable(project), catalog.by_output())[0] for file in pages(project)}, lesson)


def images(project: Project, file: Path) -> list[Image]:
    """The images in the Markdown of one page."""
    return _Page(project, file).images


def shown(project: Project, catalog: Catalog) -> dict[str, list[str]]:
    """Figure → the Markdown files, relative to `docs/`, of the pages that show it."""
    entries, found = catalog.by_output(), {}
    for file in pages(project):
        uri = file.relative_to(project.docs).as_posix()
        for image in images(project, file):
            if image.target in entries and uri not in found.setdefault(entries[image.target].name, []):
                found[entries[image.target].name].append(uri)
    return found


def unused(project: Project, catalog: Catalog) -> list[PressError]:
    """The pictures that no page shows, and the numbers that none states."""
    used = shown(project, catalog)
    texts = [*pages(project), *project.docs.rglob("*.toml"), *project.snippets.rglob("*.md")]
    stated = {name for file in texts for name in values.used(file.read_text("utf-8"))}
    errors = []
    for entry in catalog.figures.values():
        if entry.picture and entry.name not in used:
            message = f"no page shows this figure; link it as ![…]({entry.outputs[0]}), or delete it"
            errors.append(PressError(message, entry.file, entry.line))
        if entry.number and not any(f"/{entry.name}".endswith(f"/{name}") for name in stated):
            message = f"no page states this number; write it as {{{{ {entry.function} }}}}, or delete it"
            errors.append(PressError(message, entry.file, entry.line))
    return errors


def pages(project: Project) -> list[Path]:
    """The Markdown files that become pages."""
    files = sorted(project.docs.rglob("*.md"))
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(project.docs).parts)]


def misdirected(project: Project, catalog: Catalog, target: str, folder: str) -> str:
    """What is wrong with an image that points to the site path `target`, as seen from `folder`; "" if nothing is."""
    if (project.docs / target).is_file():
        return ""

    def here(path: str) -> str:
        return relpath(f"/{path}", f"/{folder}")

    name = f"{dirname(target)}/{basename(target).partition('.')[0]}".lstrip("/")
    if entry := catalog.figures.get(name):
        if not entry.picture:
            return f"{name} returns {entry.kind}, which is not a picture"
        if target == entry.outputs[0]:
            return ""
        twin = "; the one for the other colour scheme comes by itself" if target in entry.outputs else ""
        return f"{here(target)} is not what to show: link {here(entry.outputs[0])}{twin}"
    pictures = [entry.outputs[0] for entry in catalog.figures.values() if entry.picture]
    room = {basename(path): path for path in pictures if dirname(path) == dirname(target)}
    close = [room[one] for one in get_close_matches(basename(target), room)]
    close = close or get_close_matches(target, pictures, cutoff=0.75 if not room else 0.9)
    if not room and not close:
        return f"there is no file {here(target)}"
    hint = f"did you mean {' or '.join(map(here, close))}?" if close else known(map(here, room.values()))
    return f"there is no figure {here(target)}; {hint}"


class _Page:
    """One page as the renderer will read it."""

    def __init__(self, project: Project, file: Path, catalog: Catalog | None = None):
        self.project, self.file = project, file
        self.uri = file.relative_to(project.docs).as_posix()
        lines, faults = read(file, includable(project), catalog.by_output() if catalog else ())
        self.faults = [PressError(fault.message, fault.file, fault.line) for fault in faults]
        self.lines, unclosed = without_fences(lines)
        for line, fence in unclosed:
            message = f"this code fence is never closed; end it with a line {fence}"
            self.faults.append(PressError(message, line.file, line.number))
        self.text = blanked(HIDDEN, "\n".join(line.text for line in self.lines))

    @cached_property
    def images(self) -> list[Image]:
        definitions = {_name(one["name"]): one["src"] for one in DEFINITION.finditer(self.text)}
        found = []
        for start in (match.end() for match in re.finditer(r"(?<!\\)!\[", self.text)):
            end = _closing(self.text, start)
            alt = self.text[start:end]
            if end < 0:
                continue
            if inline := DESTINATION.match(self.text, end + 1):
                src = inline["angled"] if inline["angled"] is not None else inline["plain"]
            else:
                reference = REFERENCE.match(self.text, end + 1)
                src = definitions.get(_name(reference and reference["name"] or alt))
            if src is not None:
                found.append((start, alt, unescape(src), dirname(self.uri)))
        for image in RAW.finditer(self.text):
            alt, src = (_attribute(image["attrs"], name) for name in ("alt", "src"))
            found.append((image.start(), alt, src, url(self.uri).rstrip("/")))  # nothing rewrites a raw tag's address
        return [self._image(*one) for one in sorted(found)]

    @property
    def headings_with_math(self) -> list[Line]:
        return [line for line, text in zip(self.lines, self.text.split("\n"), strict=False) if HEADING.match(text)]

    def _image(self, offset: int, alt: str, src: str, folder: str) -> Image:
        line = self.lines[bisect_right(self._ends, offset)]
        return Image(alt, src, resolve(folder, src), line.file, line.number)

    @cached_property
    def _ends(self) -> list[int]:
        """Where each line ends in `text`, its line break included."""
        return list(accumulate(len(line.text) + 1 for line in self.lines))


def includable(project: Project) -> tuple[Path, ...]:
    """The folders that includes are looked up in, as `base_path` of pymdownx.snippets has them."""
    return project.snippets, project.out


def _closing(text: str, start: int) -> int:
    """Where the bracket opened just before `start` is closed; -1 if its paragraph ends first."""
    depth = 1
    for match in re.compile(r"\\.|[\[\]]|\n[ \t]*\n", re.DOTALL).finditer(text, start):
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if match[0][0] == "\n":
            return -1
        if depth == 0:
            return match.start()
    return -1


def _name(reference: str) -> str:
    return " ".join(reference.lower().split())


def _attribute(source: str, name: str) -> str:
    match = re.search(ATTRIBUTE.format(name), source, re.IGNORECASE)
    return unescape(next(filter(None, match.groups()), "")) if match else ""


def _no_alt(image: Image) -> str:
    return f"the image {image.src} has no alternative text; say what it shows to somebody who cannot see it"
