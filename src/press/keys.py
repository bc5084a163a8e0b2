"""A key names everything that a figure depends on, so an equal key means an equal figure.

A key is made of parts, each with a name a person can read: comparing two sets of parts says *why* something is stale.
Comments, docstrings and layout are no part of it; neither are files the function does not read.
"""

import ast
import hashlib
import json
import platform
from functools import cache
from pathlib import Path

from . import imports
from .catalog import Catalog, Entry
from .errors import PressError
from .imports import parse, stamp
from .project import Project

Parts = dict[str, str]


def parts(project: Project, catalog: Catalog, entry: Entry, device: str) -> Parts:
    """What `entry` depends on: a readable name → a digest.

    Args:
        device: class of device the build runs on ("cpu", "cuda", "mps"); only functions that ask for a device depend on it.

    Raises:
        PressError: a module declares a data file that does not exist.
    """
    found = {project.relative(file): digest(file) for file in declared_files(project, entry)}
    for name in entry.recipes:
        found[f"recipe {name}"] = key(parts(project, catalog, catalog.recipes[name], device))
    found["function"] = f"{entry.module}.{entry.function} -> {' '.join(entry.outputs) or entry.kind}"
    found["requirements.lock"] = digest(project.lock) if project.lock.is_file() else "none"
    found["Python"] = ".".join(platform.python_version_tuple()[:2])
    if entry.device:
        found["device"] = device
    return found


def key(found: Parts) -> str:
    """One name for all parts: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def declared_files(project: Project, entry: Entry) -> set[Path]:
    """Every file of the project that running `entry` may read: its modules, the worker's, and the data these declare."""
    modules = imports.closure(project.src, entry.module) | imports.closure(project.src, "press.worker")
    if entry.picture:
        modules |= imports.closure(project.src, "figures.style")
    return modules.union(*(_data(file, stamp(file)) for file in modules))


def digest(file: Path) -> str:
    """Digest of what a file means: for Python its syntax tree without docstrings, else its bytes."""
    return _digest(file, stamp(file))


@cache
def _digest(file: Path, stamp: tuple[int, int]) -> str:
    content = file.read_bytes()
    if file.suffix == ".py":
        content = ast.dump(_without_docstrings(parse(file))).encode()
    return hashlib.sha256(content).hexdigest()


@cache
def _data(file: Path, stamp: tuple[int, int]) -> frozenset[Path]:
    """The files a module declares in `READS = ["name.toml", …]`, relative to its folder."""
    if file.suffix != ".py":
        return frozenset()
    for node in parse(file).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["READS"]:
            try:
                paths = [file.parent / name for name in ast.literal_eval(node.value)]
            except (ValueError, TypeError):
                message = "READS declares data files and must be a plain list of file names"
                raise PressError(message, file, node.lineno) from None
            missing = [path for path in paths if not path.is_file()]
            if missing:
                raise PressError(f"READS names {missing[0].name}, which is not there", file, node.lineno)
            return frozenset(paths)
    return frozenset()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return tree
