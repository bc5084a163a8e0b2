"""Typeset the formulas of a whole site."""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..store import write
from .fonts import subset
from .formulas import Formula, formulas_in, rewrite
from .render import Fault, MathError, Rendered, render
from .styles import stylesheet

ASSETS = Path("assets", "math")
# Two fonts of one space each set the height of lines and the width of gaps; they come first. The others change nothing
# but ink when they arrive: MathJax writes the size of every glyph into its rules.
SIZES = {"mjx-ncm-zero.woff2", "mjx-ncm-brk.woff2"}
STYLESHEET = re.compile(r'<link\b[^>]*\brel="?stylesheet|</head>', re.IGNORECASE)


def publish(site: Path, pages: Mapping[Path, str], cache: Path) -> dict[Path, str]:
    """The pages with every formula typeset; writes one style sheet and the fonts to `assets/math/` of the site.

    Pages with formulas get a link to the sheet and ask for the fonts they use early, so that nothing moves when those
    arrive. All addresses are relative, so the site may stand under any path. File names carry a hash of what they
    hold, so no browser pairs a new page with an old font, and pages typeset earlier keep theirs.

    Args:
        site: folder of the built site.
        pages: HTML of every page, by its path in the site.
        cache: folder kept between builds.

    Raises:
        MathError: every formula that MathJax refuses, on every page that has it. No page is written then.
        PressError: Node or MathJax is missing, or a file cannot be written.
    """
    found = {path: {formula for formula, _ in formulas_in(html)} for path, html in pages.items()}
    try:
        rendered = render(set().union(*found.values()), cache)
    except MathError as error:
        raise MathError(_on_pages(error.errors, found)) from None
    if not rendered:
        return dict(pages)
    urls = _write_fonts(site, rendered.values(), cache)
    sheet = _write(site, "math.css", stylesheet(rendered.values(), urls).encode())
    return {
        path: _linked(rewrite(html, rendered), _links(path, sheet, [rendered[f] for f in found[path]], urls))
        if found[path]
        else html
        for path, html in pages.items()
    }


def _on_pages(faults: Iterable[Fault], found: Mapping[Path, set[Formula]]) -> list[Fault]:
    return [
        Fault(fault.formula, fault.reason, path)
        for path, formulas in found.items()
        for fault in faults
        if fault.formula in formulas
    ]


def _write_fonts(site: Path, rendered: Iterable[Rendered], cache: Path) -> dict[str, str]:
    """Write each font with the characters of the whole site; returns the written name of each file."""
    characters: dict[str, set[str]] = {}
    for formula in rendered:
        for font in formula.fonts:
            characters.setdefault(font.file, set()).update(font.characters)
    return {file: _write(site, file, subset(file, "".join(used), cache)) for file, used in sorted(characters.items())}


def _write(site: Path, name: str, content: bytes) -> str:
    stem, dot, kind = name.rpartition(".")
    name = f"{stem}.{hashlib.sha256(content).hexdigest()[:8]}{dot}{kind}"
    write(site / ASSETS / name, content, lasting=False)
    return name


def _links(path: Path, sheet: str, rendered: Iterable[Rendered], urls: Mapping[str, str]) -> str:
    folder = Path(os.path.relpath(ASSETS, path.parent)).as_posix()
    used = {font.file for formula in rendered for font in formula.fonts}
    files = [urls[file] for file in sorted(used, key=lambda file: (file not in SIZES, file))]
    fonts = [f'<link rel="preload" href="{folder}/{file}" as="font" type="font/woff2" crossorigin>' for file in files]
    return "\n".join([*fonts, f'<link rel="stylesheet" href="{folder}/{sheet}">', ""])


def _linked(html: str, links: str) -> str:
    """The page with links before its first style sheet, so that the site's own rules win."""
    place = STYLESHEET.search(html)
    if place is None:
        raise ValueError("a page with formulas has no </head>")
    return html[: place.start()] + links + html[place.start() :]
