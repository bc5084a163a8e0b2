"""Break one coefficient at a time.

A mutant is code with a single number, index, sign, operator or elementary function changed, or two arguments swapped.
`load` builds a mutant of the library in memory: the changed module is compiled from its altered syntax tree, and all
modules are executed again on top of it. `broken` does the same to any syntax tree, such as that of a page's block.
"""

import ast
import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace

import diffusion_ladder

SOURCE = Path(diffusion_ladder.__file__).parent
MODULES = ["schedules", "targets", "denoisers", "exact", "samplers", "training"]  # each imports only earlier ones
Library = SimpleNamespace

_trees = {name: ast.parse((SOURCE / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES}
_serial = count()

_SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult, ast.BitOr: ast.BitAnd, ast.And: ast.Or,
    ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.IsNot: ast.Is,
}  # fmt: skip

_FUNCTIONS = {
    "sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "exp": "expm1", "expm1": "exp", "log1p": "log",
    "log10": "log", "log": "log1p", "sqrt": "abs", "square": "abs", "floor": "ceil", "cumsum": "cumprod",
    "zeros": "ones", "zeros_like": "ones_like", "ones_like": "zeros_like", "new_ones": "new_zeros",
}  # fmt: skip
_ARGUMENTS = {"lerp": (0, 1), "where": (1, 2)}  # the two that a slip would swap


@dataclass(frozen=True)
class Mutant:
    module: str
    rule: str  # the function or constant that holds the change
    change: str  # "before -> after", as source
    number: int  # tells apart equal changes within one rule
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.module}.{self.rule} #{self.number}: {self.change}"


def load(mutant: Mutant | None = None) -> Library:
    """The library's modules, executed afresh under a private package name, with the mutant's change if any."""
    package = f"_ladder_{next(_serial)}"
    library = Library()
    try:
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = []
        for name in MODULES:
            module = ModuleType(f"{package}.{name}")
            sys.modules[module.__name__] = module
            tree = mutant.tree if mutant and mutant.module == name else _trees[name]
            exec(compile(tree, str(SOURCE / f"{name}.py"), "exec"), module.__dict__)
            setattr(library, name, module)
    finally:
        for name in [package, *(f"{package}.{name}" for name in MODULES)]:
            sys.modules.pop(name, None)
    return library


def mutants(module: str, rule: str | None = None) -> Iterator[Mutant]:
    """Every mutant of a module, or of one function or constant in it, in the order of the source."""
    for index, statement in enumerate(_trees[module].body):
        name = _name(statement)
        if name is not None and rule in (None, name):
            for number, (change, tree) in enumerate(broken(_trees[module], index)):
                yield Mutant(module, name, change, number, tree)


def broken(tree: ast.Module, index: int | None = None) -> Iterator[tuple[str, ast.Module]]:
    """Each change that can be made to a module, or to its statement at `index`, and the module with that change."""
    for number in count():
        other = copy.deepcopy(tree)
        sites = list(_sites(other if index is None else other.body[index]))
        if number == len(sites):
            return
        yield _break(sites[number]), ast.fix_missing_locations(other)


def _name(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.FunctionDef):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        return statement.targets[0].id
    return None


def _sites(node: ast.AST) -> Iterator[ast.AST]:
    """The numbers, operators and functions below a node, annotations apart."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield node
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _SWAPS:
        yield node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
        yield node
    if isinstance(node, ast.Attribute) and node.attr in _FUNCTIONS:
        yield node
    if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in _ARGUMENTS:
        yield node
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _sites(child)


def _break(node: ast.AST) -> str:
    """Change a node in place, and say what changed."""
    before = ast.unparse(node)
    if isinstance(node, ast.Constant):
        node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.1 or 0.1
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Attribute):
        node.attr = _FUNCTIONS[node.attr]
    elif isinstance(node, ast.Call):
        i, j = _ARGUMENTS[node.func.attr]
        node.args[i], node.args[j] = node.args[j], node.args[i]
    elif isinstance(node, ast.Compare):
        node.ops[0] = _SWAPS[type(node.ops[0])]()
    else:
        node.op = _SWAPS[type(node.op)]()
    return f"{before} -> {ast.unparse(node)}"
