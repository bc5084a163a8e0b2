"""What a finished page shows of the ladder: its place, what to read first, the ways down and up; at home, the map.

All of it is plain HTML, put into the text of a page that a generator has rendered. Doing so again changes nothing.
"""

import re
from collections.abc import Iterable
from html import escape
from posixpath import relpath
from urllib.parse import quote

from .front import RUNGS
from .ladder import Ladder, Page

ARTICLE = re.compile(r"(<article\b[^>]*>.*?</h1>)(.*)(</article>)", re.DOTALL)
DRESS = re.compile(r'\n<header class="dl-place">.*?</header>|<nav class="dl-ways"[^>]*>.*?</nav>\n', re.DOTALL)
MAP = re.compile(r'(<div id="dl-map"[^>]*>).*?(</div>)', re.DOTALL)
PLACES = ("first", "second", "third", "fourth")


def dress(uri: str, html: str, ladder: Ladder) -> str:
    """A finished page with its place on the ladder; any other page as it is.

    Args:
        uri: the Markdown file the page was made from, relative to `docs/`.
        html: the text of the page.
        ladder: the ladder of the site.
    """
    if page := ladder.page(uri):
        head, foot = header(ladder, page), footer(ladder, page)
        return ARTICLE.sub(lambda match: f"{match[1]}\n{head}{match[2]}{foot}{match[3]}", DRESS.sub("", html), count=1)
    if ladder.pages:
        return MAP.sub(lambda match: match[1] + chart(ladder, uri) + match[2], html, count=1)
    return html


def header(ladder: Ladder, page: Page) -> str:
    """What stands under the title: the rung, the reading time, what to read first."""
    place = f'<span class="dl-unseen">, the {PLACES[page.rung]} of four rungs</span>'
    facts = [f'<span class="dl-rung">{mark(page.rung)}{page.tier.capitalize()}{place}</span>']
    facts += [f"<span>{page.minutes} min read</span>"] if page.minutes else []
    lines = ['<header class="dl-place">', f'<p class="dl-place__facts">{" ".join(facts)}</p>']
    if first := ladder.first(page):
        lines += [
            '<nav class="dl-first" aria-labelledby="dl-first">',
            f'<p id="dl-first">Read first</p>{_list(first, page.uri)}',
            "</nav>",
        ]
    return "\n".join([*lines, "</header>"])


def footer(ladder: Ladder, page: Page) -> str:
    """What stands at the end: for each concept of the page, who teaches it one rung down and one rung up."""
    rows = []
    for concept in page.concepts:
        ways = [
            f'<div class="dl-ways__{way}"><p>{word} <span aria-hidden="true">{arrow}</span></p>{_list(pages, page.uri)}</div>'
            for way, step, word, arrow in (("down", -1, "Simpler", "↓"), ("up", 1, "Deeper", "↑"))
            if (pages := ladder.beside(page, concept, step))
        ]
        if ways:
            rows.append(f'<li><p class="dl-ways__concept">{escape(concept)}</p>{"".join(ways)}</li>')
    if not rows:
        return ""
    return "\n".join(['<nav class="dl-ways" aria-label="Simpler and deeper">', "<ul>", *rows, "</ul>", "</nav>\n"])


def chart(ladder: Ladder, uri: str) -> str:
    """The map, concept × rung, as a table; roles are spelt out, for a phone shows it as a list."""
    heads = [
        f'<th scope="col" role="columnheader">{mark(rung)}{name.capitalize()}</th>' for rung, name in enumerate(RUNGS)
    ]
    lines = [
        '<table class="dl-map" role="table">',
        "<caption>Which page teaches what, rung by rung. Pages without a link are still to come.</caption>",
        '<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Concept</th>',
        *heads,
        '</tr></thead><tbody role="rowgroup">',
    ]
    for concept in ladder.concepts:
        lines.append(f'<tr role="row"><th scope="row" role="rowheader">{escape(concept)}</th>')
        for rung, name in enumerate(RUNGS):
            cell = _list(ladder.teach(concept, rung), uri, told=False)
            lines.append(f'<td role="cell" data-rung="{name.capitalize()}">{cell}</td>')
        lines.append("</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def mark(rung: int) -> str:
    """A small ladder, the rung of that number marked; the word beside it says the same."""
    steps = "".join('<i class="dl-here"></i>' if one == rung else "<i></i>" for one in reversed(range(len(RUNGS))))
    return f'<span class="dl-ladder" aria-hidden="true">{steps}</span>'


def _list(pages: Iterable[Page], here: str, told: bool = True) -> str:
    """Pages as a list of links, those to come as plain text; `told`: with words that say so."""
    items = []
    for page in pages:
        title = escape(page.title)
        if page.stands:
            items.append(f'<li><a href="{escape(_link(here, page.uri))}">{title}</a></li>')
        else:
            items.append(f'<li class="dl-coming">{title}{" (to come)" if told else ""}</li>')
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _link(here: str, there: str) -> str:
    """The relative link from the page of one Markdown file to that of another."""
    return quote(relpath(f"/{_folder(there)}", f"/{_folder(here)}")) + "/"


def _folder(uri: str) -> str:
    """Where the page of a Markdown file lies: `a/b` for `a/b.md` and for `a/b/index.md`."""
    stem = uri.removesuffix(".md")
    head, _, name = stem.rpartition("/")
    return head if name == "index" else stem
