"""One Node process that typesets formulas."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ..errors import PressError
from .formulas import Formula

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("typeset.mjs")


def find() -> str:
    """The `node` beside this Python, else the one on PATH.

    Raises:
        PressError: there is none.
    """
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if node is None:
        raise PressError("typesetting math needs Node and there is none; run `make install`")
    return node


def typeset(formulas: Iterable[Formula]) -> list[dict]:
    """What MathJax makes of each formula: {"html", "css", "fonts"}, or {"error"} with its message.

    Raises:
        PressError: Node or MathJax is not installed, or the process failed.
    """
    node = find()
    if not (ROOT / "node_modules" / "mathjax").is_dir():
        raise PressError("typesetting math needs MathJax and node_modules has none; run `make install`", ROOT)
    lines = "".join(json.dumps({"tex": formula.tex, "display": formula.display}) + "\n" for formula in formulas)
    try:
        done = subprocess.run([node, str(SCRIPT)], input=lines, capture_output=True, encoding="utf-8")
    except OSError as error:
        raise PressError(f"cannot start Node ({node}): {error.strerror}; run `make install`") from error
    if done.returncode:
        raise PressError(f"Node stopped with status {done.returncode}:\n{done.stderr[-2000:].strip()}", SCRIPT)
    return [json.loads(line) for line in done.stdout.splitlines()]
