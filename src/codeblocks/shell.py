"""Run a shell block in a scratch copy of the checkout, and name the line that fails."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from .checks import Script
from .program import Run

PROMPT = re.compile(r"^[$%] ")
FAILED = re.compile(r"^failed at (\d+)$", re.MULTILINE)
# The first line ends the block when its time is up, even if nobody is left who waits for it.
PREAMBLE = """(sleep {limit:g}; kill -9 -$$) >/dev/null 2>&1 &
exec 9>{report}
trap 'echo failed at $LINENO >&9' ERR
set -eE -o pipefail
"""


def run(script: Script, root: Path, limit: float) -> Run:
    """Run a shell block with bash in a copy of the checkout; a command that fails ends it.

    Of a `console` block, the lines behind a `$` prompt are run, and the others are what they print.
    """
    block = script.block
    commands = (
        [line for line in block.lines if PROMPT.match(line.text)] if block.lang == "console" else list(block.lines)
    )
    text = "\n".join(PROMPT.sub("", line.text) if block.lang == "console" else line.text for line in commands)
    with tempfile.TemporaryDirectory(prefix="codeblocks-") as name:
        folder, report = Path(name) / root.name, Path(name) / "report"
        copy(root, folder)
        code = PREAMBLE.format(limit=limit + 5, report=report) + f"{text}\n"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        process = subprocess.Popen(
            ["bash", "-c", code], cwd=folder, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        try:
            printed, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            _end(process)
            printed, _ = process.communicate()
            return Run([printed], f"still running after {limit:g} seconds", str(block.place[0]), block.place[1])
        finally:
            _end(process)  # and whatever it left running
        failed = FAILED.findall(report.read_text("utf-8")) if report.is_file() else []
    if process.returncode:
        number = int(failed[0]) - PREAMBLE.count("\n") if failed else 1
        line = commands[max(0, min(number, len(commands)) - 1)] if commands else block.opener
        return Run([printed], f"exit code {process.returncode}", str(line.file), line.number, printed)
    return Run([printed])


def _end(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def copy(root: Path, folder: Path) -> None:
    """The checkout as git knows it, without what git ignores; a folder that is no checkout is copied whole."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True
    )
    if listed.returncode or not listed.stdout:
        shutil.copytree(root, folder, ignore=shutil.ignore_patterns(".*", "node_modules", "site", "__pycache__"))
        return
    for name in listed.stdout.decode().split("\0"):
        if name and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
