"""Just enough HTML to find a tag and change it, leaving every other byte of the page alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape

# One token of markup: a comment, a tag with its text content if that is not markup, or any other tag.
TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)
      | <(?P<raw>script|style|textarea|title)(?=[\s/>])(?P<raw_attrs>(?:[^>"']+|"[^"]*"|'[^']*')*+)>
        (?P<body>.*?)(?=</(?P=raw)[\s/>]|\Z)
      | <(?P<name>/?[a-z][^\s/>]*)(?P<attrs>(?:[^>"']+|"[^"]*"|'[^']*')*+)>
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")

Attributes = dict[str, str | None]
Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Tag:
    """A tag at `text[start:end]`; a closing tag's name begins with `/`.

    `body` is what stands between the tags of an element whose content is not markup, such as a script.
    """

    name: str
    start: int
    end: int
    source: str
    body: str = ""

    @cached_property
    def attributes(self) -> Attributes:
        """Names in lower case → values; None for a name alone."""
        found: Attributes = {}
        for name, *values in (match.groups() for match in ATTRIBUTE.finditer(self.source)):
            value = next((value for value in values if value is not None), None)
            found.setdefault(name.lower(), value if value is None else unescape(value))
        return found

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()


def tags(text: str, names: Iterable[str]) -> Iterator[Tag]:
    """The tags of those names, in order; what a comment or a script says is not a tag."""
    wanted = set(names)
    for token in TOKEN.finditer(text):
        raw = token["raw"]
        name = (raw or token["name"] or "").lower()
        if name in wanted:
            end = token.start("body") if raw else token.end()
            yield Tag(name, token.start(), end, token["raw_attrs" if raw else "attrs"], token["body"] or "")


def tag(name: str, attributes: Attributes) -> str:
    """A tag as text."""
    words = [name]
    for key, value in attributes.items():
        words.append(key if value is None else f'{key}="{quoted(value)}"')
    return f"<{' '.join(words)}>"


def quoted(value: str) -> str:
    """`value` as it stands between double quotes."""
    return escape(value, quote=False).replace('"', "&quot;")


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` with each span `[start:end]` replaced; spans may not overlap."""
    parts, here = [], 0
    for start, end, replacement in sorted(edits):
        parts += text[here:start], replacement
        here = end
    return "".join((*parts, text[here:]))
