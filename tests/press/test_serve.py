"""`mkdocs serve` on a copy of this checkout with an empty store: pages first, figures after, edits at once."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("docs", "src", "snippets", "overrides", "hooks")
PAGE = "intermediate/noise_schedules/"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("serve") / "checkout"
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("mkdocs.yml", "requirements.lock", "package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    return root


@pytest.fixture(scope="module")
def site(checkout):
    """Address of the running preview."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(checkout / "src"),
        "NO_MKDOCS_2_WARNING": "1",
        "SITE_URL": "https://example.org/ladder/",
    }
    log = (checkout / "log").open("w")
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}/ladder/"
        until(lambda: "Serving on" in (checkout / "log").read_text(), 90, lambda: (checkout / "log").read_text())
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


def until(what, seconds: float, story=lambda: "") -> None:
    """Wait for something that must come to pass."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.2)
    raise AssertionError(f"still not so after {seconds} s\n{story()}")


def get(address: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(address, timeout=120) as answer:
        return answer.headers["Content-Type"], answer.read()


@pytest.mark.slow
def test_a_page_is_served_before_its_figures_are_drawn_and_they_arrive(site, checkout):
    page = get(site + PAGE)[1].decode()
    assert "<h1" in page and 'src="schedule_curves.svg"' in page and "mjx-container" in page
    assert not list((checkout / ".press" / "site").rglob("score_fields_learned*"))  # it takes a trained network
    kind, picture = get(site + PAGE + "schedule_curves.svg")
    assert (
        kind == "image/svg+xml" and b"<svg" in picture and b"<text" not in picture
    )  # an error would be written as text


@pytest.mark.slow
def test_an_edited_page_is_seen(site, checkout):
    path = checkout / "docs/intermediate/noise_schedules.md"
    path.write_text(path.read_text("utf-8") + "\n\nA sentence that was not there.\n", "utf-8")
    until(lambda: b"A sentence that was not there." in get(site + PAGE)[1], 60, lambda: (checkout / "log").read_text())


@pytest.mark.slow
def test_an_edited_figure_is_drawn_again(site, checkout):
    before = get(site + PAGE + "schedule_curves.svg")[1]
    path = checkout / "src/figures/intermediate/noise_schedules.py"
    text = path.read_text("utf-8")
    assert '"step $t$"' in text
    path.write_text(text.replace('"step $t$"', '"time $t$"'), "utf-8")
    until(lambda: get(site + PAGE + "schedule_curves.svg")[1] != before, 90, lambda: (checkout / "log").read_text())


@pytest.mark.slow
def test_a_mistake_is_told_and_the_preview_lives_on(site, checkout):
    path = checkout / "docs/index.md"
    text = path.read_text("utf-8")
    path.write_text(text + "\n![](index/journey.webp)\n", "utf-8")
    line = len((text + "\n![").splitlines())
    until(lambda: f"docs/index.md:{line}: the image index/journey.webp has no" in (checkout / "log").read_text(), 60)
    assert b"<h1" in get(site + PAGE)[1]
    path.write_text(text + "\nMended.\n", "utf-8")
    until(lambda: b"Mended." in get(site)[1], 60)


FIGURES, DOCS = "src/figures/intermediate/noise_schedules.py", "docs/intermediate/noise_schedules.md"
MISTAKES = {
    "no badge": (FIGURES, "badge: exact", "badge:", "schedule_curves has no badge"),
    "not Python": (FIGURES, "def schedule_curves() ->", "def schedule_curves( ->", "not Python"),
    "unknown recipe": (FIGURES, "(figure_eight_denoiser,", "(figure_ate_denoiser,", "no recipe is called that"),
    "a figure that raises": (
        FIGURES,
        "fig, axes = figure(",
        "fig, axes = figure(1 / 0 + ",
        "raised ZeroDivisionError",
    ),
    "no such section": (DOCS, "noise_schedules.py:linear", "noise_schedules.py:linnear", "has no section 'linnear'"),
    "no such figure": (
        DOCS,
        "(noise_schedules/schedule_curves.svg)",
        "(noise_schedules/curves.svg)",
        "there is no figure",
    ),
    "a slip in a formula": (
        DOCS,
        r"\sqrt{\bar\alpha_t}\;",
        r"\sqrt{\bar\alhpa_t}\;",
        r"Undefined control sequence \alhpa",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_whatever_the_mistake_the_page_is_still_served_and_the_log_names_the_place(site, checkout, mistake):
    file, right, wrong, said = MISTAKES[mistake]
    path, log = checkout / file, checkout / "log"
    text, before = path.read_text("utf-8"), len(log.read_text())
    assert right in text
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    try:
        until(lambda: said in log.read_text()[before:], 60, lambda: log.read_text()[before:])
        line = next(line for line in log.read_text()[before:].splitlines() if said in line)
        assert f"{file}:" in line
        assert b"<h1" in get(site + PAGE)[1] and b"<h1" in get(site)[1]
    finally:
        path.write_text(text, "utf-8")
    assert b"<h1" in get(site + PAGE)[1]
