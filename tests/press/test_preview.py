"""The live preview: pages at once, pictures when they are there."""

import threading
from concurrent.futures import Executor

import pytest

from press.build import pool
from press.errors import PressErrors
from press.preview import Preview
from press.project import Project


class Lent(Executor):
    """One worker process for all tests: the trace of a job must not see what the test itself reads meanwhile."""

    def __init__(self, worker):
        self.worker = worker

    def submit(self, function, *args):
        return self.worker.submit(function, *args)

    def shutdown(self, *args, **kwargs):
        pass


@pytest.fixture(scope="module")
def lent(tmp_path_factory):
    with pool(Project(tmp_path_factory.mktemp("pool")), 1) as worker:
        yield lambda: Lent(worker)


@pytest.fixture
def preview(desk, lent):
    preview = Preview(desk.project, workers=1, executor=lent)
    preview.refresh()
    yield preview
    preview.close()


def get(preview, path):
    """(status, headers, body) of a request to the wrapped server; pages themselves answer b"page"."""
    told = []
    app = preview.serve(lambda environ, start: start("200 OK", []) or [b"page"], "/site")
    body = b"".join(app({"PATH_INFO": path}, lambda status, headers: told.append((status, dict(headers)))))
    return *told[0], body


def test_a_picture_is_served_once_it_is_built(preview, desk):
    status, headers, body = get(preview, "/site/one/page/parabola.dark.svg")
    assert status == "200 OK" and headers["Content-Type"] == "image/svg+xml"
    assert body == (desk.project.out / "one/page/parabola.dark.svg").read_bytes()


def test_other_requests_go_through(preview):
    assert get(preview, "/site/one/page/")[2] == b"page"
    assert get(preview, "/site/assets/else.svg")[2] == b"page"


def test_the_viewed_page_is_built_first(desk, lent):
    """With the worker held back, ask for the second page: its figure, and the recipes under it, run first."""
    order, gate = [], threading.Event()

    class Held(Lent):
        def submit(self, function, job):
            gate.wait(10)
            order.append(job.name)
            return super().submit(function, job)

    preview = Preview(desk.project, workers=1, executor=lambda: Held(lent().worker))
    preview.refresh()
    get(preview, "/site/two/page/")
    gate.set()
    get(preview, "/site/two/page/numbers.json")
    preview.close()
    assert {"base", "line", "two/page/numbers"} <= set(order[:4])  # one job may have been under way


def test_an_edit_is_built_and_served(preview, desk):
    before = get(preview, "/site/one/page/parabola.svg")[2]
    desk.edit("src/maths/curves.py", "x * x", "x + x")
    preview.refresh()
    assert get(preview, "/site/one/page/parabola.svg")[2] != before


def test_a_figure_that_fails_shows_its_error_where_it_would_stand(preview, desk):
    desk.edit("src/maths/curves.py", "x * x", "x / 0")
    preview.refresh()
    status, headers, body = get(preview, "/site/one/page/parabola.svg")
    assert headers["Content-Type"] == "image/svg+xml"
    assert b"ZeroDivisionError" in body and b"src/maths/curves.py:6" in body
    desk.edit("src/maths/curves.py", "x / 0", "x * x")
    preview.refresh()
    assert b"ZeroDivisionError" not in get(preview, "/site/one/page/parabola.svg")[2]


def test_a_fault_in_the_source_keeps_what_was_there(preview, desk):
    before = get(preview, "/site/one/page/parabola.svg")[2]
    desk.edit("src/figures/one/page.py", "badge: exact", "badge: what")
    with pytest.raises(PressErrors, match="badge 'what'"):
        preview.refresh()
    assert get(preview, "/site/one/page/parabola.svg")[2] == before
