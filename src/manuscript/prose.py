"""What of a page is running text: code, comments and markup blanked, each character left in its place."""

import re
from collections.abc import Sequence
from dataclasses import replace

from .lines import Line

FENCE = re.compile(r"^(?P<indent>[> \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
COMMENT = r"<!--.*?(?:-->|\Z)"
CODE = r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
HIDDEN = re.compile(f"{COMMENT}|{CODE}", re.DOTALL)


def blanked(pattern: re.Pattern, text: str) -> str:
    """The text with what the pattern finds replaced by blanks; every line stays as long as it was."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def without_fences(lines: Sequence[Line]) -> tuple[list[Line], list[tuple[Line, str]]]:
    """The lines with those of code fences emptied, and the fences never closed, each with its first line."""
    kept, unclosed, here = [], [], 0
    while here < len(lines):
        fence = FENCE.match(lines[here].text)
        if fence and fence["fence"][0] == "`" and "`" in fence["info"]:
            fence = None
        length = _length(lines, here, fence) if fence else 1
        if not length:
            unclosed.append((lines[here], fence["fence"]))
        if length == 1:
            kept.append(lines[here])
        else:
            kept += [replace(line, text="") for line in lines[here : here + (length or 1)]]
        here += length or 1
    return kept, unclosed


def _length(lines: Sequence[Line], start: int, fence: re.Match) -> int:
    """How many lines a fence takes; 0 if it is never closed. Text that is indented less than the fence ends it, too."""
    depth = len(fence["indent"].expandtabs(4))
    for index in range(start + 1, len(lines)):
        text = lines[index].text
        indent = re.match(r"[> \t]*", text)[0]
        if text[len(indent) :].rstrip() == fence["fence"]:
            return index - start + 1
        if text.strip("> \t") and len(indent.expandtabs(4)) < depth:
            return 0
    return 0
