"""Sources of what the site did not compute: `@ho2020`, `[@ho2020, §3.2; @song2021sde]`, and `/// sources` at the end.

A source is cited by its key in `bibliography.toml`. What it is shows when the citation is pointed at or focused, by style
sheet alone, and stands in the list that `/// sources` makes of all that the page cites.

    inline processor    `@key` becomes a `<span>` with the key and the text for running prose
    treeprocessor       each gets its note; those in headings and links stay words; the list is filled
"""

import re
import tomllib
import unicodedata
import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from manuscript.lines import Fault, Line, known
from manuscript.prose import HIDDEN, blanked, without_fences

FILE = "bibliography.toml"
KEY = r"[a-z]+(?:19|20)\d\d[a-z]*"
ALONE = rf"(?<![\w@/.:+=?&#%\\-])@({KEY})(?![\w@]|[.:/-]\w)"
GROUP = r"\[(@[^\[\]\n]*)\](?![(\[])"
CITED = re.compile(f"{ALONE}|{GROUP}")
PART = re.compile(rf"[ ]*@(?P<key>{KEY})(?:,[ ]*(?P<place>[^;]*\S))?[ ]*")
SOURCES = re.compile(r"^[ \t]*/{3,}[ \t]*sources\b", re.MULTILINE)
FORMULA = re.compile(r"\$\$.*?\$\$|(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=\S)\$|\\\(.*?\\\)", re.DOTALL)
MANY = 8  # authors who are all named
NEEDED = {"authors": list, "title": str, "venue": str, "year": int, "url": str, "verified": date}
ALLOWED = {**NEEDED, "note": str}
SAID = {list: "a list of names", date: "a date without quotes, as 2026-11-21", int: "a number", str: "text in quotes"}
PLAIN = ("h1", "h2", "h3", "h4", "h5", "h6", "a", "summary")  # what may not hold anything that can be focused


@dataclass(frozen=True)
class Source:
    """An entry of the bibliography."""

    key: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int
    url: str
    verified: date
    note: str = ""

    @property
    def names(self) -> str:
        """Family names, as running text has them."""
        first, *others = (family(author) for author in self.authors)
        if not others:
            return first
        return f"{first} & {others[0]}" if len(others) == 1 else f"{first} et al."

    @property
    def published(self) -> str:
        """Where and when; a venue that tells its year is left as it is."""
        return self.venue if re.search(r"\b(?:19|20)\d\d\b", self.venue) else f"{self.venue} {self.year}"

    @property
    def address(self) -> str:
        """What the link says."""
        parts = urlsplit(self.url)
        if parts.netloc == "arxiv.org":
            return f"arXiv:{parts.path.removeprefix('/abs/')}"
        return f"doi:{unquote(parts.path[1:])}" if parts.netloc == "doi.org" else parts.netloc.removeprefix("www.")


def family(author: str) -> str:
    """`van der Maaten` of `L. van der Maaten`."""
    return re.sub(r"^(?:\S*\.[ ]+)+", "", author)


def read(file: Path) -> tuple[dict[str, Source], list[Fault]]:
    """The bibliography by key, and what is wrong with it, each with its line. An entry with a fault is left out."""
    if not file.is_file():
        return {}, []
    text = file.read_text("utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        return {}, [Fault(f"not TOML: {error}", file, int(line[1]) if line else text.count("\n"))]
    lines = {name: text[: text.index(f"[{name}]")].count("\n") + 1 for name in table if f"[{name}]" in text}
    sources: dict[str, Source] = {}
    found: list[Fault] = []
    urls: dict[str, str] = {}
    for key, row in table.items():
        message = _wrong(key, row)
        if not message and (other := urls.get(row["url"])):
            message = f"{key} and {other} have the same address; keep one of them"
        if message:
            found.append(Fault(message, file, lines.get(key, 1)))
            continue
        urls[row["url"]] = key
        sources[key] = Source(key, **{**row, "authors": tuple(row["authors"])})
    return sources, found


def _wrong(key: str, row: object) -> str:
    """What is wrong with an entry; "" if nothing is."""
    if not isinstance(row, dict):
        return f"{key} stands outside any entry; an entry begins with a line [key]"
    if not re.fullmatch(KEY, key):
        return f"{key!r} is no key; write family name, year and, if need be, a word, as in song2021sde"
    if unknown := sorted(row.keys() - ALLOWED):
        return f"{key} has a field {unknown[0]!r}; {known(ALLOWED)}"
    if missing := [name for name in NEEDED if not row.get(name)]:
        return f"{key} lacks {', '.join(missing)}"
    for name, value in row.items():
        if type(value) is not ALLOWED[name]:
            return f"{name} of {key} must be {SAID[ALLOWED[name]]}"
    if not all(
        isinstance(author, str) and re.fullmatch(r"(?:\S+\. )*[^\s.]+(?: [^\s.]+)*", author)
        for author in row["authors"]
    ):
        return f"authors of {key} must be a list of names with initials, as J. Ho"
    if not re.fullmatch(r"https://[^\s/]+\.[^\s/]+/\S+", row["url"]):
        return f"url of {key} must be the https address of the source itself"
    name, year = re.match("([a-z]+)([0-9]+)", key).groups()
    last = family(row["authors"][0])
    if not any(_folded(one).startswith(name) for one in (last, last.split()[-1])):
        return f"{key} must begin with the first author's family name, {_folded(last)}"
    if str(row["year"]) != year:
        return f"{key} must hold the year of the entry, {row['year']}"
    return ""


def _folded(name: str) -> str:
    """A name in the letters of a key."""
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", name.replace("ø", "o").replace("ß", "ss")).lower())


def parts(group: str) -> list[tuple[str, str]] | None:
    """Key and place of each source in `@ho2020, §3.2; @song2021sde`; None if it is not written so."""
    matches = [PART.fullmatch(one) for one in group.split(";")]
    return [(match["key"], match["place"] or "") for match in matches] if all(matches) else None


def register(md: Markdown, config: Mapping) -> None:
    """Teach a Markdown reader citations.

    Args:
        config: `data`, the folder that holds `bibliography.toml`.
    """
    sources, _ = read(Path(config["data"]) / FILE)  # what is wrong with it is the linter's to say
    # after code and formulas, before links
    md.inlinePatterns.register(_Group(GROUP, md, sources), "lesson-citations", 175.1)
    md.inlinePatterns.register(_Alone(ALONE, md, sources), "lesson-citation", 175)
    md.treeprocessors.register(_Notes(md, sources), "lesson-citations", 15)  # after inline markup, before the contents
    BlocksExtension().register_block_mgr(md).register(_Sources, {})


class _Alone(InlineProcessor):
    def __init__(self, pattern: str, md: Markdown, sources: Mapping[str, Source]):
        super().__init__(pattern, md)
        self.sources = sources

    def handleMatch(self, m, data):  # noqa: N802
        source = self.sources.get(m[1])
        if source is None:
            return None, None, None
        return _cite(source, f"{source.names} ({source.year})"), m.start(0), m.end(0)


class _Group(_Alone):
    def handleMatch(self, m, data):  # noqa: N802
        cited = parts(m[1])
        if not cited or not all(key in self.sources for key, _ in cited):
            return None, None, None
        group = etree.Element("span", {"class": "dl-cites"})
        group.text = "("
        for key, place in cited:
            source = self.sources[key]
            one = _cite(source, f"{source.names}, {source.year}")
            one.tail = (f", {place}" if place else "") + "; "
            group.append(one)
        group[-1].tail = group[-1].tail.removesuffix("; ") + ")"
        return group, m.start(0), m.end(0)


def _cite(source: Source, text: str) -> etree.Element:
    element = etree.Element("span", {"class": "dl-cite", "data-source": source.key})
    element.text = text
    return element


class _Sources(Block):
    """`/// sources`: the list, filled once all citations are known."""

    NAME = "sources"

    def on_create(self, parent):
        return etree.SubElement(parent, "ul", {"class": "dl-sources"})

    def on_markdown(self):
        return "raw"


class _Notes(Treeprocessor):
    def __init__(self, md: Markdown, sources: Mapping[str, Source]):
        super().__init__(md)
        self.sources = sources

    def run(self, root: etree.Element) -> None:
        cites = list(_cites(root))
        order = list(dict.fromkeys(self.sources[cite.get("data-source")] for cite, _ in cites))
        years = _years(order)
        listed = [one for one in root.iter("ul") if one.get("class") == "dl-sources"]
        for number, (cite, plain) in enumerate(cites, 1):
            source = self.sources[cite.get("data-source")]
            cite.text = cite.text.replace(str(source.year), years[source])
            if plain:
                cite.attrib = {"class": "dl-cite-plain"}
                continue
            note = etree.SubElement(cite, "span", {"class": "dl-cite__note", "role": "tooltip", "id": f"cite-{number}"})
            note.set("data-search-exclude", "")
            _describe(note, source)
            cite.set("tabindex", "0")
            cite.set("aria-describedby", note.get("id"))
        for block in listed:
            block.text = None
            for source in order:
                item = etree.SubElement(block, "li", {"id": f"source-{source.key}"})
                label = etree.SubElement(item, "span", {"class": "dl-sources__label"})
                label.text = f"{source.names} ({years[source]})."
                label.tail = " "
                _describe(item, source, noted=True)


def _cites(element: etree.Element, plain: bool = False) -> Iterator[tuple[etree.Element, bool]]:
    """The citations below an element, each with whether it stands where only words may."""
    for child in element:
        if child.get("data-source") and child.get("class") == "dl-cite":
            yield child, plain
        yield from _cites(child, plain or child.tag in PLAIN)


def _years(order: Iterable[Source]) -> dict[Source, str]:
    """The year of each source, with a letter where names and year alone would be another's too."""
    twins: dict[tuple[str, int], list[Source]] = {}
    for source in order:
        twins.setdefault((source.names, source.year), []).append(source)
    return {
        source: f"{source.year}{chr(ord('a') + index) if len(same) > 1 else ''}"
        for same in twins.values()
        for index, source in enumerate(same)
    }


def _describe(element: etree.Element, source: Source, noted: bool = False) -> None:
    """The entry as a reader needs it: who, what, where, and a link."""
    authors = ", ".join(source.authors if len(source.authors) <= MANY else (*source.authors[:3], "et al."))
    if len(element):
        element[-1].tail += f"{authors}: "
    else:
        element.text = f"{authors}: "
    title = etree.SubElement(element, "cite")
    title.text = source.title
    title.tail = f". {source.published}. "
    link = etree.SubElement(element, "a", {"href": source.url})
    link.text = source.address
    link.tail = f". {source.note}" if noted and source.note else "."


def faults(lines: Sequence[Line], sources: Mapping[str, Source] | Iterable[str]) -> list[Fault]:
    """What is wrong with the citations of a page.

    Args:
        lines: the page, as `manuscript.lines.read` gives it.
        sources: the bibliography, or its keys.
    """
    lines, _ = without_fences(lines)
    text = blanked(HIDDEN, "\n".join(line.text for line in lines))
    has_list = SOURCES.search(text) is not None
    text = blanked(FORMULA, text)
    found, first = [], None
    for line, part in zip(lines, text.split("\n"), strict=True):
        for match in CITED.finditer(part):
            cited = [(match[1], "")] if match[1] else parts(match[2])
            messages = [_unknown(key, sources) for key, _ in cited or () if key not in sources]
            if cited is None:
                messages = [f"[{match[2]}] is not how sources are cited; write [@key, place; @key], a key as in ho2020"]
            elif not messages:
                first = first or line
            found += [Fault(message, line.file, line.number) for message in messages]
    if first and not has_list:
        message = "this page cites sources and does not list them; end it with the lines `/// sources` and `///`"
        found.append(Fault(message, first.file, first.number))
    return found


def _unknown(key: str, sources: Iterable[str]) -> str:
    close = get_close_matches(key, list(sources), n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else known(sources)
    return f"no source has the key {key!r} in {FILE}; {hint}"
