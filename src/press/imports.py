"""Which local files a module runs when it is imported, read from the source.

Importing `a.b.c` runs `a/__init__.py`, `a/b/__init__.py` and `a/b/c.py`, and whatever these import in turn. Imports under
`if TYPE_CHECKING:` never run, so they do not count. The worker checks this reading against the files that were really
opened (`press.trace`), so a wrong guess here is an error there, never a stale figure.
"""

import ast
from functools import cache
from pathlib import Path

from .errors import PressError


def closure(src: Path, module: str) -> set[Path]:
    """Every file under `src` that `import module` reads, itself included."""
    seen: set[Path] = set()
    waiting = _files(src, module)
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting |= _imported(src, file, stamp(file))
    return seen


@cache
def _imported(src: Path, file: Path, stamp: tuple[int, int]) -> frozenset[Path]:
    tree = parse(file)
    package = list(file.relative_to(src).with_suffix("").parts)[:-1]
    found: set[Path] = set()
    for node in _run_on_import(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found |= _files(src, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= _files(src, name)
            for alias in node.names:  # a submodule, or a name defined in the package: only the file knows
                found |= _files(src, f"{name}.{alias.name}")
    return frozenset(found)


def _run_on_import(tree: ast.AST):
    """All nodes but those under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING":
            for other in node.orelse:
                yield other
                yield from _run_on_import(other)
            continue
        yield node
        yield from _run_on_import(node)


def _files(src: Path, module: str) -> set[Path]:
    """The files that importing exactly this dotted name opens under `src`; empty if it is not a local module."""
    path = src.joinpath(*module.split("."))
    if path.with_suffix(".py").is_file():
        found = {path.with_suffix(".py")}
    elif (path / "__init__.py").is_file():
        found = {path / "__init__.py"}
    elif path.is_dir() and any(path.glob("*.py")):
        found = set()  # a namespace package has no file of its own
    else:
        return set()
    for folder in path.parents:
        if folder == src or not folder.is_relative_to(src):
            break
        if (folder / "__init__.py").is_file():
            found.add(folder / "__init__.py")
    return found


def parse(file: Path) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        PressError: it is not Python.
    """
    try:
        return ast.parse(file.read_text("utf-8"), str(file))
    except SyntaxError as error:
        raise PressError(f"not Python: {error.msg}", file, error.lineno) from None


def stamp(file: Path) -> tuple[int, int]:
    """What changes when a file is written: a cache keyed by it never serves an old reading."""
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size
