"""One style sheet for many formulas."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from .render import Rendered

SITE = Path(__file__).with_name("formula.css")


def stylesheet(rendered: Iterable[Rendered], urls: Mapping[str, str] | None = None) -> str:
    """The fonts and rules that these formulas need, each once, then the site's own rules (`formula.css`).

    The rules of one MathJax element always come together and in one order, so keeping the first of each keeps what
    cascades. Give the formulas in a fixed order (`render` returns them sorted) and the sheet is the same bytes.

    Args:
        rendered: the formulas.
        urls: where a font file is, from the sheet; by default beside it, under its own name.
    """
    rendered = list(rendered)
    faces = {font.family: font.file for formula in rendered for font in formula.fonts}
    fonts = [
        f'@font-face {{ font-family: {family}; src: url("{(urls or {}).get(file, file)}") format("woff2"); }}'
        for family, file in sorted(faces.items())
    ]
    rules = dict.fromkeys(rule for formula in rendered for rule in formula.css)
    return "\n".join([*fonts, *rules, SITE.read_text("utf-8")])
