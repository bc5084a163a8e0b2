"""A code block that continues another says so, and points to it."""

import re

from .html import Edit, edited, tags

PYTHON = {"language-python", "language-py", "language-python3", "language-py3", "language-pycon"}
FIRST_LINE = re.compile(r'id="(__codelineno-\d+-\d+)"')
NOTE = '<span class="filename dl-continues"><a href="#{}">continues the block above</a></span>'


def joined(text: str) -> str:
    """The page with a note on each block of the class `continues`. A note that stands already stays as it is."""
    edits: list[Edit] = []
    before = ""
    for div in tags(text, ("div",)):
        if "highlight" not in div.classes or not PYTHON & {*div.classes}:
            continue
        if "continues" in div.classes and before and "dl-continues" not in text[div.end : div.end + 60]:
            edits.append((div.end, div.end, NOTE.format(before)))
        line = FIRST_LINE.search(text, div.end)
        before = line[1] if line else before
    return edited(text, edits)
