"""The command line, as somebody types it."""

import pytest
from click.testing import CliRunner

from press import cli


@pytest.fixture
def press(desk, monkeypatch):
    """Run `press ARGUMENTS` on the small project; returns (exit status, output)."""
    monkeypatch.setenv("DIFFUSION_LADDER_DEVICE", "cpu")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.main, ["--root", str(desk.project.root), *arguments])
        return done.exit_code, done.output

    return run


def test_build_list_and_why(press, desk):
    assert "stale" in press("list")[1] and "fresh" not in press("list")[1]
    status, text = press("build", "--workers", "1")
    assert (status, text.splitlines()[-1]) == (0, "5 run, 3 figures up to date, on cpu")
    assert "press 5/5" in text and "(never built)" in text
    assert "stale" not in press("list")[1]
    assert press("build")[1] == "0 run, 3 figures up to date, on cpu\n"
    assert "one/page/parabola is fresh. It depends on:" in press("why", "one/page/parabola")[1]
    desk.edit("src/maths/curves.py", "x * x", "x + x")
    assert press("why", "one/page/parabola")[1].startswith("one/page/parabola is stale: src/maths/curves.py changed\n")


def test_unknown_names_and_broken_sources_end_with_words_not_a_traceback(press, desk):
    status, text = press("why", "nothing")
    assert status == 1 and text.startswith("press: no figure or recipe is called 'nothing'; known: base,")
    desk.edit("src/figures/one/page.py", "badge: exact", "")
    status, text = press("build")
    assert status == 1 and "src/figures/one/page.py:9: parabola has no badge" in text and "Traceback" not in text


def test_clean_drops_what_nobody_uses_and_keeps_the_rest(press, desk):
    desk.build()
    desk.edit("src/maths/curves.py", "x * x", "x + x")
    desk.build()
    assert press("clean")[1].startswith("dropped 0 entries")  # all younger than 30 days
    assert press("clean", "--days", "0")[1].startswith("dropped 2 entries")
    assert desk.stale() == {}
    assert press("clean", "--all")[1].startswith("dropped 5 entries")
    assert len(desk.stale()) == 5


def test_doctor(press, desk):
    desk.write("requirements.lock", "numpy==0.0.1\nno-such-package==1.0 ; sys_platform == 'win32'\n")
    status, text = press("doctor")
    assert status == 1
    assert "BAD packages: numpy" in text and "instead of 0.0.1; run `make install`" in text and "no-such" not in text
    assert "BAD Node and its packages are missing" in text
    assert "ok  computes on cpu" in text and "ok  .press can be written" in text


def test_outside_a_project(tmp_path):
    done = CliRunner().invoke(cli.main, ["--root", str(tmp_path), "list"])
    assert done.exit_code == 1 and "no project here" in done.output
