"""Blank lines that an author need not write: before the items of a lesson block's lists, and before `Because:`.

Python-Markdown ends neither a paragraph nor an indented block at the beginning of a list. Within lesson blocks that would
make one thing of two steps without a word, so each begins a paragraph of its own there.
"""

import re
from collections.abc import Collection

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from .source import END, START

BEGINS = re.compile(r"^[ ]*(?:(?:[-*+]|\d+[.)])[ ]|(?:Because|In words):)")


class Loosen(Preprocessor):
    """Runs after code blocks have been put aside."""

    def __init__(self, md: Markdown, names: Collection[str]):
        super().__init__(md)
        self.names = names

    def run(self, lines: list[str]) -> list[str]:
        done, inside = [], ""
        for line in lines:
            start, end = START.match(line), END.match(line)
            if start and not inside and start["name"].lower() in self.names:
                inside = start["slashes"]
            elif end and end["slashes"] == inside:
                inside = ""
            elif inside and BEGINS.match(line) and done[-1].strip():
                done.append("")
            done.append(line)
        return done
