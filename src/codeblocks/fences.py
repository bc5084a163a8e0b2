"""The code blocks of a page, as the site's own Markdown parser finds them.

superfences does the finding: this module listens to it, and then asks what it passed over. A line that looks like a
fence and became none (a misspelt option, a fence that is never closed, one in a list marker's own line), a block in an
HTML comment, an indented code block: each is a fault with its file and line, never silently dropped.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown import Markdown
from mkdocs.config import load_config

from manuscript.lines import Fault, Line, read

OPTIONS = {"hl_lines", "linenums", "title", "title_mode", "data-tolerance", "data-gap"}
CLASSES = {"continues", "gap", "annotate", "no-annotate", "copy", "no-copy", "select", "no-select"}
SHOWN = ("markdown", "md")  # a block of Markdown may show fences
# A line that a reader of the source would take for a fence, whatever the renderer makes of it.
OPENER = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*[ \t>]*(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|(?<![`\\])(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
MARK = re.compile(r"<!--[-\s]*(?P<mark>pytest-codeblocks:.*?|pytest\.mark\..*?)[-\s]*-->\s*$")
RAW = re.compile(r"<pre\b", re.IGNORECASE)


@dataclass(frozen=True)
class Fence:
    """A fenced code block.

    Attributes:
        lang: the language it names, in lower case; "" if none.
        opener: the line that opens it, as it is written.
        closer: the line that closes it.
        lines: what stands between, without the indentation of the block.
        classes: its classes, such as `continues`.
        options: its other options and attributes.
        marks: comments for pytest-codeblocks that stand right above it.
    """

    lang: str
    opener: Line
    closer: Line
    lines: tuple[Line, ...]
    classes: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)

    @property
    def place(self) -> tuple[Path, int]:
        return self.opener.file, self.opener.number

    def fault(self, message: str) -> Fault:
        return Fault(message, *self.place)


@dataclass(frozen=True)
class Found:
    """What a page holds: its blocks in order, its faults, and the files it includes outside of any block."""

    fences: list[Fence]
    faults: list[Fault]
    live: frozenset[Path] = frozenset()


class Parser:
    """The site's Markdown, as `mkdocs.yml` sets it up, listening to superfences."""

    def __init__(self, root: Path):
        os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
        config = load_config(str(root / "mkdocs.yml"), hooks=[], plugins=[], theme="mkdocs")  # the Markdown alone
        self.root, self.docs = root, Path(config.docs_dir)
        settings = dict(config.mdx_configs)
        rooms = settings.get("pymdownx.snippets", {}).get("base_path", ["."])
        self.rooms = [root / room for room in ([rooms] if isinstance(rooms, str | Path) else rooms)]
        settings["pymdownx.snippets"] = settings.get("pymdownx.snippets", {}) | {"base_path": self.rooms}
        if lesson := settings.get("lesson.extension"):  # what it computes is not what is looked at here
            settings["lesson.extension"] = lesson | {
                "data": str(root / lesson.get("data", "docs/shelf")),
                "pending": "…",
            }
        self.markdown = Markdown(extensions=config.markdown_extensions, extension_configs=settings)
        self._snippets = self.markdown.preprocessors["snippet"]
        self._expand, self._snippets.run = self._snippets.run, lambda lines: lines  # the lines come expanded
        self._superfences = self.markdown.preprocessors["fenced_code_block"]
        self._code = self.markdown.parser.blockprocessors["code"]

    def parse(self, file: Path) -> Found:
        """The code blocks of one page. Only pages include files; a README is read as it stands."""
        lines, faults = read(file, self.rooms, includes=file.is_relative_to(self.docs))
        spans, indented = self._listen(lines)
        texts = [line.text for line in lines]
        fences = [fence for fence, _ in spans]
        covered = {index for _, span in spans for index in span}
        faults += self._misread(file, lines) if not faults else []
        faults += [fault for fence, span in spans for fault in _own_faults(fence, lines, span)]
        faults += _unparsed(lines, covered)
        faults += _hidden(lines, spans, texts, covered)
        faults += _indented(lines, covered, indented)
        live = frozenset(line.file for i, line in enumerate(lines) if i not in covered and line.file != file)
        return Found(fences, sorted(set(faults), key=lambda fault: (str(fault.file), fault.line)), live)

    def _listen(self, lines: list[Line]) -> tuple[list[tuple[Fence, range]], list[str]]:
        """The fences with the lines they take, and the blocks that were code by indentation alone."""
        spans: dict[str, tuple[Fence, range]] = {}
        indented: list[str] = []
        fences, code, stash = self._superfences, self._code, self._superfences.extension.stash
        store, close, by_indent = fences._store, fences.process_nested_block, code.run
        seen: list[str] = []

        def remember(source, html, start, end):
            store(source, html, start, end)
            seen.append(fences.stack[-1][0].strip("> \t")[1:-1])

        def listen(ws, content, start, end):
            body = [line[fences.ws_virtual_len :] for line in fences.code]
            options, classes = dict(fences.options) | dict(fences.attrs), tuple(fences.classes)
            found = lines[start], lines[end - 1], tuple(
                Line(text, line.file, line.number) for text, line in zip(body, lines[start + 1 : end - 1], strict=True)
            )  # fmt: skip
            lang, count = (fences.lang or "").lower(), len(seen)
            close(ws, content, start, end)
            if len(seen) > count:
                spans[seen[-1]] = Fence(lang, *found, classes, options, _marks(lines, start)), range(start, end)

        def listen_to_indentation(parent, blocks):
            block = blocks[0]
            handled = by_indent(parent, blocks)
            if handled:
                indented.append(block)
            return handled

        fences._store, fences.process_nested_block, code.run = remember, listen, listen_to_indentation
        try:
            self.markdown.reset()
            self.markdown.convert("\n".join(line.text for line in lines))
            # a fence inside a block that is code by indentation is shown as it stands: superfences takes it back
            return [found for key, found in spans.items() if stash.get(key, (None, None))[0] is not None], indented
        finally:
            fences._store, fences.process_nested_block, code.run = store, close, by_indent

    def _misread(self, file: Path, lines: list[Line]) -> list[Fault]:
        """Whether the renderer's own reading of the includes differs from ours, which would shift every line."""
        if not file.is_relative_to(self.docs):
            return []
        whole, _ = read(file, includes=False)
        theirs = self._expand([line.text for line in whole])
        for line, other in zip(lines, theirs, strict=False):
            if line.text.strip() != other.strip():
                return [Fault(f"the renderer reads {other.strip()!r} here", line.file, line.number)]
        return [] if len(lines) == len(theirs) else [Fault("the renderer reads more or fewer lines", file, 1)]


@cache
def parser(root: Path) -> Parser:
    """One parser for each project: it takes a moment to set up."""
    return Parser(root)


def openers(lines: Sequence[Line]) -> list[int]:
    """The indices of lines that look as if a fence began or ended there. Three backticks around words are inline code."""
    found = ((index, OPENER.match(line.text)) for index, line in enumerate(lines))
    return [index for index, match in found if match and match["fence"][0] not in match["info"]]


def _own_faults(fence: Fence, lines: list[Line], span: range) -> list[Fault]:
    """Options nobody knows, and a fence that swallowed another."""
    faults = [
        fence.fault(f"unknown {kind} {name!r} on this fence; known: {', '.join(sorted(names))}")
        for kind, given, names in (("option", fence.options, OPTIONS), ("class", fence.classes, CLASSES))
        for name in given
        if name not in names
    ]
    body, own = lines[span.start + 1 : span.stop - 1], OPENER.match(fence.opener.text)["fence"]
    for line in (body[index] for index in openers(body) if fence.lang not in SHOWN):
        if OPENER.match(line.text)["fence"].startswith(own):
            faults.append(fence.fault(f"this fence swallows the one at line {line.number}; is it never closed?"))
            break
    return faults


def _unparsed(lines: list[Line], covered: set[int]) -> list[Fault]:
    """Lines that look like a fence and are part of none."""
    faults, unclosed = [], None
    for index in openers(lines):
        if index in covered:
            unclosed = None
            continue
        line = lines[index]
        match = OPENER.match(line.text)
        if unclosed and not match["info"].strip() and match["fence"] == unclosed:
            unclosed = None  # the end of the one just reported
            continue
        unclosed = match["fence"]
        faults.append(Fault(_why_unparsed(lines, index, match), line.file, line.number))
    return faults


def _why_unparsed(lines: list[Line], index: int, match: re.Match) -> str:
    line = lines[index].text
    prefix = line[: match.start("fence")]
    if re.search(r"[^\s>]", prefix):
        return "a fence on the line of a list marker is not read as one; put it on a line of its own, indented"
    info = match["info"].strip()
    names = re.findall(r"([A-Za-z][\w-]*)\s*=", info)
    if unknown := [name for name in names if name not in OPTIONS]:
        return f"unknown option {unknown[0]!r}, so this fence is not read as one; known: {', '.join(sorted(OPTIONS))}"
    if (words := info.split()[1:]) and "{" not in info:
        return f"{' '.join(words)!r} is not an option, so this fence is not read as one; classes go in braces"
    closer = re.compile(rf"[ \t>]*{re.escape(match['fence'])}[ \t]*$")
    if not any(closer.match(other.text) for other in lines[index + 1 :]):
        return f"this fence is never closed; end it with a line {match['fence']}"
    return "this looks like a fence but is not read as one; is it closed, and is its text indented like its first line?"


def _hidden(lines: list[Line], spans: list[tuple[Fence, range]], texts: list[str], covered: set[int]) -> list[Fault]:
    """Fences in comments, which no reader sees, and raw code blocks, which nothing tests."""
    blanked = "\n".join("" if index in covered else text for index, text in enumerate(texts))
    faults = []
    for match in COMMENT.finditer(blanked):
        if match[1]:
            continue
        first, last = (blanked.count("\n", 0, at) for at in match.span())
        for fence, span in spans:
            if first <= span.start <= last:
                faults.append(
                    fence.fault("a code block inside an HTML comment is neither shown nor tested; take it out")
                )
    visible = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), blanked)
    for match in RAW.finditer(visible):
        line = lines[visible.count("\n", 0, match.start())]
        faults.append(Fault("a raw <pre> is not tested; write a fence", line.file, line.number))
    return faults


def _indented(lines: list[Line], covered: set[int], blocks: list[str]) -> list[Fault]:
    """Code by indentation alone."""
    faults, start = [], 0
    for block in blocks:
        first = next((text.strip() for text in block.split("\n") if text.strip()), "")
        for index in range(start, len(lines)):
            if index not in covered and lines[index].text.strip() == first:
                message = "a code block by indentation alone is not tested; write a fence, or indent less"
                faults.append(Fault(message, lines[index].file, lines[index].number))
                start = index + 1
                break
    return faults


def _marks(lines: list[Line], start: int) -> tuple[str, ...]:
    """The comments for pytest-codeblocks right above a fence."""
    found: list[str] = []
    for line in reversed(lines[:start]):
        match = MARK.match(line.text.strip())
        if not match and line.text.strip():
            break
        if match:
            found.insert(0, match["mark"].strip())
    return tuple(found)
