"""Font files cut down to the characters a site shows."""

import hashlib
import io
from pathlib import Path

from ..store import write
from .node import ROOT

FOLDER = ROOT / "node_modules" / "@mathjax" / "mathjax-newcm-font" / "chtml" / "woff2"
SMALL = 1_000  # bytes; there is nothing to cut from these


def subset(file: str, characters: str, cache: Path) -> bytes:
    """A font of the MathJax package with these characters only; a small font is returned whole.

    Raises:
        PressError: the cache cannot be written.
    """
    whole = (FOLDER / file).read_bytes()
    if len(whole) < SMALL:
        return whole
    key = hashlib.sha256(whole + "".join(sorted(set(characters))).encode()).hexdigest()
    kept = cache / "fonts" / f"{key}.woff2"
    if kept.exists():
        digest, _, font = kept.read_bytes().partition(b"\n")
        if hashlib.sha256(font).hexdigest().encode() == digest:
            return font
    font = _cut(whole, characters)
    write(kept, hashlib.sha256(font).hexdigest().encode() + b"\n" + font)
    return font


def _cut(whole: bytes, characters: str) -> bytes:
    from fontTools import subset as tools  # here, since it takes .3 s and most builds cut nothing

    options = tools.Options(flavor="woff2", hinting=False, layout_features=[], notdef_outline=True)
    options.drop_tables += ["ltag"]  # the cutter knows no way to keep it, and says so
    font = tools.load_font(io.BytesIO(whole), options)
    cutter = tools.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    out = io.BytesIO()
    tools.save_font(font, out, options)
    return out.getvalue()
