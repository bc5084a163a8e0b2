"""The far end of `press.remote`, in two halves.

`run` and `differs` are sent to a Dask worker as source, so that machine needs Dask, Python and what figures import, but no
checkout. They hand each job to a process of its own, which `serve` runs: a job closes the network, seeds the generators
and redirects what is printed for its whole process, and a Dask worker needs its own network and threads.
"""

import contextlib
import dataclasses
import os
import pickle
import platform
import queue
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NEEDED = {
    "torch",
    "numpy",
}  # what `press.worker` itself imports; other packages are missed by the figures that need them
IDLE = 60  # seconds after which a process that got no further job ends


def differs(versions: dict[str, str]) -> str:
    """What is not installed here in the version that the build has, so that it would draw something else; "" if nothing."""
    wrong = []
    for name, wanted in versions.items():
        try:
            have = python() if name == "Python" else version(name).partition("+")[0]
        except PackageNotFoundError:
            have = "no" if name in NEEDED else wanted
        if have != wanted:
            wrong.append(f"no {name}" if have == "no" else f"{name} {have} (the build has {wanted})")
    return f"the Dask worker on {platform.node()} has {', '.join(wrong)}" if wrong else ""


def python() -> str:
    """Major and minor version."""
    return ".".join(platform.python_version_tuple()[:2])


def run(parcel: bytes) -> bytes:
    """Unpack a parcel, run its job where it was unpacked, and return what it made, pickled.

    Raises:
        ChildProcessError: the process that ran the job died.
        RuntimeError: this machine is not fit to run it.
    """
    from distributed import get_worker

    parcel = pickle.loads(zlib.decompress(parcel))
    if wrong := differs(parcel["versions"]):
        raise RuntimeError(wrong)
    host = get_worker()
    this, room = host.get_current_task(), host.local_directory
    idle = vars(host).setdefault("_press_idle", {}).setdefault(parcel["press"], [])
    with tempfile.TemporaryDirectory(prefix="press-job-", dir=room) as folder:
        folder = Path(folder).resolve()
        _unpack(parcel["files"], folder / "checkout")
        (folder / "job").write_bytes(parcel["job"])
        child = _alive(idle) or _start(parcel["tool"], room)
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(f"{folder}\n".encode())
            child.stdin.flush()
        while not select.select([child.stdout], [], [], 0.5)[0]:
            if not _awaited(host, this):
                child.kill()
        if not child.stdout.readline():
            raise ChildProcessError(f"the process ended with status {child.wait()}")
        idle.append(child)
        return (folder / "result").read_bytes()


def _alive(idle: list[subprocess.Popen]) -> subprocess.Popen | None:
    """A process that waits for a job, if one still does."""
    while idle:
        child = idle.pop()
        if child.poll() is None:
            return child


def _awaited(host, key: str) -> bool:
    """Whether a task is still wanted: not if the build was stopped, or this Dask worker told to end."""
    task = host.state.tasks.get(key)
    return task is not None and task.state != "cancelled" and host.status.name not in ("closing", "closed")


def _start(tool: dict[str, bytes], room: str) -> subprocess.Popen:
    """A process that serves jobs with the press of the build. It ends when its standard input does, so with this worker."""
    folder = Path(tempfile.mkdtemp(prefix="press-tool-", dir=room))
    _unpack(tool, folder)
    command = [sys.executable, "-B", "-m", "press.outpost", os.path.join(room, "matplotlib")]
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _unpack(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def serve(cache: str) -> None:
    """Run jobs one after the other; the folder of each comes as a line, and a line goes back when it is done."""
    from . import worker

    home = os.getcwd()
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints past Python goes to the log of the Dask worker
    folders = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(folders,), daemon=True).start()
    worker.prepare(cache)
    with contextlib.suppress(queue.Empty):
        while True:
            folder = Path(folders.get(timeout=IDLE))
            (folder / "result").write_bytes(pickle.dumps(_work(folder)))
            print(file=said, flush=True)
    shutil.rmtree(home, ignore_errors=True)


def _listen(folders: queue.SimpleQueue) -> None:
    for line in sys.stdin:
        folders.put(line.rstrip("\n"))
    os._exit(0)  # the Dask worker is gone, and with it whoever waited for the job that may be running


def _work(folder: Path):
    """Run the job in `folder`, and say what it said in terms of the checkout it came from."""
    from . import device, worker

    job = pickle.loads((folder / "job").read_bytes())
    root = str(folder / "checkout")
    if job.device and (reason := device.lacks(job.device.partition(":")[0])):
        return worker.Failure(f"{job.function} needs {job.device} on the Dask worker {platform.node()}: {reason}")
    declared = frozenset(root + path.removeprefix(job.root) for path in job.declared)
    with contextlib.chdir(root):
        outcome = worker.run(dataclasses.replace(job, root=root, declared=declared))

    def home(text: str | None) -> str | None:
        return text and text.replace(root, job.root)

    if isinstance(outcome, worker.Failure):
        return worker.Failure(home(outcome.message), home(outcome.file), outcome.line, home(outcome.traceback))
    return dataclasses.replace(outcome, reads=frozenset(map(home, outcome.reads)))


if __name__ == "__main__":
    serve(sys.argv[1])
