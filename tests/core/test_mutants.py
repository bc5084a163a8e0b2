"""Every check can fail: change any one coefficient or operator of an update rule, and some check goes red."""

import importlib
from itertools import product

import mutation
import pytest
import torch

# Which tests watch which module. Only tests whose first argument is `lib` can judge a mutant.
WATCH = {
    "schedules": ["test_schedules"],
    "targets": ["test_targets"],
    "denoisers": ["test_denoisers"],
    "exact": ["test_denoisers"],
    "samplers": ["test_samplers", "test_diffusers"],
    "training": ["test_training"],
}

# Changes that leave the function what it was, each with the reason.
EQUIVALENT = {
    "exact.exact #18: 0 -> 1": "the nearest point's lead over points infinitely behind may be any finite number",
    "exact.log_density #8: 0 -> 1": "every mean has the same number of entries, the second as the first",
    "training.log_normal #6: mean + std * torch.randn(n) -> mean - std * torch.randn(n)": "noise is symmetric",
    "training.train #0: 4000 -> 4001": "a default length of training, not part of a rule",
    "training.train #1: 512 -> 513": "a default batch size, not part of a rule",
    "training.train #2: 0.003 -> 0.0033000000000000004": "a default learning rate, not part of a rule",
}

RULES = sorted({(m.module, m.rule) for module in mutation.MODULES for m in mutation.mutants(module)})


def checks(module):
    """(name, call) of every check that watches a module, parametrised ones written out."""
    for file in WATCH[module]:
        for name, test in vars(importlib.import_module(file)).items():
            if name.startswith("test_") and callable(test) and test.__code__.co_varnames[:1] == ("lib",):
                grids = [
                    [
                        dict(zip(mark.args[0].split(", "), value if ", " in mark.args[0] else [value], strict=True))
                        for value in mark.args[1]
                    ]
                    for mark in getattr(test, "pytestmark", [])
                ]
                for choice in product(*grids):
                    arguments = {key: value for part in choice for key, value in part.items()}
                    yield f"{name}{arguments or ''}", lambda lib, test=test, arguments=arguments: test(lib, **arguments)


def killer(mutant, watchers):
    """The name of the first check that fails on a mutant, which then moves to the front; None if all pass."""
    for position, (name, check) in enumerate(watchers):
        torch.manual_seed(0)
        try:
            check(mutation.load(mutant))
        except Exception:
            watchers.insert(0, watchers.pop(position))
            return name
    return None


@pytest.mark.parametrize("module, rule", RULES)
def test_a_changed_coefficient_is_noticed(module, rule):
    """The first change of each update rule; all of them below."""
    mutant = next(m for m in mutation.mutants(module, rule) if str(m) not in EQUIVALENT)
    assert killer(mutant, list(checks(module))), f"no check noticed {mutant}"


@pytest.mark.slow
@pytest.mark.parametrize("module, rule", RULES)
def test_every_changed_coefficient_is_noticed(module, rule):
    watchers = list(checks(module))
    survivors = [str(m) for m in mutation.mutants(module, rule) if not killer(m, watchers)]
    known = [change for change in EQUIVALENT if change.startswith(f"{module}.{rule} #")]
    assert sorted(survivors) == sorted(known)
