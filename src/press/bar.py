"""A progress bar for a terminal."""

import time

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from .progress import Silent


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
