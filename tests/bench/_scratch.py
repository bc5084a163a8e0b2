"""What the benchmarks share: scratch copies of this checkout, a clock that takes turns, a preview to ask, a table.

Nothing is built in the checkout itself. A copy starts with what its `.press/` holds, so only what is stale there is drawn.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
INSTALLED = (".venv", "node_modules")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory(prefix="bench-") as name:
        yield Path(name).resolve()


def checkout(root: Path, built: bool = True) -> Path:
    """A copy of this checkout at `root`: the files git knows or would add; with what is `built`, brought up to date."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    for name in INSTALLED:
        (root / name).symlink_to(ROOT / name)
    if built:
        if (ROOT / ".press").is_dir():
            shutil.copytree(ROOT / ".press", root / ".press")
        run(root, "press", "build")
    return root


def plain(root: Path, ours: Path) -> Path:
    """The pages of the site `ours` for Material alone: no hooks, and the pictures as files beside the pages."""
    for room in ("docs", "snippets", "overrides"):
        shutil.copytree(ours / room, root / room)
    shutil.copytree(ours / ".press" / "site", root / ".press" / "site")  # texts that pages include
    shutil.copytree(ours / ".press" / "site", root / "docs", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
    shutil.copyfile(ours / "mkdocs.yml", root / "with_hooks.yml")
    (root / "mkdocs.yml").write_text("INHERIT: with_hooks.yml\nhooks: []\n")
    return root


def run(root: Path, module: str, *arguments: str, **environment: str) -> float:
    """Seconds that `python -m module arguments` takes in `root`."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=root, env=_environment(root) | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{module} {' '.join(arguments)} failed:\n{done.stdout[-3000:]}")
    return seconds


def _environment(root: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DASK"))}
    return kept | {
        "PYTHONPATH": str(root / "src"),
        "NO_MKDOCS_2_WARNING": "1",
        "SITE_URL": "https://example.org/ladder/",
    }


def in_turn(runs: dict[str, Callable[[], float]], rounds: int, patience: float = 60) -> dict[str, list[float]]:
    """The seconds of each run, taken A B C A B C …, so that a busy machine slows all alike.

    One round at least; another one as long as there are fewer than `rounds` and `patience` seconds have not passed.
    """
    start, turns = time.perf_counter(), []
    while not turns or (len(turns) < rounds and time.perf_counter() - start < patience):
        turns.append([one() for one in runs.values()])
    return dict(zip(runs, map(list, zip(*turns, strict=True)), strict=True))


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios of each pair of neighbouring runs."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def table(title: str, *rows: tuple) -> None:
    """Print rows, the first of which names the columns; numbers with two places."""
    texts = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    wide = [max(map(len, column)) for column in zip(*texts, strict=True)]
    print(f"\n{title}")
    for first, *others in texts:
        cells = [text.rjust(width) for text, width in zip(others, wide[1:], strict=True)]
        print("  ".join([first.ljust(wide[0]), *cells]).rstrip(), flush=True)


class Preview:
    """A running `mkdocs serve`."""

    def __init__(self, root: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root, self.address, self.log = root, f"http://127.0.0.1:{port}/ladder/", root / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
                cwd=root, env=_environment(root), stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def __enter__(self) -> "Preview":
        self.until(lambda: "Serving on" in self.log.read_text(), patience=120)
        return self

    def __exit__(self, *error) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path, timeout=300) as answer:
            return answer.read()

    def until(self, seen: Callable[[], bool], patience: float = 300) -> float:
        """Seconds until something is so."""
        start = time.perf_counter()
        while not seen():
            if time.perf_counter() - start > patience or self.process.poll() is not None:
                sys.exit(f"the preview did not show it:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)
        return time.perf_counter() - start

    def prose(self, file: str, page: str) -> float:
        """Seconds from saving a new sentence in a Markdown file to its being served."""
        sentence = f"A sentence saved at {time.time_ns()}."
        with (self.root / file).open("a") as text:
            text.write(f"\n{sentence}\n")
        return self.until(lambda: sentence.encode() in self.get(page))
