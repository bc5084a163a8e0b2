"""What the answers of a quiz look like as text, for the source and for the parsed document alike."""

import re
from math import floor, log10
from random import Random
from typing import Any

from .values import TOKEN

KINDS = ("single", "multiple", "order", "picture", "number", "fill")
CHOSEN = ("single", "multiple", "picture")
TYPED = ("number", "fill")

CHOICE = re.compile(r"^(?P<mark>\([ x]\)|\[[ x]\])(?:[ ]+(?P<text>.*))?$", re.DOTALL)
MISCONCEPTION = re.compile(r"^(?P<star>[*_])(?![*_])(?P<what>[^*_\n]+)(?P=star):[ ]*(?P<rest>.*)$", re.DOTALL)
NUMBER = r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-−+]?\d+)?"
KNOWN_NUMBER = re.compile(rf"^(?P<answer>{NUMBER}|{TOKEN.pattern}):[ ]*(?P<text>.*)$", re.DOTALL)
KNOWN_CODE = re.compile(r"^`(?P<answer>[^`]+)`:[ ]*(?P<text>.*)$", re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


def kind(options: dict[str, Any], first: str, ordered: bool, gap: bool) -> str:
    """The kind of a quiz: what it says itself, else what its body holds.

    Args:
        first: the first words of its list.
        ordered: whether that list is numbered.
        gap: whether there is code with a gap.
    """
    if options.get("kind"):
        return str(options["kind"])
    if options.get("answer") is not None:
        return "number"
    if gap:
        return "fill"
    if ordered:
        return "order"
    if first.startswith("["):
        return "multiple"
    match = CHOICE.match(first)
    return "picture" if match and PICTURE.fullmatch((match["text"] or "").strip()) else "single"


def number(text: Any) -> float | None:
    """A number as an author writes it; None if it is none."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return float(text)
    plain = str(text).strip()
    return float(plain.replace("−", "-")) if re.fullmatch(NUMBER, plain) else None


def rounded(value: float, tolerance: float) -> str:
    """A number with as many decimals as its tolerance asks for."""
    text = f"{value:.{max(0, -floor(log10(tolerance)))}f}" if tolerance > 0 else f"{value:.12g}"
    return text.replace("-", "−")


def shuffled(count: int, seed: str) -> list[int]:
    """The numbers below `count` in an order that depends on the seed alone, and is never the right one."""
    order, random = list(range(count)), Random(seed)
    while count > 1 and order == sorted(order):
        random.shuffle(order)
    return order


def spellings(gap: str) -> list[str]:
    """What may stand in a gap: `data-gap="0.1 | 1e-1"`."""
    return [one.strip() for one in gap.split("|") if one.strip()]


def letter(index: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index % 26]
