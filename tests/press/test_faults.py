"""Everything that can go wrong, and the words it goes wrong with: each names the place, and nothing else is lost."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from desk import Desk, Inline

from press import device
from press import store as store_module
from press.build import Build, Press, build
from press.device import choose
from press.errors import PressError, PressErrors

PAGE = "src/figures/one/page.py"
PARABOLA = 9  # the line of `def parabola` in that file


def fault(desk: Desk) -> str:
    """The text of what a build raises."""
    with pytest.raises(PressError) as caught:
        desk.build()
    return str(caught.value).replace(str(desk.project.root) + os.sep, "")


def test_a_figure_raises(desk):
    desk.edit("src/maths/curves.py", "return x * x", "return x / 0")
    text = fault(desk)
    assert "src/maths/curves.py:6: parabola raised ZeroDivisionError: division by zero" in text
    assert f"{PAGE}" in text and "square(x)" in text  # the way there
    assert "two/page/numbers.json" in desk.published()  # the others were built


def test_a_figure_exits(desk):
    desk.edit(PAGE, "return figure\n\n\ndef dots", "raise SystemExit(3)\n\n\ndef dots")
    assert f"{PAGE}:16: parabola raised SystemExit: 3" in fault(desk)


def test_a_figure_returns_the_wrong_type(desk):
    desk.edit(PAGE, "return figure\n\n\ndef dots", "return axes\n\n\ndef dots")
    text = fault(desk)
    assert f"{PAGE}:{PARABOLA}: parabola returned a Axes, but its annotation promises Figure" in text


def test_a_figure_is_unknown(desk):
    with pytest.raises(
        PressError, match=r"no figure or recipe is called 'one/page/parabel'; known: .*one/page/parabola"
    ):
        desk.build("one/page/parabel")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def parabola() -> Figure:", "def parabola():", "parabola has no return annotation"),
        ("def parabola() -> Figure:", "def parabola() -> list:", "parabola has -> list; it picks the file"),
        ('"""A parabola.\n\n    badge: exact\n    """', "pass", "the docstring is the caption"),
        ("badge: exact", "badge: true", "badge 'true'; end its docstring"),
        ("badge: exact", "", "parabola has no badge"),
        ("badge: exact", "badge: trained", "wears the badge trained but asks for no recipe"),
        ("def parabola()", "def parabola(line)", "wears the badge exact but is drawn from a recipe (line)"),
        ("def parabola()", "def parabola(lime)", "asks for 'lime', and no recipe is called that; known: base, line"),
        ("def parabola()", "def parabola(width=3)", "only `seed: int = NUMBER` may have a default"),
        ("def parabola()", "def parabola(*line)", "may take recipes, device and seed by name, nothing else"),
    ],
)
def test_a_figure_breaks_its_contract(desk, old, new, said):
    desk.edit(PAGE, old, new)
    text = fault(desk)
    assert said in text and text.startswith(f"{PAGE}:{PARABOLA}: ")


def test_every_fault_of_the_catalog_is_told_at_once(desk):
    desk.edit(PAGE, "badge: exact", "badge: nope")
    desk.write("src/recipes/line.py", "def lines():\n    pass\n")
    text = fault(desk)
    assert text.count("nope") == 2 and "src/recipes/line.py:1: a recipe file holds a function of its own name" in text


def test_syntax_error(desk):
    desk.write("src/maths/curves.py", "def square(x:\n")
    assert "src/maths/curves.py:1: not Python" in fault(desk)


def test_a_fault_in_a_module_is_told_once(desk):
    desk.edit(PAGE, "def parabola", "undefined\n\n\ndef parabola")
    text = fault(desk)
    assert text.count("NameError") == 1 and "The same stopped one/page/dots." in text


def test_recipes_in_a_circle(desk):
    desk.write("src/recipes/base.py", "def base(line):\n    return line\n")
    assert "src/recipes/base.py:1: recipes ask for each other in a circle: base → line → base" in fault(desk)


def test_a_recipe_fails_and_says_what_could_not_be_drawn(desk):
    desk.write("src/recipes/base.py", "def base():\n    raise RuntimeError('no convergence')\n")
    text = fault(desk)
    assert "src/recipes/base.py:2: base raised RuntimeError: no convergence" in text
    assert "src/figures/two/page.py:1: not run, because recipe line failed" in text
    assert "one/page/parabola.svg" in desk.published()


def test_dice_without_a_seed(desk):
    desk.edit(PAGE, "seed: int = 3", "")
    assert f"{PAGE}:19: dots draws random numbers but declares no seed" in fault(desk)


def test_reading_what_is_not_declared(desk):
    desk.write("src/figures/secret.csv", "1,2\n")
    desk.edit(PAGE, "axes.plot", "open(__file__[:-11] + 'secret.csv')\n    axes.plot")
    assert f"{PAGE}:{PARABOLA}: parabola read src/figures/secret.csv, which it does not declare" in fault(desk)


def test_an_import_the_source_does_not_show(desk):
    desk.edit(PAGE, "axes.plot", "__import__('importlib').import_module('maths.other')\n    axes.plot")
    assert "parabola read src/maths/other.py, which it does not declare" in fault(desk)


def test_declared_data_is_missing(desk):
    desk.write("src/figures/two/page.py", "READS = ['gone.csv']\n\n\ndef numbers() -> dict:\n    return {}\n")
    assert "src/figures/two/page.py:1: READS names gone.csv, which is not there" in fault(desk)


def test_declared_data_must_be_readable_without_running_the_module(desk):
    desk.write("src/figures/two/page.py", "READS = sorted(['a'])\n\n\ndef numbers() -> dict:\n    return {}\n")
    assert "src/figures/two/page.py:1: READS declares data files and must be a plain list" in fault(desk)


def test_the_network_is_closed(desk):
    body = "import socket\n\n\ndef numbers() -> dict:\n    socket.create_connection(('127.0.0.1', 9))\n    return {}\n"
    desk.write("src/figures/two/page.py", body)
    assert "NoNetwork: tried to connect to 127.0.0.1" in fault(desk)


@pytest.mark.parametrize("value", ["float('nan')", "object()"])
def test_what_json_cannot_hold(desk, value):
    desk.write("src/figures/two/page.py", f"def numbers() -> dict:\n    return {{'x': {value}}}\n")
    assert "src/figures/two/page.py:1: numbers returned a dict holding" in fault(desk)


def test_a_missing_glyph_is_an_error(desk):
    desk.edit(PAGE, "axes.plot", "axes.set_title('\\U0001f9ee')\n    axes.plot")
    assert "parabola raised UserWarning: Glyph" in fault(desk)


def test_an_svg_too_heavy_to_publish(desk):
    desk.edit(PAGE, "axes.plot(range(4), [square(x) for x in range(4)])", "axes.scatter(range(9000), range(9000))")
    assert f"{PAGE}:{PARABOLA}: parabola drew" in (text := fault(desk)) and "Annotated[Figure, 'webp']" in text


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.write_bytes({"half": content[: len(content) // 2], "flipped": content[:-1] + b"?", "empty": b""}[how])


@pytest.mark.parametrize("how", ["half", "flipped", "empty"])
@pytest.mark.parametrize("room", ["entries", "blobs"])
def test_a_damaged_store_is_mended(desk, how, room):
    desk.build()
    before = desk.published()
    for path in sorted((desk.project.store / room).glob("*/*")):
        damage(path, how)
    assert set(desk.stale().values()) == {"its files are missing or damaged in the store"}
    assert desk.build() == 5
    assert desk.published() == before
    assert list((desk.project.store / "damaged").iterdir())  # set aside, not lost
    assert desk.build() == 0


def test_a_blob_is_gone(desk):
    desk.build()
    for path in (desk.project.store / "blobs").glob("*/*"):
        path.unlink()
    assert desk.build() == 5
    assert desk.build() == 0


def test_a_published_file_is_damaged(desk):
    desk.build()
    before = desk.published()
    (desk.project.out / "one/page/parabola.svg").write_text("half an")
    assert desk.build() == 0
    assert desk.published() == before


KILLER = """
    import os
    import pathlib
    import signal


    def numbers() -> dict:
        mark = pathlib.Path({mark!r})
        if {always} or not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {{}}
"""


def test_a_worker_is_killed_once(desk, tmp_path):
    desk.write("src/figures/two/page.py", KILLER.format(mark=str(tmp_path / "mark"), always=False))
    assert build(desk.press(), workers=2) >= 3
    assert len(desk.published()) == 9


def test_a_worker_is_killed_each_time(desk, tmp_path):
    desk.write("src/figures/two/page.py", KILLER.format(mark=str(tmp_path / "mark"), always=True))
    with pytest.raises(PressErrors) as caught:
        build(desk.press(), workers=2)
    assert len(caught.value.errors) == 1
    assert "two/page.py:6: the worker died while running numbers, twice" in str(caught.value)
    assert len(desk.published()) == 8  # everything else


def test_the_disk_is_full(desk, monkeypatch):
    desk.build("one/page/parabola")
    before = desk.published()
    desk.edit("src/maths/curves.py", "x * x", "x + x")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    text = fault(desk)
    assert ".press/store/" in text and "cannot write: the disk is full" in text and "press clean" in text
    assert desk.published() == before
    assert not list(desk.project.cache.rglob(".new-*"))  # nothing half-written is left
    monkeypatch.undo()
    assert desk.build() == 5


def test_a_real_write_that_runs_out_of_room(desk):
    """The system itself stops the write: files may grow to 100 bytes and no further."""
    code = (
        "import resource, pathlib; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        "from press.store import write; write(pathlib.Path('big'), bytes(1000))"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk.project.root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert "big: cannot write: the disk is full" in done.stderr
    assert not list(desk.project.root.glob("*big*")) and not list(desk.project.root.glob(".new-*"))


def test_no_write_permission():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        desk = Desk(Path(folder) / "project")
        desk.project.cache.mkdir()
        desk.project.cache.chmod(0o555)
        root = os.geteuid() == 0
        if root:  # permission bits do not bind root: become somebody they do bind
            os.seteuid(65534)
        try:
            with pytest.raises(PressError, match=r"store/locks/.*: cannot write: no permission to write there"):
                build(desk.press(), ["two/page/numbers"], workers=1, executor=Inline)
        finally:
            if root:
                os.seteuid(0)


def test_unknown_device():
    with pytest.raises(PressError, match=r"DIFFUSION_LADDER_DEVICE=gpu: unknown device; known: cpu, cuda, mps"):
        choose({"DIFFUSION_LADDER_DEVICE": "gpu"})


@pytest.mark.parametrize("name", ["cuda", "cuda:0"])
def test_cuda_asked_for_and_absent(name, monkeypatch):
    monkeypatch.setattr(device.Path, "exists", lambda path: False)  # also on a machine that has one
    with pytest.raises(PressError, match=rf"{name}: CUDA was asked for, but .*DIFFUSION_LADDER_DEVICE=cpu"):
        choose({"DIFFUSION_LADDER_DEVICE": name})


def test_a_gpu_that_is_there_is_taken(monkeypatch):
    monkeypatch.setattr(device.Path, "exists", lambda path: True)
    monkeypatch.setattr(device, "_torch", lambda: "2.13.0")
    assert choose({}) == "cuda" and choose({"DIFFUSION_LADDER_DEVICE": "cpu"}) == "cpu"
    monkeypatch.setattr(device, "_torch", lambda: "2.13.0+cpu")
    assert choose({}) == ("mps" if sys.platform == "darwin" else "cpu")
    with pytest.raises(PressError, match="built for the CPU only"):
        choose({"DIFFUSION_LADDER_DEVICE": "cuda"})


def test_cuda_that_only_torch_knows_to_be_absent(desk):
    """The device files are there, the driver is not: the worker finds out."""
    import torch

    if torch.cuda.is_available():
        assert choose({}) == "cuda"
        return
    with pytest.raises(PressError, match="base needs cuda, but torch sees no CUDA device here"):
        build(Press(desk.project, "cuda"), ["base"], workers=1, executor=Inline)


def test_two_builds_at_once_share_the_work(desk, tmp_path):
    """Two processes start together; every function runs in one of them only, and both end with everything."""
    log = tmp_path / "log"
    body = f"import time\n\n\ndef base():\n    open({str(log)!r}, 'a').write('x')\n    time.sleep(1)\n    return 2.0\n"
    desk.write("src/recipes/base.py", body)
    code = "from pathlib import Path; from press.build import *; import sys; from desk import Inline;"
    code += "print(build(Press(Project(Path(sys.argv[1])), 'cpu'), workers=1, executor=Inline))"
    path = os.pathsep.join([str(Path(__file__).parent), *(p for p in sys.path if p)])
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(desk.project.root)],
            env={**os.environ, "PYTHONPATH": path},
            text=True,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert log.read_text() == "x"
    assert len(desk.published()) == 9


def test_a_build_that_dies_frees_its_locks(desk):
    """Kill a whole build while it holds a lock; the next one is not kept waiting."""
    body = "import time\n\n\ndef base():\n    print('here', flush=True)\n    time.sleep(60)\n"
    desk.write("src/recipes/base.py", body)
    lock = desk.press().task(desk.press().catalog["base"]).key
    code = "from pathlib import Path; from press.store import Store; import sys, time;"
    code += "held = Store(Path(sys.argv[1])).lock(sys.argv[2]); print('held', flush=True); time.sleep(60)"
    path = os.pathsep.join(p for p in sys.path if p)
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(desk.project.store), lock],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    assert desk.press().store.lock(lock) is None
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert desk.press().store.lock(lock) is not None


def test_wanting_something_else_while_it_runs(desk):
    """In a live preview the plan changes under a running build: the new plan is what gets done."""
    work = Build(desk.press(), workers=1, executor=Inline)
    work.want(desk.press().plan(["one/page/parabola"]))
    runner = threading.Thread(target=work.run)
    work.want(desk.press().plan(["two/page/numbers"]))
    runner.start()
    runner.join(60)
    assert list(desk.published()) == ["two/page/numbers.json"]


def test_a_build_stopped_by_hand_does_not_wait_for_its_workers(desk):
    """Ctrl-C while a long recipe runs: the command ends at once, its workers with it, and frees its locks."""
    desk.write("src/recipes/base.py", "import time\n\n\ndef base():\n    time.sleep(300)\n")
    work = Build(desk.press(), workers=1)
    work.want(desk.press().plan(["base"]))
    while not work._running:
        work.step()
    (worker,) = work._executor._processes.values()
    work.close()
    worker.join(30)
    assert not worker.is_alive()
    assert desk.press().store.lock(desk.press().task(desk.press().catalog["base"]).key) is not None
