"""The last line of a proof is held by its test: change any coefficient of `result`, and a test of that file goes red."""

import ast
import sys
from collections.abc import Callable, Iterator
from inspect import signature
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
import torch

sys.path.append(str(Path(__file__).parents[1] / "core"))
from mutation import broken

HERE = Path(__file__).parent
PROOFS = sorted(file for file in HERE.glob("test_*.py") if file != Path(__file__))


def executed(tree: ast.Module, file: Path) -> ModuleType:
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    exec(compile(tree, str(file), "exec"), module.__dict__)
    return module


def checks(module: ModuleType) -> Iterator[Callable[[], None]]:
    """Every test of a module, parametrised ones written out."""
    for name, test in vars(module).copy().items():
        if not name.startswith("test_") or not callable(test):
            continue
        grids = []
        for mark in (mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"):
            names = [one.strip() for one in mark.args[0].split(",")] if isinstance(mark.args[0], str) else mark.args[0]
            rows = [
                getattr(row, "values", None) if isinstance(row, type(pytest.param())) else row for row in mark.args[1]
            ]
            rows = [row if len(names) > 1 or isinstance(row, tuple) and len(row) == 1 else (row,) for row in rows]
            grids.append([dict(zip(names, row, strict=True)) for row in rows])
        for choice in product(*grids):
            arguments = {key: value for part in choice for key, value in part.items()}
            if missing := set(signature(test).parameters) - set(arguments):
                raise TypeError(f"{name} asks for {', '.join(sorted(missing))}: a test of a proof has no fixtures")
            yield lambda test=test, arguments=arguments: test(**arguments)


def notices(tree: ast.Module, file: Path) -> str:
    """What goes red; "" if nothing does."""
    try:
        module = executed(tree, file)
        for check in checks(module):
            torch.manual_seed(0)
            check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def survivors(file: Path) -> tuple[list[str], int]:
    """The changes of `result` that no test of its file notices, and how many were tried.

    A file may hold `EQUIVALENT`, the changes that leave the result what it was, each with the reason.
    """
    tree = ast.parse(file.read_text("utf-8"))
    found = [
        index for index, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef) and node.name == "result"
    ]
    assert found, f"{file.name} has no function `result`"
    if said := notices(tree, file):
        pytest.fail(f"{file.name} is red as it stands: {said}")
    changes = list(broken(tree, found[0]))
    assert changes, f"`result` of {file.name} has nothing to break: what does it compute?"
    alive = [change for change, other in changes if not notices(other, file)]
    known = getattr(executed(tree, file), "EQUIVALENT", {})
    assert set(known) <= set(alive), f"{file.name} excuses what its tests do notice: {sorted(set(known) - set(alive))}"
    return [change for change in alive if change not in known], len(changes)


@pytest.mark.parametrize("file", PROOFS, ids=lambda file: file.stem)
def test_a_changed_coefficient_of_a_result_is_noticed(file):
    assert survivors(file)[0] == []


STRONG = '''
import pytest


def result(alpha):
    """What is left, and what came."""
    return alpha**2 + 3 * (1 - alpha)


@pytest.mark.parametrize("alpha, wanted", [(0.0, 3.0), (0.5, 1.75)])
def test_values(alpha, wanted):
    assert abs(result(alpha) - wanted) < 1e-9


@pytest.mark.parametrize("alpha", [0.25, 0.75])
def test_against_the_sum(alpha):
    assert abs(result(alpha) - (alpha * alpha + 3 - 3 * alpha)) < 1e-9
'''


def test_a_strong_proof_passes(tmp_path):
    file = tmp_path / "test_strong.py"
    file.write_text(STRONG, "utf-8")
    alive, tried = survivors(file)
    assert alive == [] and tried >= 6


def test_a_weak_proof_is_caught(tmp_path):
    file = tmp_path / "test_weak.py"
    weak = STRONG.replace("[(0.0, 3.0), (0.5, 1.75)]", "[(1.0, 1.0)]").replace("[0.25, 0.75]", "[1.0]")
    file.write_text(weak, "utf-8")
    alive, _ = survivors(file)
    assert "3 -> 4" in alive and "2 -> 3" in alive


def test_an_excuse_must_be_needed(tmp_path):
    file = tmp_path / "test_excused.py"
    weak = STRONG.replace("[(0.0, 3.0), (0.5, 1.75)]", "[(1.0, 1.0)]").replace("[0.25, 0.75]", "[1.0]")
    file.write_text(f'{weak}\n\nEQUIVALENT = {{"3 -> 4": "not looked at"}}\n', "utf-8")
    assert "3 -> 4" not in survivors(file)[0]
    file.write_text(f'{STRONG}\n\nEQUIVALENT = {{"3 -> 4": "not looked at"}}\n', "utf-8")
    with pytest.raises(AssertionError, match="excuses what its tests do notice"):
        survivors(file)


@pytest.mark.parametrize(
    "text, words",
    [
        ("def other():\n    return 1\n", "has no function `result`"),
        ("def result(x):\n    return x\n\n\ndef test_it():\n    assert result(1)\n", "has nothing to break"),
        ("def result(x):\n    return 2 * x\n\n\ndef test_it(tmp_path):\n    assert result(1)\n", "asks for tmp_path"),
        ("def result(x):\n    return 2 * x\n\n\ndef test_it():\n    assert result(1) == 3\n", "is red as it stands"),
    ],
)
def test_what_a_proof_must_have(tmp_path, text, words):
    file = tmp_path / "test_it.py"
    file.write_text(text, "utf-8")
    with pytest.raises((AssertionError, pytest.fail.Exception), match=words):
        survivors(file)
