"""From stale functions to published files.

plan      read the source, compute keys, ask the store       (no torch, well under a second)
build     run what is stale, recipes before the figures that ask for them
publish   lay the store's files out as the site will have them, under `.press/site`
"""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from . import keys, remote, worker
from .catalog import Catalog, Entry
from .device import choose
from .errors import PressError, PressErrors
from .progress import Silent
from .project import Project
from .store import Kept, Store, write


@dataclass(frozen=True)
class Task:
    """An entry with its key, and why it must be run ("" if it need not be)."""

    entry: Entry
    key: str
    parts: keys.Parts
    why: str

    @property
    def name(self) -> str:
        return self.entry.name


class Press:
    """A project with its catalog, its store and a device to compute on."""

    def __init__(self, project: Project, device: str | None = None):
        self.project, self.device = project, device or choose()
        self.store = Store(project.store)
        self.catalog = Catalog.scan(project)

    def task(self, entry: Entry) -> Task:
        """Whether `entry` is stale, and why."""
        parts = keys.parts(self.project, self.catalog, entry, self.device.partition(":")[0])
        key = keys.key(parts)
        return Task(entry, key, parts, "" if self.store.get(key) else self._why(entry, key, parts))

    def plan(self, names: Iterable[str] | None = None) -> list[Task]:
        """Every task of those names (default: all figures), stale or fresh, after the stale recipes they need."""
        entries = [self.catalog[name] for name in names] if names is not None else list(self.catalog.figures.values())
        tasks: dict[str, Task] = {}
        for entry in entries:
            task = self.task(entry)
            if task.why:
                for recipe in self.catalog.closure(entry):
                    tasks.setdefault(recipe.name, self.task(recipe))
            tasks[task.name] = task
        return list(tasks.values())

    def publish(self, task: Task, kept: Kept) -> None:
        """Lay a figure's files out under `.press/site`, and note what they were made from."""
        for path in task.entry.outputs:
            sha = kept.files[Path(path).name.removeprefix(task.entry.function + ".")]
            place, content = self.project.out / path, self.store.read(sha)
            if not place.is_file() or place.read_bytes() != content:
                write(place, content, lasting=False)
        note = json.dumps({"key": task.key, "parts": task.parts, **kept.facts}, indent=1).encode()
        if not self._note(task.entry).is_file() or self._note(task.entry).read_bytes() != note:
            write(self._note(task.entry), note)

    def publish_fresh(self, tasks: Iterable[Task]) -> None:
        """Publish every task that need not be run."""
        for task in tasks:
            if not task.why:
                self.publish(task, self.store.get(task.key))

    def sweep(self) -> None:
        """Remove published files that no figure makes any more."""
        wanted = self.catalog.by_output()
        for path in [
            path for path in self.project.out.rglob("*") if path.is_file() and not path.name.startswith(".new-")
        ]:
            if path.relative_to(self.project.out).as_posix() not in wanted:
                path.unlink(missing_ok=True)

    def facts(self, entry: Entry) -> dict:
        """What was noted when `entry` was last published; empty if never."""
        try:
            return json.loads(self._note(entry).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}

    def job(self, task: Task) -> worker.Job:
        """What a worker needs to run `task`; its recipes must be in the store."""
        entry, closure = task.entry, self.catalog.closure(task.entry)
        declared = set().union(*(keys.declared_files(self.project, one) for one in (entry, *closure)))
        return worker.Job(
            name=entry.name,
            module=entry.module,
            function=entry.function,
            kind=entry.kind,
            picture=entry.picture,
            seed=entry.seed,
            recipes={name: self._value(name) for name in entry.recipes},
            device=self.device if entry.device else None,
            root=str(self.project.root),
            declared=frozenset(map(str, declared)),
        )

    def _value(self, recipe: str) -> bytes:
        task = self.task(self.catalog.recipes[recipe])
        kept = self.store.get(task.key)
        if kept is None:
            raise PressError(f"recipe {recipe} is not in the store", task.entry.file, task.entry.line)
        return self.store.read(kept.files["value"])

    def _why(self, entry: Entry, key: str, parts: keys.Parts) -> str:
        before = self.facts(entry)
        if not before:
            return "never built"
        if before["key"] == key:
            return "its files are missing or damaged in the store"
        old = before["parts"]
        changed = [name for name in parts if name in old and parts[name] != old[name]]
        added, gone = [n for n in parts if n not in old], [n for n in old if n not in parts]
        reasons = [
            f"{', '.join(names)} {verb}"
            for names, verb in ((changed, "changed"), (added, "new"), (gone, "no longer read"))
            if names
        ]
        return "; ".join(reasons)

    def _note(self, entry: Entry) -> Path:
        return self.project.cache / "notes" / entry.kind.split()[0] / f"{entry.name}.json"


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(project: Project, workers: int) -> Executor:
    """Spawned processes on this machine."""
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=worker.prepare,
        initargs=(str(project.cache / "matplotlib"),),
    )


def workplace(project: Project, workers: int) -> Executor:
    """Where jobs run unless somebody says otherwise: on a Dask cluster if one is named, else on this machine."""
    address = remote.chosen()
    return remote.Cluster(project, address) if address else pool(project, workers)


class Build:
    """Runs tasks, as many at once as there are workers; what is wanted may change while it runs.

    Args:
        press: what to build.
        workers: how many jobs at once; default: one for each core, or what the executor says (its `workers`).
        executor: makes the executor; any `concurrent.futures.Executor` will do. Made when the first job needs it.
        report: told of each job that begins, ends or fails (see `press.progress`).
    """

    def __init__(
        self,
        press: Press,
        workers: int | None = None,
        executor: Callable[[], Executor] | None = None,
        report=None,
    ):
        self.press = press
        self.workers, self._asked = workers or cores(), workers
        self.report = report or Silent()
        self._make = executor or (lambda: workplace(press.project, self.workers))
        self._executor: Executor | None = None
        self._waiting: dict[str, Task] = {}
        self._running: dict[Future, tuple[Task, object]] = {}
        self._deaths: dict[str, int] = {}
        self.failed: dict[str, PressError] = {}
        self._urgent: set[str] = set()
        self._guard = threading.Lock()

    def want(self, tasks: Iterable[Task]) -> None:
        """Replace what is to be done by the stale ones of `tasks`; jobs already running go on."""
        with self._guard:
            running = {task.key for task, _ in self._running.values()}
            stale = {task.name: task for task in tasks if task.why and task.key not in running}
            self._waiting = stale
            self.failed.clear()
        self.report.total(len(stale) + len(running))

    def hurry(self, names: Iterable[str]) -> None:
        """Do these first, recipes they need included."""
        with self._guard:
            self._urgent = {one.name for name in names for one in self._with_recipes(name)}

    def busy(self, name: str) -> bool:
        """Whether `name` is waiting or running."""
        with self._guard:
            return name in self._waiting or any(task.name == name for task, _ in self._running.values())

    def run(self) -> None:
        """Work until nothing is wanted.

        Raises:
            PressErrors: everything that failed; all else has been built and published.
        """
        try:
            while self.step():
                pass
        finally:
            self.close()
        if self.failed:
            raise PressErrors(_told_once(self.failed))

    def step(self, patience: float = 0.2) -> bool:
        """Start what can start, then wait for a job to end, at most `patience` seconds; False when nothing is left."""
        self._start()
        if self._running:
            done, _ = wait(self._running, timeout=patience, return_when=FIRST_COMPLETED)
            for future in done:
                if future in self._running:
                    self._finish(future)
        elif self._waiting:
            threading.Event().wait(patience)  # another build holds every lock we need
        return bool(self._running or self._waiting)

    def close(self) -> None:
        """End the workers, whatever they are doing, and free the locks."""
        if self._running and isinstance(self._executor, ProcessPoolExecutor):  # stopped by hand: nobody waits for them
            for process in list((self._executor._processes or {}).values()):
                process.terminate()
        for _, lock in self._running.values():
            lock.release()
        self._running.clear()
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        self.report.end()

    def _start(self) -> None:
        with self._guard:
            candidates = sorted(self._waiting.values(), key=lambda task: task.name not in self._urgent)
        if candidates and not self._executor:
            try:
                self._executor = self._make()
            except PressError as error:
                for task in candidates:
                    self._fail(task, error)
                return
            self.workers = self._asked or getattr(self._executor, "workers", self.workers)
        for task in candidates:
            if not self._executor:
                return  # it broke under the job before this one
            suspects = any(self._deaths.get(other.name) for other, _ in self._running.values())
            if len(self._running) >= self.workers or suspects or (self._deaths.get(task.name) and self._running):
                continue
            if broken := [name for name in task.entry.recipes if name in self.failed]:
                message = f"not run, because recipe {broken[0]} failed"
                self._fail(task, PressError(message, task.entry.file, task.entry.line))
            elif not any(self.busy(name) for name in task.entry.recipes):
                self._launch(task)

    def _launch(self, task: Task) -> None:
        try:
            lock = self.press.store.lock(task.key)
            if lock is None:
                return self.report.blocked(task)
            if kept := self.press.store.get(task.key):  # another build made it meanwhile
                self.press.publish(task, kept)
                self._drop(task)
                lock.release()
                return self.report.done(task, 0.0)
            future = self._executor.submit(worker.run, self.press.job(task))
        except PressError as error:
            return self._fail(task, error)
        except BrokenExecutor:
            lock.release()
            return self._bury()
        with self._guard:
            self._waiting.pop(task.name, None)
            self._running[future] = (task, lock)
        self.report.begin(task)

    def _finish(self, future: Future) -> None:
        """Keep and publish what a job made; only then is it no longer busy."""
        try:
            outcome = future.result()
        except BrokenExecutor:
            return self._bury()
        except Exception as error:  # the job could not be sent, or its result not brought back
            outcome = worker.Failure(f"{type(error).__name__}: {error}")
        task, lock = self._running[future]
        try:
            if isinstance(outcome, worker.Failure):
                place = (outcome.file, outcome.line) if outcome.file else (task.entry.file, task.entry.line)
                text = f"{outcome.message}\n{outcome.traceback}".rstrip()
                raise PressError(text, *place)
            facts = {"seconds": round(outcome.seconds, 2), "device": self.press.device if task.entry.device else "cpu"}
            kept = self.press.store.put(task.key, outcome.files, facts)
            self.press.publish(task, kept)
            self.failed.pop(task.name, None)
            self.report.done(task, outcome.seconds)
        except PressError as error:
            self._fail(task, error)
        finally:
            with self._guard:
                del self._running[future]
            lock.release()

    def _bury(self) -> None:
        """A worker died, and the pool with it. Try each job it may have been once more, alone."""
        with self._guard:
            victims = [task for task, _ in self._running.values()]
            for _, lock in self._running.values():
                lock.release()
            self._running.clear()
            self._waiting = {task.name: task for task in victims} | self._waiting
        if self._executor:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
        for task in victims:
            self._deaths[task.name] = self._deaths.get(task.name, 0) + 1
            if self._deaths[task.name] > 1:
                message = f"the worker died while running {task.entry.function}, twice (killed, or out of memory?)"
                self._fail(task, PressError(message, task.entry.file, task.entry.line))

    def _fail(self, task: Task, error: PressError) -> None:
        self.failed[task.name] = error
        self._drop(task)
        self.report.failed(task, error)

    def _drop(self, task: Task) -> None:
        with self._guard:
            if self._waiting.get(task.name) is task:  # an edit may have put a newer one there
                del self._waiting[task.name]

    def _with_recipes(self, name: str) -> list[Entry]:
        entry = self.press.catalog[name]
        return [entry, *self.press.catalog.closure(entry)]


def _told_once(failed: dict[str, PressError]) -> list[PressError]:
    """A fault in a module fails every figure of it: say it once, and name the others."""
    groups: dict[tuple, list[tuple[str, PressError]]] = {}
    for name, error in failed.items():
        function = name.rpartition("/")[2]
        groups.setdefault((error.file, error.line, error.message.removeprefix(function)), []).append((name, error))
    errors = []
    for (_, error), *others in groups.values():
        more = f"\nThe same stopped {', '.join(name for name, _ in others)}." if others and error.file else ""
        errors.append(PressError(error.message + more, error.file, error.line))
    return errors


def build(
    press: Press, names: Iterable[str] | None = None, workers: int | None = None, report=None, executor=None
) -> int:
    """Bring figures up to date and publish them; returns how many functions were run.

    Raises:
        PressErrors: everything that failed; all else has been built and published.
    """
    tasks = press.plan(names)
    stale = [task for task in tasks if task.why]
    press.publish_fresh(tasks)
    if stale:
        work = Build(press, workers, executor, report)
        work.want(stale)
        work.run()
    if names is None:
        press.sweep()
    return len(stale)
