"""Live preview: pages are served at once, figures are built behind them, those of the viewed page first.

A request for a picture that is not built yet waits for it, so the page shows and its pictures arrive one by one; nothing
is rendered twice and nothing reloads. A number that is not there yet is shown as … until all are, and then a bell rings.
"""

import html
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path, PurePosixPath

from .build import Build, Press
from .errors import PressError
from .progress import report
from .project import Project

log = logging.getLogger("mkdocs.press")
TYPES = {".svg": "image/svg+xml", ".webp": "image/webp", ".json": "application/json", ".css": "text/css"}
PATIENCE = 600  # seconds a request waits for its picture


class Preview:
    """Builds in a background thread for as long as the preview runs."""

    def __init__(self, project: Project, workers: int | None = None, executor: Callable[[], Executor] | None = None):
        self.project, self._workers, self._executor = project, workers, executor
        self.press: Press | None = None
        self.build: Build | None = None
        self._wake = threading.Event()
        self._closed = False
        self._awaited: set[str] = set()
        self._thread = threading.Thread(target=self._work, daemon=True)

    @property
    def bell(self) -> Path:
        """A file that is touched when all numbers are there that pages were rendered without."""
        return self.project.cache / "bell"

    def refresh(self) -> Press:
        """Read the source again and queue what has become stale.

        Raises:
            PressErrors: the source has faults; what was built before goes on being served.
        """
        press = Press(self.project)
        tasks = press.plan()
        press.publish_fresh(tasks)
        self.press = press
        if self.build is None:
            self.build = Build(self.press, self._workers, self._executor, report())
            self._thread.start()
        self.build.press = self.press
        self.build.want(tasks)
        self._awaited = {task.name for task in tasks if task.why and task.entry.number}
        self._wake.set()
        return self.press

    def serve(self, app: Callable, mount: str) -> Callable:
        """Wrap the WSGI app of a preview server mounted at the path `mount`."""

        def wrapped(environ, start_response):
            path = environ.get("PATH_INFO", "").removeprefix(mount).lstrip("/")
            entry = self.press.catalog.by_output().get(path)
            if entry is None:
                if path.endswith("/") or not path:
                    page = PurePosixPath(path or "index")
                    self.build.hurry(name for name in self.press.catalog.figures if PurePosixPath(name).parent == page)
                return app(environ, start_response)
            content, kind = self.wait(entry.name, path)
            start_response("200 OK", [("Content-Type", kind), ("Cache-Control", "no-cache")])
            return [content]

        self.bell.parent.mkdir(parents=True, exist_ok=True)
        self.bell.touch()  # there from the start, so that it can be watched
        return wrapped

    def wait(self, name: str, path: str) -> tuple[bytes, str]:
        """The bytes and media type of a published file, once it is built; a picture of the error if it cannot be."""
        pause = threading.Event()
        for _ in range(PATIENCE * 10):
            if not self.build.busy(name):
                break
            pause.wait(0.1)
        place = self.project.out / path
        error = self.build.failed.get(name)
        if error is None and place.is_file():
            return place.read_bytes(), TYPES.get(place.suffix, "application/octet-stream")
        return _picture(str(error or f"{name} was not built in {PATIENCE} s")), TYPES[".svg"]

    def close(self) -> None:
        """Stop building."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _work(self) -> None:
        told: dict[str, PressError] = {}
        while not self._closed:
            try:
                busy = self.build.step()
            except Exception:  # a fault of the press itself: say so, and do not leave requests waiting
                log.exception("the press failed; edit a file to try again")
                self.build.want([])
                busy = False
            self._ring()
            for name, error in list(self.build.failed.items()):
                if told.get(name) is not error:
                    log.error("%s", error)
                    told[name] = error
            if not busy:
                self.build.report.end()
                self._wake.wait()
                self._wake.clear()
        self.build.close()

    def _ring(self) -> None:
        """A picture arrives by itself; a number stands in the text, so its page has to be rendered again."""
        awaited = self._awaited
        if awaited and not any(self.build.busy(name) for name in awaited):
            self._awaited = set()
            if awaited - self.build.failed.keys():
                self.bell.touch()


def _picture(text: str) -> bytes:
    lines = "".join(
        f'<text x="16" y="{28 + 18 * row}" xml:space="preserve">{html.escape(line)}</text>'
        for row, line in enumerate(text.splitlines()[:14])
    )
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="672" height="300" font-family="monospace" font-size="12">'
    return f'{frame}<rect width="100%" height="100%" fill="#fff3f0"/>{lines}</svg>'.encode()
