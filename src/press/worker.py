"""One job in a worker process: import the function, run it, give back bytes.

A worker knows nothing of the store and shares no state with the build, so any `concurrent.futures.Executor` can hold it.
It imports project code afresh for each job, from source: a long-lived worker never runs yesterday's code.
"""

import contextlib
import importlib
import importlib.machinery
import io
import os
import random
import signal
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from . import render, trace

THEMES = {"light": "", "dark": "dark."}  # theme → what stands before the suffix of its file
UNWATCHED = {".venv", ".press", ".git", "node_modules"}  # folders of a checkout that no figure draws from


@dataclass(frozen=True)
class Job:
    """Everything a worker needs, and nothing that cannot be sent to another machine.

    Attributes:
        recipes: name → what the recipe returned, as bytes.
        device: a torch device string, or None if the function does not ask for one.
        declared: absolute paths of the project files it may read.
    """

    name: str
    module: str
    function: str
    kind: str
    picture: bool
    seed: int | None
    recipes: dict[str, bytes]
    device: str | None
    root: str
    declared: frozenset[str]


@dataclass(frozen=True)
class Result:
    """Files by suffix, and facts about the run."""

    files: dict[str, bytes]
    seconds: float
    reads: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Failure:
    """What went wrong, and where in the project (None if the function itself is to blame)."""

    message: str
    file: str | None = None
    line: int | None = None
    traceback: str = ""


class Fault(Exception):
    """The function ran, but what it did breaks a rule of the press."""


def prepare(folder: str) -> None:
    """Make a fresh process a worker: one thread, no screen, no bytecode left behind, deaf to Ctrl-C (the build hears it)."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MPLCONFIGDIR"] = folder
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(job: Job) -> Result | Failure:
    """Run one job. Every way in which the function can fail is a `Failure`, never an exception."""
    started = time.monotonic()
    said = io.StringIO()
    try:
        with _project(job), trace.reads() as read, contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.filterwarnings("error", message=r".*[Gg]lyph.* missing")
            files = _files(job)
        undeclared = sorted(path for path in read if _watched(job, path) and path not in job.declared)
        if undeclared:
            name = Path(undeclared[0]).relative_to(job.root).as_posix()
            raise Fault(
                f"read {name}, which it does not declare; name it in the module's READS = […], or import it by name"
            )
    except BaseException as error:  # a figure may raise anything, SystemExit included
        return _failure(job, error, said.getvalue())
    return Result(files, time.monotonic() - started, frozenset(path for path in read if _watched(job, path)))


def _files(job: Job) -> dict[str, bytes]:
    function = getattr(importlib.import_module(job.module), job.function)
    arguments = {name: _loads(content) for name, content in job.recipes.items()}
    if job.device:
        arguments["device"] = _device(job.device)
    if job.kind == "recipe":
        return {"value": _dumps(_call(job, function, arguments))}
    if not job.picture:
        return _encoded(job, function, arguments)
    style = importlib.import_module("figures.style")
    files = {}
    for theme, mark in THEMES.items():
        with style.theme(theme):
            for suffix, content in _encoded(job, function, arguments).items():
                stem, dot, ending = suffix.rpartition(".")
                files[f"{stem}{dot}{mark}{ending}"] = content
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")  # pyplot keeps every figure it made
    return files


def _encoded(job: Job, function, arguments: dict) -> dict[str, bytes]:
    value = _call(job, function, arguments)
    try:
        return render.encode(value, job.kind, job.name)
    except (TypeError, ValueError) as error:
        raise Fault(str(error)) from None


def _call(job: Job, function, arguments: dict):
    """Call with the seed set, and see to it that a function without a seed rolls no dice."""
    _seed(job.seed or 0)
    before = _dice()
    value = function(**arguments)
    if job.seed is None and _dice() != before:
        raise Fault("draws random numbers but declares no seed; give it a parameter `seed: int = 0`")
    return value


def _seed(seed: int) -> None:
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)


def _dice() -> tuple:
    import numpy
    import torch

    return random.getstate(), numpy.random.get_state()[1].tobytes(), torch.get_rng_state().numpy().tobytes()


def _device(name: str):
    import torch

    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise Fault(f"needs {name}, but torch sees no CUDA device here; set DIFFUSION_LADDER_DEVICE=cpu")
    return device


def _dumps(value) -> bytes:
    import torch

    with io.BytesIO() as file:
        torch.save(value, file)
        return file.getvalue()


def _loads(content: bytes):
    import torch

    # recipes may return modules of the project, which only pickle can hold; the store checked who wrote them
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)


def _watched(job: Job, path: str) -> bool:
    """Whether a path is project material: below the root, and not in a folder of tools."""
    path = Path(path)
    return path.is_relative_to(job.root) and not UNWATCHED & {*path.relative_to(job.root).parts}


@contextlib.contextmanager
def _project(job: Job):
    """The project's modules, fresh and from source, ahead of everything else on the path."""
    src = os.path.join(job.root, "src")
    local = {Path(name).stem for name in os.listdir(src)} - {"press"}
    finder = _Fresh(src, local)
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in local}
    importlib.invalidate_caches()
    sys.path.insert(0, src)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path.remove(src)
        for name in [name for name in sys.modules if name.split(".")[0] in local]:
            del sys.modules[name]
        sys.modules.update(before)


class _Source(importlib.machinery.SourceFileLoader):
    def path_stats(self, path):
        raise OSError  # the loader then compiles the source: bytecode is stamped in whole seconds and can be old


class _Fresh:
    """Finds project modules, and loads them past any cached bytecode."""

    def __init__(self, src: str, local: set[str]):
        self.src, self.local = src, local

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.local:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.origin and spec.origin.endswith(".py"):
            spec.loader, spec.cached = _Source(name, spec.origin), None
        return spec


def _failure(job: Job, error: BaseException, said: str) -> Failure:
    """Where in the project it happened: the innermost frame of project code."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _watched(job, f.filename)]
    frames = [f for f in frames if Path(f.filename).parent != Path(__file__).parent]
    place = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    if isinstance(error, Fault):
        return Failure(f"{job.function} {error}")
    if isinstance(error, SyntaxError) and error.filename:
        place = (error.filename, error.lineno)
    message = f"{job.function} raised {type(error).__name__}: {error}"
    shown = "".join(traceback.format_list(frames)).replace(job.root + os.sep, "") + (
        f"It had printed:\n{said}" if said else ""
    )
    return Failure(message, *place, traceback=shown)
