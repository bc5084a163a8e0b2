"""What the papers say, written a second time from their equations, against `diffusion_ladder.notation`."""

import ast
import math
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mutation import broken
from torch.testing import assert_close

from diffusion_ladder import denoisers, notation, schedules

ROOT = Path(__file__).parents[2]
SOURCE = Path(notation.__file__)
ROWS = tomllib.loads((ROOT / "src/figures/shelf/notation.toml").read_text("utf-8"))
NAMES = list(notation.CONVENTIONS)
TIGHT = {"rtol": 1e-9, "atol": 1e-9}
X0, EPS = torch.tensor([0.7, -1.3, 0.2], dtype=torch.float64), torch.tensor([-0.4, 1.1, 2.0], dtype=torch.float64)

# Paper -> (alpha, sigma) of its variable, in plain Python, from the equations and constants it prints.
BETAS = [1e-4 + (0.02 - 1e-4) * k / 999 for k in range(1000)]


def cosine(u: float) -> float:
    return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2


PAPERS = {
    "ddpm": lambda v: (v**0.5, (1 - v) ** 0.5),
    "ddpm_step": lambda v: PAPERS["ddpm"](math.prod(1 - beta for beta in BETAS[: round(v)])),
    "improved": lambda v: PAPERS["ddpm"](cosine(v)),
    "ddim": lambda v: (v**0.5, (1 - v) ** 0.5),
    "vp": lambda v: PAPERS["ddpm"](math.exp(-(v**2) * (20 - 0.1) / 4 - v * 0.1 / 2) ** 2),
    "ve": lambda v: (1.0, 0.01 * 5000**v),
    "edm": lambda v: (1.0, v),
    "vdm": lambda v: ((1 / (1 + math.exp(v))) ** 0.5, (1 / (1 + math.exp(-v))) ** 0.5),
    "guidance": lambda v: ((1 / (1 + math.exp(-v))) ** 0.5, (1 - 1 / (1 + math.exp(-v))) ** 0.5),
    "rectified": lambda v: (v, 1 - v),
    "matching": lambda v: (v, 1 - (1 - 1e-5) * v),
}
OUTPUTS = {  # what each network is asked for, of one clean picture x, one noise e, and s = sigma
    **dict.fromkeys(("ddpm", "ddpm_step", "improved", "ddim", "vdm", "guidance"), lambda x, e, s: e),
    **dict.fromkeys(("vp", "ve"), lambda x, e, s: -e / s),
    "edm": lambda x, e, s: x,
    "rectified": lambda x, e, s: x - e,
    "matching": lambda x, e, s: x - (1 - 1e-5) * e,
}
CLOCKS = {
    "ddpm_step": schedules.ddpm(schedules.linear_betas()),
    "improved": schedules.cosine(),
    "vp": schedules.linear(),
    "edm": schedules.edm(),
    "rectified": schedules.flow(),
}


def values(name: str) -> torch.Tensor:
    """Some values of a paper's variable; whole steps for a chain."""
    low, high = ROWS[name]["between"]
    spread = low + (high - low) * torch.tensor([0.02, 0.2, 0.5, 0.77, 0.98], dtype=torch.float64)
    return spread.round() if name == "ddpm_step" else spread


def check_equations(module):
    for name in NAMES:
        v = values(name)
        expected = torch.tensor([PAPERS[name](float(one)) for one in v], dtype=torch.float64).T
        assert_close(torch.stack(module.CONVENTIONS[name].to_site(v)), expected, rtol=1e-7, atol=1e-9, msg=name)


def check_round_trips(module):
    for name in NAMES:
        v = values(name)
        alpha, sigma = module.CONVENTIONS[name].to_site(v)
        for scale in (1, 3):  # only the ratio tells the level
            assert_close(module.CONVENTIONS[name].from_site(scale * alpha, scale * sigma), v, rtol=1e-6, atol=1e-8)


def check_steps_and_between(module):
    """Between two steps, and at the first and the last."""
    v = torch.tensor([0.5, 1.0, 260.25, 999.5, 1000.0], dtype=torch.float64)
    assert_close(module.level(module.level(v, "ddpm_step", "vdm"), "vdm", "ddpm_step"), v, rtol=1e-6, atol=1e-6)
    assert torch.isfinite(module.level(torch.tensor([1.0, 1000.0]).double(), "ddpm_step", "edm")).all()


def check_known_places(module):
    """One noise level in all letters: as much noise as signal."""
    even = {
        "ddpm": 0.5,
        "ddim": 0.5,
        "edm": 1.0,
        "vdm": 0.0,
        "guidance": 0.0,
        "rectified": 0.5,
        "matching": 1 / (2 - 1e-5),
    }
    for a, value in even.items():
        for b, there in even.items():
            got = module.level(torch.tensor(value, dtype=torch.float64), a, b)
            assert_close(got, torch.tensor(there, dtype=torch.float64), **TIGHT)
    step = float(module.level(torch.tensor(1.0).double(), "edm", "ddpm_step"))
    powers = [math.prod(1 - beta for beta in BETAS[:k]) for k in (math.floor(step), math.ceil(step))]
    assert powers[0] > 0.5 > powers[1]


def check_times(module):
    for name, schedule in CLOCKS.items():
        v = values(name)
        assert_close(
            torch.stack(schedule(module.CONVENTIONS[name].time(v))),
            torch.stack(module.CONVENTIONS[name].to_site(v)),
            **TIGHT,
        )
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    for name, expected in (("ve", [0.0, 1.0]), ("matching", [1.0, 0.0])):
        assert module.CONVENTIONS[name].time(ends).tolist() == expected


def check_states(module):
    """A picture that a paper would write, moved to another, is what that one would write."""
    for a in NAMES:
        for b in NAMES:
            v = values(a)[2]
            alpha, sigma = PAPERS[a](float(v))
            x, there = module.state(alpha * X0 + sigma * EPS, v, a, b)
            if b == "ddpm_step":  # between steps, as the library has it
                there_alpha, there_sigma = map(float, CLOCKS["ddpm_step"](there / 1000))
            else:
                there_alpha, there_sigma = PAPERS[b](float(there))
            assert_close(x, there_alpha * X0 + there_sigma * EPS, rtol=1e-6, atol=1e-8, msg=f"{a} -> {b}")


def check_outputs(module):
    for a in NAMES:
        for b in NAMES:
            v = values(a)[2]
            alpha, sigma = PAPERS[a](float(v))
            there = module.level(v, a, b)
            sigma_there = float(module.CONVENTIONS[b].to_site(there)[1])
            said = module.output(OUTPUTS[a](X0, EPS, sigma), alpha * X0 + sigma * EPS, v, a, b)
            assert_close(said, OUTPUTS[b](X0, EPS, sigma_there), rtol=1e-8, atol=1e-8, msg=f"{a} -> {b}")


def check_weights(module):
    """Both ways to count w give one guided guess."""
    cond, uncond = torch.tensor(1.7), torch.tensor(-0.6)
    for theirs in (-1.0, 0.0, 0.3, 4.0):
        ho_salimans = (1 + theirs) * cond - theirs * uncond
        ours = module.weight(theirs, "guidance", "site")
        guess = denoisers.guided(lambda x, t: cond, lambda x, t: uncond, ours)(None, None)
        assert_close(guess, ho_salimans)
        assert module.weight(ours, "site", "guidance") == pytest.approx(theirs)


CHECKS = [one for name, one in list(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_holds(check):
    check(notation)


def changed(tree: ast.Module) -> ModuleType:
    module = ModuleType("diffusion_ladder._broken_notation")
    module.__package__ = "diffusion_ladder"
    module.__file__ = str(SOURCE)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(compile(tree, str(SOURCE), "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return module


# Changes that leave every conversion what it was, each with the reason.
EQUIVALENT = {
    "math.pi / 2 * OFFSET -> math.pi / 2 / OFFSET": "with s = 1/125 the two angles differ by 31 full turns exactly",
}


def test_a_broken_coefficient_is_noticed():
    survivors = []
    for change, tree in broken(ast.parse(SOURCE.read_text("utf-8"))):
        try:
            module = changed(tree)
            for check in CHECKS:
                check(module)
        except Exception:
            continue
        survivors.append(change)
    assert sorted(survivors) == sorted(EQUIVALENT)


def test_the_words_and_the_formulas_are_of_the_same_papers():
    assert list(ROWS) == NAMES
    for name, row in ROWS.items():
        low, high = row["between"]
        assert low <= row["start"] <= high
        alpha, sigma = notation.CONVENTIONS[name].to_site(torch.tensor([low, high], dtype=torch.float64))
        assert torch.isfinite(alpha).all() and torch.isfinite(sigma).all() and (alpha > 0).all()
        if "equation" in row:
            assert re.search(r"\\data\{", row["equation"]) and re.search(r"\\noise\{", row["equation"])
            assert "|" not in row["equation"] + row["step"] + row["network"], "a bar would cut the table's row"
