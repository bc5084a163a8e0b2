"""How large a picture is on the page, read from the first bytes of its file."""

import re
from struct import unpack

from ..render import DPI

Size = tuple[int, int]
PER_PIXEL = {"": 1.0, "px": 1.0, "pt": 3 / 4, "in": 1 / 96, "cm": 2.54 / 96, "mm": 25.4 / 96}
LENGTH = r"""\s{}\s*=\s*["']\s*([\d.]+)\s*([a-z]*)\s*["']"""


def size(content: bytes) -> Size | None:
    """Width and height, in CSS pixels, of an SVG or of a WebP drawn at the press's resolution; else None."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    if head := re.search(rb"<svg\b[^>]*>", content[:4096]):
        return _svg(head[0].decode("utf-8", "replace"))
    return None


def _svg(head: str) -> Size | None:
    found = [re.search(LENGTH.format(side), head) for side in ("width", "height")]
    if not all(match and match[2] in PER_PIXEL for match in found):
        return None
    width, height = (round(float(match[1]) / PER_PIXEL[match[2]]) for match in found)
    return width, height


def _webp(content: bytes) -> Size | None:
    """The three forms of the container: https://developers.google.com/speed/webp/docs/riff_container."""
    form, body = content[12:16], content[20:30]
    if len(body) < 10:
        return None
    if form == b"VP8X":
        width, height = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    elif form == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif form == b"VP8 ":
        width, height = (side & 0x3FFF for side in unpack("<HH", body[6:10]))
    else:
        return None
    return round(width * 96 / DPI), round(height * 96 / DPI)
