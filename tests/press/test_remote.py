"""Jobs on a Dask cluster: real scheduler, real workers, none of which can read anything of the checkout."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from desk import Desk
from distributed import Client

from press import device, outpost, remote
from press.build import Build, Press, build
from press.doctor import checks
from press.errors import PressError, PressErrors

ROOT = Path(__file__).parents[2]
PAGE = "src/figures/one/page.py"

# Runs in every process of a worker as it starts: the checkout, and the small projects of these tests, are on another machine.
GUARD = """
    import os
    import sys

    FORBIDDEN, TOOLS = {forbidden!r}, {tools!r}
    sys.path = [path for path in sys.path if not path.startswith(tuple(FORBIDDEN)) or path.startswith(tuple(TOOLS))]


    def guard(event, args):
        if event in ("open", "os.listdir", "os.scandir", "os.chdir") and isinstance(args[0], str | bytes):
            path = os.path.realpath(os.fsdecode(args[0]))
            if path.startswith(tuple(FORBIDDEN)) and not path.startswith(tuple(TOOLS)):
                raise PermissionError(f"{{path}} is on another machine")


    sys.addaudithook(guard)
"""


class Site:
    """A scheduler and its workers, in a folder of their own."""

    def __init__(self, folder: Path, projects: Path):
        self.folder = folder
        forbidden, tools = [str(ROOT) + os.sep, str(projects) + os.sep], [str(Path(sys.prefix)) + os.sep]
        (folder / "sitecustomize.py").write_text(dedent(GUARD).format(forbidden=forbidden, tools=tools), "utf-8")
        self.processes: list[subprocess.Popen] = []
        self._start("scheduler", "--port=0", "--idle-timeout=60", "--scheduler-file=at.json")

    def _start(self, what: str, *options: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host=127.0.0.1", "--no-dashboard", *options]
        environment = {name: value for name, value in os.environ.items() if name != remote.VARIABLE}
        self.processes.append(
            subprocess.Popen(
                command,
                cwd=self.folder,
                env={**environment, "PYTHONPATH": str(self.folder)},
                stderr=(self.folder / f"{what}-{len(self.processes)}.log").open("w"),
                start_new_session=True,  # so that the end of a worker is the end of what it started
            )
        )

    def worker(self) -> None:
        options = "--no-nanny", "--nthreads=1", "--scheduler-file=at.json", "--death-timeout=60", "--local-directory=."
        self._start("worker", *options)

    def ready(self, workers: int) -> None:
        """Wait until that many workers have joined."""
        with Client(self.address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    @property
    def address(self) -> str:
        """Where the scheduler listens, once it does."""
        file = self.folder / "at.json"
        while not file.is_file():
            assert self.processes[0].poll() is None, self.logs()
            time.sleep(0.05)
        return json.loads(file.read_text("utf-8"))["address"]

    def logs(self) -> str:
        return "\n".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def site(projects: Path, workers: int) -> Iterator[Site]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        made = Site(Path(folder).resolve(), projects)
        stack.callback(made.close)
        for _ in range(workers):
            made.worker()
        yield made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Site]:
    with site(tmp_path_factory.getbasetemp(), workers=2) as made:
        made.ready(2)
        yield made


@pytest.fixture
def away(cluster, desk, monkeypatch) -> Desk:
    """The small project, built on the cluster."""
    monkeypatch.setenv(remote.VARIABLE, cluster.address)
    return desk


def fault(desk: Desk, *names: str) -> str:
    """The text of what a build of `names` raises."""
    with pytest.raises(PressError) as caught:
        build(desk.press(), names or None)
    return str(caught.value).replace(str(desk.project.root) + os.sep, "")


def test_the_workers_cannot_read_the_checkout(cluster, desk):
    with Client(cluster.address, timeout=30, set_as_default=False) as client:
        for path in (ROOT / "README.md", desk.project.root / PAGE):
            with pytest.raises(PermissionError, match="is on another machine"):
                client.submit(open, str(path), pure=False).result(60)
        with pytest.raises(ModuleNotFoundError):
            client.submit(__import__, "press", pure=False).result(60)


def test_the_same_bytes_as_on_this_machine(away, cluster, tmp_path):
    """Pictures in both themes and widths, random dots, a number from two recipes, one of which stands on the other."""
    cluster.ready(2)
    here = Desk(tmp_path / "here")
    here.build()
    work = Build(away.press())
    work.want(away.press().plan())
    work.run()
    assert work.workers == 2  # one for each thread of the cluster
    assert away.published() == here.published() and len(here.published()) == 9
    assert away.build() == 0


def test_a_failure_names_the_place_in_the_checkout(away):
    away.edit("src/maths/curves.py", "return x * x", "print('so far')\n    return open(__file__ + '.csv')")
    text = fault(away, "one/page/parabola")
    assert text.startswith("src/maths/curves.py:7: parabola raised FileNotFoundError: ")
    assert f'File "{PAGE}", line 15, in parabola' in text and "so far" in text
    assert "'src/maths/curves.py.csv'" in text and "press-job" not in text  # no word of where it ran


def test_reading_what_is_not_declared(away):
    away.write("src/figures/secret.csv", "1,2\n")
    away.edit(PAGE, "axes.plot", "open(__file__[:-11] + 'secret.csv')\n    axes.plot")
    text = fault(away, "one/page/parabola")
    assert text.startswith(f"{PAGE}:9: parabola read src/figures/secret.csv, which it does not declare")


def test_data_that_is_declared_travels(away):
    away.write("src/figures/two/slope.csv", "0.25\n")
    away.write(
        "src/figures/two/page.py",
        """
        from pathlib import Path

        READS = ["slope.csv"]


        def numbers() -> dict:
            return {"slope": float(Path(__file__).with_name("slope.csv").read_text())}
        """,
    )
    build(away.press(), ["two/page/numbers"])
    assert away.published() == {"two/page/numbers.json": b'{"slope":0.25}'}


KILLER = """
    import os
    import pathlib
    import signal


    def numbers() -> dict:
        with open({mark!r}, "a") as file:
            file.write("x")
        if {always} or pathlib.Path({mark!r}).stat().st_size == 1:
            os.kill(os.{who}(), signal.SIGKILL)
        return {{}}
"""


def test_a_worker_that_dies_once_is_replaced(away, cluster):
    """All of the Dask worker is killed, not just the process in which the function ran."""
    mark = cluster.folder / "once"
    away.write("src/figures/two/page.py", KILLER.format(mark=str(mark), always=False, who="getppid"))
    build(away.press(), ["two/page/numbers"])
    assert away.published() == {"two/page/numbers.json": b"{}"} and mark.read_text() == "xx"
    cluster.worker()


def test_a_function_that_always_kills_its_process(away, cluster):
    mark = cluster.folder / "always"
    away.write("src/figures/two/page.py", KILLER.format(mark=str(mark), always=True, who="getpid"))
    text = fault(away, "two/page/numbers")
    assert (
        text == f"{PAGE.replace('one', 'two')}:6: the worker died each time it ran numbers (killed, or out of memory?)"
    )
    assert mark.read_text() == "xx"


def test_a_build_stopped_by_hand_ends_what_it_started(away, cluster):
    """Ctrl-C while a long recipe runs on another machine: the process there ends too."""
    mark = cluster.folder / "pid"
    body = (
        f"import os, time\n\n\ndef base():\n    open({str(mark)!r}, 'w').write(str(os.getpid()))\n    time.sleep(300)\n"
    )
    away.write("src/recipes/base.py", body)
    work = Build(away.press())
    work.want(away.press().plan(["base"]))
    while not (mark.is_file() and mark.read_text()):
        assert work.step(), work.failed
    work.close()
    pid = int(mark.read_text())
    for _ in range(600):
        if alive(pid):
            time.sleep(0.05)
    assert not alive(pid)
    assert away.press().store.lock(away.press().task(away.press().catalog["base"]).key) is not None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_device_that_the_worker_lacks(away):
    """The key names the device, so nothing else may compute it."""
    name = next(name for name in ("mps", "cuda") if device.lacks(name))
    with pytest.raises(PressError, match=rf"base needs {name} on the Dask worker .*: (?i:{name}) was asked for, but "):
        build(Press(away.project, name), ["base"])


def test_doctor_finds_the_cluster(away, cluster):
    cluster.ready(2)
    assert (True, f"runs jobs on the Dask cluster at {cluster.address}, 2 at once") in list(checks(away.project))


@pytest.mark.parametrize(("name", "theirs"), [("Python", outpost.python()), ("torch", r"2\.\d+\.\d+")])
def test_a_worker_of_another_version(away, monkeypatch, name, theirs):
    monkeypatch.setattr(remote, "versions", lambda project: {name: "1.0"})
    with pytest.raises(PressErrors) as caught:
        build(away.press())
    (error,) = caught.value.errors  # told once, though it stops everything
    assert error.message.startswith(f"{remote.VARIABLE}=tcp://127.0.0.1:")
    assert (
        f" has {name} " in error.message
        and "(the build has 1.0); install there what requirements.lock" in error.message
    )


def test_a_worker_of_another_version_that_comes_later(away, monkeypatch):
    """It was not there when the cluster was asked, so it refuses the job itself."""
    monkeypatch.setattr(remote.Cluster, "_welcome", lambda self: 2)
    monkeypatch.setattr(remote, "versions", lambda project: {"numpy": "1.0"})
    text = fault(away, "two/page/numbers")
    assert "src/recipes/base.py:4: the Dask worker on " in text and "(the build has 1.0)" in text


def test_nobody_answers(desk, monkeypatch):
    monkeypatch.setattr(remote, "ANSWER", 0.5)
    monkeypatch.setenv(remote.VARIABLE, "tcp://127.0.0.1:1")
    text = fault(desk)
    assert text.startswith("DASK_SCHEDULER_ADDRESS=tcp://127.0.0.1:1: no Dask scheduler answers there (")
    assert text.count("DASK_SCHEDULER_ADDRESS") == 1 and "start one with `dask scheduler`, or unset" in text
    assert (False, text) in list(checks(desk.project))


def test_an_address_that_is_none(desk, monkeypatch):
    monkeypatch.setenv(remote.VARIABLE, "nonsense://here")
    assert fault(desk).startswith("DASK_SCHEDULER_ADDRESS=nonsense://here: no Dask scheduler answers there")


def test_dask_is_not_installed(desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setenv(remote.VARIABLE, "tcp://127.0.0.1:1")
    assert "the package distributed is not installed; install the extra `cluster`" in fault(desk)


def test_the_last_worker_goes(desk, monkeypatch, tmp_path_factory):
    """Dask would wait for another one for ever."""
    monkeypatch.setattr(remote, "RESTART", 0.2)
    with site(tmp_path_factory.getbasetemp(), workers=0) as alone:
        monkeypatch.setenv(remote.VARIABLE, alone.address)
        assert "the Dask scheduler has no workers; start one on each machine with `dask worker tcp://" in fault(desk)
        alone.worker()
        alone.ready(1)
        kill = "import os\nimport signal\n\nos.kill(os.getppid(), signal.SIGKILL)\n\n\n"
        desk.write("src/figures/two/page.py", kill + "def numbers() -> dict:\n    return {}\n")
        work = Build(desk.press())
        work.want(desk.press().plan(["two/page/numbers"]))
        assert any(not work.step() for _ in range(300))  # it ends by itself
        work.close()
        assert "the Dask scheduler has no workers" in str(work.failed["two/page/numbers"])
