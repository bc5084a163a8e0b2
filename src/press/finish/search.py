"""Formulas in the search index, as a reader would type them."""

import json
import re
from html import escape, unescape
from pathlib import Path

from ..math.plain import plain
from ..store import write

INDEX = "search/search_index.json"
# code comes first, so that a backslash in it is not taken for the start of a formula
TEX = re.compile(r"<(code|pre)\b.*?</\1>|\\\((?P<inline>.+?)\\\)|\\\[(?P<display>.+?)\\\]", re.DOTALL)


def readable(site: Path) -> None:
    """Rewrite the index of a site, if it has one and it holds raw TeX."""
    file = site / INDEX
    if not file.is_file():
        return
    before = json.loads(file.read_bytes())
    docs = [doc | {key: _plain(doc[key]) for key in ("title", "text") if key in doc} for doc in before["docs"]]
    if docs != before["docs"]:
        write(file, json.dumps({**before, "docs": docs}, separators=(",", ":")).encode(), lasting=False)


def _plain(text: str) -> str:
    def words(match: re.Match) -> str:
        tex = match["inline"] or match["display"]
        return escape(plain(unescape(tex).strip()), quote=False) if tex else match[0]

    return TEX.sub(words, text)
