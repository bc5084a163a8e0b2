"""What can be wrong with a machine or a checkout, looked at one by one."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from . import remote
from .device import VARIABLE, choose
from .errors import PressError
from .project import Project
from .store import Store, write


def checks(project: Project) -> Iterator[tuple[bool, str]]:
    """(good?, what was found and what to do) for each thing looked at."""
    yield sys.version_info >= (3, 11, 5), f"Python {sys.version.split()[0]} (3.11.5 or newer is needed)"
    yield _packages(project)
    yield _node(project)
    try:
        yield True, f"computes on {choose()} ({VARIABLE} overrides)"
    except PressError as error:
        yield False, str(error)
    if address := remote.chosen():
        try:
            with remote.Cluster(project, address) as cluster:
                yield True, f"runs jobs on the Dask cluster at {address}, {cluster.workers} at once"
        except PressError as error:
            yield False, str(error)
    try:
        write(project.cache / "doctor", b"")
        yield True, f"{project.relative(project.cache)} can be written"
    except PressError as error:
        yield False, str(error)
    free = shutil.disk_usage(project.root).free / 2**30
    yield free > 1, f"{free:.1f} GiB of disk free (1 is enough)"
    damaged = Store(project.store).damaged()
    yield (
        not damaged,
        f"store: {len(damaged)} damaged entries" + (" set aside; the next build makes them again" * bool(damaged)),
    )


def _packages(project: Project) -> tuple[bool, str]:
    """Whether what is installed is what the lock names (entries for other platforms aside)."""
    wrong = []
    for name, pinned, marker in remote.PIN.findall(project.lock.read_text("utf-8")):
        try:
            have = version(name).partition("+")[0]
        except PackageNotFoundError:
            have = "absent" if not marker.strip() else pinned
        if have != pinned and not marker.strip():
            wrong.append(f"{name} {have} instead of {pinned}")
    return not wrong, f"packages: {', '.join(wrong) or 'as locked'}" + "; run `make install`" * bool(wrong)


def _node(project: Project) -> tuple[bool, str]:
    node = shutil.which("node", path=os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", ""))))
    tools = (project.root / "node_modules").is_dir()
    return bool(node and tools), "Node and its packages" + (
        " are there" if node and tools else " are missing; run `make install`"
    )
