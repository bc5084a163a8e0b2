"""Saying what is being built and why: a bar on a terminal, a line for each job elsewhere."""

import sys
import time

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Silent:
    """Says nothing; the shape of a report."""

    def total(self, count: int) -> None: ...
    def begin(self, task) -> None: ...
    def done(self, task, seconds: float) -> None: ...
    def failed(self, task, error) -> None: ...
    def blocked(self, task) -> None: ...
    def end(self) -> None: ...


class Lines(Silent):
    """One line for each job, for logs."""

    def __init__(self, stream=None):
        self.stream, self.count, self.of = stream or sys.stderr, 0, 0

    def total(self, count: int) -> None:
        self.count, self.of = 0, count

    def done(self, task, seconds: float) -> None:
        self.count += 1
        print(f"press {self.count}/{self.of} {task.name} {seconds:.1f} s ({task.why})", file=self.stream, flush=True)

    def failed(self, task, error) -> None:
        self.count += 1
        print(f"press {self.count}/{self.of} {task.name} FAILED", file=self.stream, flush=True)


class Bar(Silent):
    """A progress bar; under it what runs now, why it was stale, and for how long it has been running."""

    def __init__(self):
        self.progress = Progress(
            TextColumn("press"), BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}")
        )
        self.row = self.progress.add_task("", total=None)
        self.running: dict[str, tuple[float, str]] = {}
        self.live: Live | None = None

    def total(self, count: int) -> None:
        self.progress.reset(self.row, total=count)
        if count and self.live is None:
            console = Console(stderr=True)
            self.live = Live(
                self.progress, console=console, transient=True, refresh_per_second=4, redirect_stdout=False
            )
            self.live.start()

    def begin(self, task) -> None:
        self.running[task.name] = (time.monotonic(), task.why)
        self._show()

    def done(self, task, seconds: float) -> None:
        self._leave(task)

    def failed(self, task, error) -> None:
        self._leave(task)

    def blocked(self, task) -> None:
        self.progress.update(self.row, description=f"{task.name}: another build is making it")

    def end(self) -> None:
        if self.live:
            self.live.stop()
            self.live = None

    def _leave(self, task) -> None:
        self.running.pop(task.name, None)
        self.progress.advance(self.row)
        self._show()

    def _show(self) -> None:
        rows = [f"{name} [dim]({why})[/]" for name, (_, why) in self.running.items()]
        self.progress.update(self.row, description=", ".join(rows))


def report() -> Silent:
    """A bar if somebody is watching, lines if not."""
    return Bar() if sys.stderr.isatty() else Lines()
