"""Small changes to a document that Python-Markdown has parsed into blocks, its inline Markdown still plain text."""

import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block, type_any

from .shelf import Lesson

LISTS = ("ol", "ul")


class LessonBlock(Block):
    """A block that takes any argument and any value: whether they make sense is told by the linter, with the line."""

    ARGUMENT = None
    TAG = "div"

    @property
    def lesson(self) -> Lesson:
        return self.config["lesson"]

    def on_create(self, parent: Element) -> Element:
        return SubElement(parent, self.TAG)

    def on_markdown(self) -> str:
        return "block"

    def parse(self, parent: Element, text: str) -> None:
        """Add Markdown to an element."""
        self.md.parser.parseChunk(parent, text)


def options(*names: str) -> dict:
    """Options that may be given or not."""
    return {name: (None, type_any) for name in names}


def register(processor: BlocksProcessor, block: type[LessonBlock], lesson: Lesson) -> None:
    processor.md.block_level_elements += [tag for tag in (block.TAG,) if tag not in processor.md.block_level_elements]
    processor.block_tags.add(block.TAG)
    processor.register(block, {"lesson": lesson})


def add(parent: Element, tag: str, kind: str = "", text: str | None = None, **attributes: str) -> Element:
    """A new last child. An attribute `data_kind` becomes `data-kind`."""
    element = SubElement(parent, tag, {"class": kind} if kind else {})
    element.attrib |= {name.replace("_", "-"): value for name, value in attributes.items()}
    element.text = text
    return element


def take(parent: Element) -> list[Element]:
    """The children of an element, which it then no longer has."""
    children = list(parent)
    for child in children:
        parent.remove(child)
    return children


def head(item: Element) -> Element:
    """What holds the first words of a list item: the item itself, or the paragraph it begins with."""
    first = item[0] if len(item) else None
    return first if first is not None and first.tag == "p" and not (item.text or "").strip() else item


def words(item: Element) -> str:
    """The first words of a list item, as they were written."""
    return (head(item).text or "").strip()


def slug(text: str) -> str:
    """Words as they can stand in an attribute: lower case, ASCII, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
