"""Formulas to HTML and the CSS rules each needs, so that an edit typesets one formula and not a whole site."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from ..errors import PressError, PressErrors
from ..store import write
from . import node
from .formulas import Formula


@dataclass(frozen=True)
class Font:
    """What a formula draws with one font: CSS family, file of the MathJax font package, characters."""

    family: str
    file: str
    characters: str


@dataclass(frozen=True)
class Rendered:
    """A typeset formula: its HTML, the CSS rules that lay it out, the fonts it is drawn with."""

    html: str
    css: tuple[str, ...]
    fonts: tuple[Font, ...]


class Fault(PressError):
    """TeX that MathJax refuses, and the page it stands on."""

    def __init__(self, formula: Formula, reason: str, page: Path | None = None):
        super().__init__(f"{reason}, in the formula {formula.tex}", page)
        self.formula, self.reason = formula, reason


class MathError(PressErrors):
    """Every fault of a run."""

    errors: list[Fault]


def render(formulas: Iterable[Formula], cache: Path) -> dict[Formula, Rendered]:
    """Typeset formulas; only those not in `cache` reach Node, and if there are none Node is not started.

    Raises:
        MathError: MathJax refuses some of them. The others are in the cache by then.
        PressError: Node or MathJax is missing, or the cache cannot be written.
    """
    wanted = sorted(set(formulas))
    rendered = {formula: entry for formula in wanted if (entry := _read(_path(cache, formula)))}
    new = [formula for formula in wanted if formula not in rendered]
    faults = []
    for formula, made in zip(new, node.typeset(new) if new else [], strict=True):
        if "error" in made:
            faults.append(Fault(formula, made["error"]))
            continue
        body = json.dumps(made, ensure_ascii=False, sort_keys=True).encode()
        write(_path(cache, formula), hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        rendered[formula] = _rendered(made)
    if faults:
        raise MathError(faults)
    return {formula: rendered[formula] for formula in wanted}


@once
def version() -> str:
    """A name for this renderer: the MathJax in the lock, and the script that drives it."""
    parts = (node.ROOT / "package-lock.json", node.SCRIPT)
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()[:16]


def _path(cache: Path, formula: Formula) -> Path:
    key = hashlib.sha256(json.dumps([formula.tex, formula.display]).encode()).hexdigest()
    return cache / version() / key[:2] / f"{key}.json"


def _read(path: Path) -> Rendered | None:
    """A cache entry; None if it is absent or damaged, and then it is made again."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return None
    return _rendered(json.loads(body))


def _rendered(made: dict) -> Rendered:
    return Rendered(made["html"], tuple(made["css"]), tuple(Font(*font) for font in made["fonts"]))
