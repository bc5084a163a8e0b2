"""Saying what is being built and why: a bar on a terminal (`press.bar`), a line for each job elsewhere."""

import sys


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


def report() -> Silent:
    """A bar if somebody is watching, lines if not."""
    if not sys.stderr.isatty():
        return Lines()
    from .bar import Bar  # what draws it takes a while to import

    return Bar()
