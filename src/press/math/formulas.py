"""Formulas as `pymdownx.arithmatex` (`generic: true`) leaves them in a page, and as a reader sees them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from .plain import plain

# what may look like a formula and is none comes first, so that a match there is left alone
MARKS = re.compile(
    r"""<!--.*?-->
      | <(?P<raw>script|style|textarea|template)\b.*?</(?P=raw)\s*>
      | <span\ class="arithmatex">\\\((?P<inline>.*?)\\\)</span>
      | <div\ class="arithmatex">\s*\\\[(?P<display>.*?)\\\]\s*</div>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, order=True)
class Formula:
    """TeX, and whether it stands on a line of its own."""

    tex: str
    display: bool = False


def formulas_in(html: str) -> list[tuple[Formula, int]]:
    """Each formula of a page with its offset in the HTML, in the order of the page."""
    return [(formula, mark.start()) for mark in MARKS.finditer(html) if (formula := _formula(mark))]


def rewrite(html: str, rendered: Mapping) -> str:
    """The page with each formula typeset, every other byte as it was.

    Args:
        html: a finished page.
        rendered: what `render.render` made of its formulas.
    """

    def typeset(mark: re.Match) -> str:
        formula = _formula(mark)
        if formula is None:
            return mark[0]
        body = rendered[formula].html
        if not formula.display:
            return body
        # A wide formula scrolls, so the keyboard must reach it. The group names it; the MathML inside says it in full.
        label = escape(f"Formula: {plain(formula.tex)}")
        return f'<div class="dl-formula" role="group" tabindex="0" aria-label="{label}">{body}</div>'

    return MARKS.sub(typeset, html)


def _formula(mark: re.Match) -> Formula | None:
    for kind in ("inline", "display"):
        if (tex := mark[kind]) is not None:
            return Formula(unescape(tex).strip(), kind == "display")
    return None
