"""Every number in a page's prose is either computed apart from the page, or said to come from somewhere.

A page's test lists `computed`, rows of a phrase with its numbers taken out and what belongs there (the format is the
page's rounding), and `cited`, rows of a phrase and where its numbers come from. Numbers in braces, `{{ name | format }}`,
are no part of this: the press writes them, and each page's test computes them again.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

STRUCTURE = [
    r'(?<=question ")\d+\.',  # numbers of questions
    r"\((?:19|20)\d\d(?:, §[\d.]+)?\)",  # years of citations
    r"(?<=\()[A-Z][^()\d]*, 20\d\d",
    r"\[@[^\]]*\]|@[a-z]+\d{4}[a-z]*",  # keys of citations
]

# The first line of a lesson block, with what the reader is told there, and its options; or its last line.
BLOCK = re.compile(r"^ */{3,} *(?:[\w-]+ *\|? *(?P<title>.*)(?:\n {4,}[\w-]+:.*)*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Numbers:
    """A page, and what accounts for its numbers."""

    page: str  # the Markdown file, relative to the checkout
    computed: list[tuple]
    cited: list[tuple[str, str]]

    @property
    def text(self) -> str:
        return (ROOT / self.page).read_text("utf-8")

    def unaccounted(self, page: str | None = None) -> list[str]:
        """What is wrong with the numbers of a text: phrases it does not have, numbers that no phrase explains."""
        text = prose(self.text if page is None else page)
        wanted = sorted(self._phrases(), key=len, reverse=True)
        missing = [phrase for phrase in wanted if phrase not in text]
        for phrase in wanted:
            text = text.replace(phrase, " ⋯ ")
        for pattern in STRUCTURE:
            text = re.sub(pattern, " ", text)
        # indices and small numbers inside formulas are notation; a decimal or a larger number is a claim
        text = re.sub(r"\$([^$]*)\$", lambda m: re.sub(r"(?<![\d.])[0-2](?![\d.])", "", m[0]), text)
        return missing + [text[max(0, m.start() - 40) : m.end() + 20] for m in re.finditer(r"\d[\d.,]*", text)]

    def unnoticed(self) -> list[str]:
        """Every digit of the prose is raised by one in turn: the surroundings of those that nothing would notice."""
        text, free = prose(self.text), re.compile("|".join(STRUCTURE))
        exempt = {i for m in free.finditer(text) for i in range(*m.span())}
        exempt |= {i for m in re.finditer(r"\$[^$]*\$", text) for i in range(*m.span()) if text[i] in "012"}
        return [
            text[max(0, i - 30) : i + 10]
            for i in (m.start() for m in re.finditer(r"\d", text))
            if i not in exempt and not self.unaccounted(text[:i] + str((int(text[i]) + 1) % 10) + text[i + 1 :])
        ]

    def _phrases(self) -> list[str]:
        filled = [row[0].format(*(float(v) if hasattr(v, "item") else v for v in row[1:])) for row in self.computed]
        return filled + [phrase for phrase, _ in self.cited]


def prose(page: str) -> str:
    """The page's running text on one line: no front matter, code, display formulas or list of sources.

    Of a lesson block only what the reader is told stays; a computed number leaves …, a comment nothing.
    """
    page = re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.DOTALL)
    page = page.split("\n## Sources")[0]
    page = re.sub(r"^```.*?^```$", " ", dedented(page), flags=re.DOTALL | re.MULTILINE)
    page = re.sub(r"^\$\$.*?\$\$$", " ", page, flags=re.DOTALL | re.MULTILINE)
    page = re.sub(r"\]\([^)]*\)", "]", page)  # addresses of links and pictures
    page = re.sub(r"\{\{[ \t][^{}\n]*[ \t]\}\}", "…", re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL))
    page = BLOCK.sub(r"\g<title>", page)
    page = re.sub(r"^ *-+8<-+ .*$", "", page, flags=re.MULTILINE)  # refreshers
    return " ".join(page.split())


def dedented(page: str) -> str:
    """The page with fences inside folded notes moved to the margin."""
    return re.sub(r"^ +```.*?^ +```$", lambda m: textwrap.dedent(m[0]), page, flags=re.DOTALL | re.MULTILINE)
