"""Running jobs on the machines of a Dask cluster, which share no disk with the build.

A job travels as a parcel: the source of the project as it is now, the data the job declares, the values of its recipes, and
the press. The far end (`press.outpost`) unpacks it, runs it there, and sends back files or a failure that names places of
this checkout. The device is chosen here, as for a local build, because it is part of the key.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import pickle
import re
import threading
import uuid
import zlib
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, InvalidStateError
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import outpost, worker
from .errors import PressError
from .project import Project

VARIABLE = "DASK_SCHEDULER_ADDRESS"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;+]+)(.*)$", re.MULTILINE)  # a line of requirements.lock
ANSWER, RESTART = 5.0, 30.0  # seconds to wait for a scheduler, and for a worker: Dask starts a new one when one dies
HERE = Path(__file__).parent
# What a worker evaluates. Source, not a pickled function: it means the same to any Python, so that one of another version
# can say so. `exec` returns None, and leaves `run` and `differs` among the names of the expression.
RUN, DIFFERS = (f"exec(source) or {call}" for call in ("run(parcel)", "differs(versions)"))


class Cluster(Executor):
    """An executor for `worker.run`: the workers of the Dask scheduler at `address`, one job a thread.

    Raises:
        PressError: Dask is not installed, nobody answers, there is no worker, or one would draw something else.
    """

    def __init__(self, project: Project, address: str):
        try:
            from distributed import Client
        except ImportError:
            hint = "install the extra `cluster` (`.venv/bin/pip install --editable '.[cluster]'`) or unset the variable"
            raise PressError(f"{VARIABLE} is set, but the package distributed is not installed; {hint}") from None
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what is wrong is said by the press, once
        self._project, self._address = project, address
        self._source = (HERE / "outpost.py").read_text("utf-8")
        self._tool = {f"press/{path.name}": path.read_bytes() for path in HERE.glob("*.py")}
        self._versions = versions(project)
        self._pending: set[Future] = set()
        self._closed = threading.Event()
        try:
            asyncio.run(asyncio.wait_for(_knock(address), ANSWER))
            self._client = Client(address, timeout=ANSWER, set_as_default=False)
        except Exception as error:
            hint = "start one with `dask scheduler`, or unset the variable to build on this machine"
            reason = f"no Dask scheduler answers there ({str(error) or type(error).__name__})"
            raise PressError(f"{VARIABLE}={address}: {reason}; {hint}") from error
        try:
            self.workers = self._welcome()
        except BaseException:
            self.shutdown()
            raise
        self._jobs = self._client.get_executor(pure=False, retries=1)  # only the death of a process is tried again
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, function, job: worker.Job) -> Future:
        """Send a job out; `function` is `worker.run`."""
        if self._client.status != "running":
            raise BrokenExecutor("the connection to the Dask scheduler is lost")
        names = {"source": self._source, "parcel": self._parcel(job)}
        ours, theirs = Future(), self._jobs.submit(eval, RUN, names, key=f"{job.name}-{uuid.uuid4().hex}")
        self._pending.add(ours)
        theirs.add_done_callback(partial(self._arrived, ours, job))
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; whatever still runs there for this build is ended."""
        self._closed.set()
        with contextlib.suppress(TimeoutError):  # nobody is there to hear it
            self._client.close()

    def _welcome(self) -> int:
        """How many jobs the workers run at once, all of them found fit."""
        try:
            self._client.wait_for_workers(1, timeout=RESTART)
        except TimeoutError:
            hint = f"start one on each machine with `dask worker {self._address}`"
            raise PressError(f"{VARIABLE}={self._address}: the Dask scheduler has no workers; {hint}") from None
        said = self._client.run(eval, DIFFERS, {"source": self._source, "versions": self._versions})
        if wrong := sorted({text for text in said.values() if text}):
            hint = "install there what requirements.lock names"
            raise PressError(f"{VARIABLE}={self._address}: {'; '.join(wrong)}; {hint}")
        return sum(self._client.nthreads().values())

    def _parcel(self, job: worker.Job) -> bytes:
        root = self._project.root
        files = {*_sources(self._project.src), *(path for path in map(Path, job.declared) if path.is_relative_to(root))}
        parcel = {
            "versions": self._versions,
            "press": hashlib.sha256(repr(self._tool).encode()).hexdigest(),
            "tool": self._tool,
            "files": {path.relative_to(root).as_posix(): path.read_bytes() for path in files},
            "job": pickle.dumps(job),
        }
        return zlib.compress(pickle.dumps(parcel))

    def _arrived(self, ours: Future, job: worker.Job, theirs: Future) -> None:
        from distributed import KilledWorker

        try:
            outcome = pickle.loads(theirs.result())
        except CancelledError:
            return self._abandon({ours})
        except (ChildProcessError, KilledWorker):
            outcome = worker.Failure(f"the worker died each time it ran {job.function} (killed, or out of memory?)")
        except Exception as error:
            outcome = worker.Failure(str(error))
        self._pending.discard(ours)
        with contextlib.suppress(InvalidStateError):  # given up already
            ours.set_result(outcome)

    def _watch(self) -> None:
        """Dask waits for ever for workers that have gone; a build must not."""
        while not self._closed.wait(RESTART / 6):
            try:
                self._client.wait_for_workers(1, timeout=RESTART)
            except Exception:
                self._abandon(set(self._pending))

    def _abandon(self, futures: set[Future]) -> None:
        """Let the build find out who is left: it makes a new executor, which says what is wrong."""
        self._pending -= futures
        for future in futures:
            with contextlib.suppress(InvalidStateError):
                future.set_exception(BrokenExecutor("the Dask cluster is lost"))


async def _knock(address: str) -> None:
    """See whether Dask answers. A `Client` cannot be asked: one that does not connect holds up the end of the process."""
    from distributed import Security
    from distributed.core import connect

    comm = await connect(address, **Security().get_connection_args("client"))
    comm.abort()


def chosen() -> str:
    """Address of the Dask scheduler to build with; empty to build on this machine."""
    return os.environ.get(VARIABLE, "").strip()


def versions(project: Project) -> dict[str, str]:
    """What decides how a figure looks, beside its source: Python, and the packages of the lock as they are installed here."""
    found = {"Python": outpost.python()}
    for name, *_ in PIN.findall(project.lock.read_text("utf-8") if project.lock.is_file() else ""):
        with contextlib.suppress(PackageNotFoundError):  # it is for another platform
            found[name] = version(name).partition("+")[0]
    return found


def _sources(src: Path) -> list[Path]:
    files = (path for path in src.rglob("*") if path.is_file())
    return [
        path for path in files if not any(p.startswith(".") or p == "__pycache__" for p in path.relative_to(src).parts)
    ]
