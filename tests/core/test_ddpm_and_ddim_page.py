"""The page on DDPM and DDIM: its formulas hold, its numbers are computed or cited, and its code prints what it shows."""

import ast
import math
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from page_numbers import Numbers, dedented, prose
from torch.testing import assert_close

from diffusion_ladder import exact, samplers, schedules
from diffusion_ladder.data import points
from figures.advanced import ddpm_and_ddim as figures
from figures.shelf import myths
from lesson import values
from recipes.figure_eight_denoiser import figure_eight_denoiser

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/advanced/ddpm_and_ddim.md").read_text("utf-8")
SNIPPET = ROOT / "snippets/advanced/ddpm_and_ddim.py"
DOUBLE = torch.float64

# --- the printed formulas, read off the page and evaluated ------------------------------------------------------------

ALPHA_BAR = torch.cat([torch.ones(1, dtype=DOUBLE), torch.cumprod(1 - schedules.linear_betas(), 0)])  # ᾱ_0 … ᾱ_T
X0, XT, EPS, Z = 0.7, -0.4, 0.9, -1.3  # any numbers will do
NAMES = {  # what a formula defines; other left sides are evaluated too
    (1, 0): "x_{t-1}", (1, 1): "x_t", (4, 0): r"\tilde\mu_t", (5, 0): "x_{t-1}", (7, 0): "x_{t-1}",
    (10, 0): r"\mathbb{E}[x_t\midx_{t-1},x_0]", (11, 0): "x_{t-1}",
}  # fmt: skip
TOKEN = re.compile(r"\\(?:frac|sqrt)|(?:\\(?:bar|tilde|hat))?\\?[A-Za-z]+(?:_(?:\{[^{}]*\}|\w))?|\d+|[-+=(){}^]")


def displays(page: str) -> list[str]:
    """The displayed formulas in the order of the page: the jump's pair first, then steps 2 to 13."""
    return re.findall(r"^ *\$\$(.*?)\$\$$", page, flags=re.DOTALL | re.MULTILINE)


def equations(tex: str) -> list[tuple[str, str]]:
    """The two sides of each equation of a display, without colours, spaces and sizes of brackets."""
    while (plain := re.sub(r"\\(?:data|noise|guess|truth)\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", r"\1 ", tex)) != tex:
        tex = plain
    tex = re.sub(r"\\(?:left|right|big|Big|[;,!])(?![a-z])", " ", tex)
    tex = re.sub(r"\\(bar|tilde|hat)\s*(\\?\w)", r"\\\1\2", tex)
    return [
        tuple(part.split("=", 1)) for part in re.split(r"\\qquad(?:\s*\\Rightarrow\s*\\qquad)?", tex) if "=" in part
    ]


class Reader:
    """Evaluates sums, products, fractions, roots and squares in TeX, for a table of symbols."""

    def __init__(self, tex: str, symbols: dict[str, float]):
        self.tokens, self.symbols = TOKEN.findall(re.sub(r"\s+", " ", tex)), symbols

    def value(self) -> float:
        total = self.sum()
        assert not self.tokens, f"left over: {self.tokens}"
        return total

    def sum(self) -> float:
        total = 0.0
        sign = 1.0
        if self.tokens and self.tokens[0] in "+-":
            sign = -1.0 if self.tokens.pop(0) == "-" else 1.0
        while True:
            total += sign * self.product()
            if not self.tokens or self.tokens[0] not in "+-":
                return total
            sign = -1.0 if self.tokens.pop(0) == "-" else 1.0

    def product(self) -> float:
        total = self.factor()
        while self.tokens and self.tokens[0] not in "+-)}":
            total *= self.factor()
        return total

    def factor(self) -> float:
        token = self.tokens.pop(0)
        if token == r"\frac":
            above = self.group()
            value = above / self.group()
        elif token == r"\sqrt":
            value = math.sqrt(self.group())
        elif token in "({":
            value = self.sum()
            assert self.tokens.pop(0) in ")}"
        else:
            value = float(token) if token.isdigit() else self.symbols[token]
        if self.tokens and self.tokens[0] == "^":
            assert self.tokens[1] == "2", "only squares"
            del self.tokens[:2]
            value = value**2
        return value

    def group(self) -> float:
        assert self.tokens.pop(0) == "{"
        value = self.sum()
        assert self.tokens.pop(0) == "}"
        return value


@cache
def scheduler_spread(t: int, s: int) -> float:
    """Root of the smaller variance of a stride, as diffusers' DDIM has it."""
    scheduler = DDIMScheduler(1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear")
    scheduler.alphas_cumprod = ALPHA_BAR[1:]
    return math.sqrt(scheduler._get_variance(t - 1, s - 1))


@cache
def table(t: int, s: int, eta: float) -> dict[str, float]:
    """What the symbols mean for a stride from t to s, worked out apart from the page."""
    a, b = float(ALPHA_BAR[t]), float(ALPHA_BAR[s])
    small = scheduler_spread(t, s) ** 2
    fresh = eta * math.sqrt(small)
    k = math.sqrt(1 - b - fresh**2)
    return {
        r"\bar\alpha_t": a, r"\bar\alpha_{t-1}": b, r"\bar\alpha_s": b, r"\alpha_t": a / b, r"\beta_t": 1 - a / b,
        r"\tilde\beta_t": small, r"\eta": eta, r"\sigma_t": fresh, "k_t": k, r"\rho_t": k / math.sqrt(1 - b) if s else 0.0,
        "x_0": X0, "x_t": XT, "z": Z, r"\epsilon": (XT - math.sqrt(a) * X0) / math.sqrt(1 - a),
        r"\hat\epsilon": EPS, r"\hatx_0": (XT - math.sqrt(1 - a) * EPS) / math.sqrt(a),
    }  # fmt: skip


@cache
def posterior(t: int, s: int) -> tuple[float, float]:
    """Mean and variance of x_s given x_t and x_0: the product of two Gaussians, summed over a fine grid."""
    a, b = ALPHA_BAR[t], ALPHA_BAR[s]
    x = torch.linspace(-9, 9, 180_001, dtype=DOUBLE)
    log = -((x - b.sqrt() * X0) ** 2) / (2 * (1 - b)) - (XT - (a / b).sqrt() * x) ** 2 / (2 * (1 - a / b))
    weight = torch.softmax(log, 0)
    mean = (weight * x).sum()
    return float(mean), float((weight * (x - mean) ** 2).sum())


@cache
def stepped(kind: type, t: int, **options) -> float:
    """One step of a scheduler of diffusers, t down to t − 1, with `EPS` from its network and `Z` from its dice."""
    scheduler = kind(1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear", clip_sample=False)
    scheduler.alphas_cumprod = ALPHA_BAR[1:]
    scheduler.set_timesteps(1000)
    x, out = (torch.full((1, 1), value, dtype=DOUBLE) for value in (XT, EPS))
    rolled = torch.randn(1, 1, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    got = scheduler.step(out, t - 1, x, generator=torch.Generator().manual_seed(0), **options).prev_sample
    return float(got + options.get("eta", 1.0) * scheduler_spread(t, t - 1) * (Z - rolled))


@cache
def forward_mean(t: int, s: int, eta: float, x_s: float) -> float:
    """E[x_t | x_s, x_0] of q_sigma: the joint Gaussian of both, conditioned by linear algebra."""
    a, b = float(ALPHA_BAR[t]), float(ALPHA_BAR[s])
    fresh = table(t, s, eta)[r"\sigma_t"]
    mix = torch.tensor([[math.sqrt(1 - a), 0.0], [math.sqrt(1 - b - fresh**2), fresh]], dtype=DOUBLE)  # rows x_t, x_s
    joint = mix @ mix.T
    return math.sqrt(a) * X0 + float(joint[0, 1] / joint[1, 1]) * (x_s - math.sqrt(b) * X0)


def faults(page: str) -> list[str]:
    """Which printed formulas do not hold."""
    wrong = []
    shown = dict(enumerate([equations(tex) for tex in displays(page)], 1))
    for rho in re.findall(r"\$(\\rho_t = [^$]*)\$", page):  # both stand in the step's reason
        shown[10] += equations(rho)

    def check(step: int, index: int, symbols: dict, *, left: float | None = None, right: float | None = None):
        """Each side that has a value of its own is held against it; otherwise the two sides against each other."""
        try:
            sides = shown[step][index]
            named = NAMES.get((step, index))
            assert named in (None, re.sub(r"\s", "", sides[0]))
            one = Reader(sides[0], symbols).value() if left is None else left
            other = Reader(sides[1], symbols).value() if right is None else right
            good = math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-9)
        except (KeyError, IndexError, ValueError, AssertionError, ZeroDivisionError):
            good = False
        if not good:
            wrong.append(f"step {step}, equation {index + 1}")

    for t in (2, 60, 500, 1000):
        s = t - 1
        at = table(t, s, 1.0)
        mean, variance = posterior(t, s) if t > 2 else (None, None)
        a, b = float(ALPHA_BAR[t]), float(ALPHA_BAR[s])
        jump = {**at, r"\epsilon_{t-1}": EPS}
        before = math.sqrt(b) * X0 + math.sqrt(1 - b) * EPS
        check(1, 0, jump, left=before)
        check(1, 1, {**jump, "x_{t-1}": before}, left=math.sqrt(a / b) * before + math.sqrt(1 - a / b) * Z)
        if t > 2:  # the grid is too coarse for the very first steps
            check(3, 0, at, left=1 / variance)
            check(3, 1, at, left=variance)
            check(4, 0, at, left=mean)
        check(3, 0, at)
        check(3, 1, at)
        check(5, 0, at, left=stepped(DDPMScheduler, t))
        check(10, 2, at)
        for eta in (0.0, 0.4, 1.0):
            at = table(t, s, eta)
            check(7, 0, at, left=math.sqrt(b) * X0 + at["k_t"] * at[r"\epsilon"] + at[r"\sigma_t"] * Z)
            check(7, 1, at)
            check(8, 0, at)
            check(8, 1, at)
            check(9, 0, at)
            check(9, 1, at)
            check(10, 0, {**at, "x_{t-1}": 0.2}, left=forward_mean(t, s, eta, 0.2))
            check(10, 1, at)
            check(11, 0, at, left=stepped(DDIMScheduler, t, eta=eta))
    for t, s in ((1000, 800), (500, 499), (300, 40)):
        for eta in (0.3, 1.0):
            check(12, 0, table(t, s, eta))
        at = table(t, s, 0.0)
        end = math.sqrt(at[r"\bar\alpha_s"]) * at[r"\hatx_0"] + math.sqrt(1 - at[r"\bar\alpha_s"]) * EPS
        check(13, 0, {**at, "x_s": end})
    return sorted(set(wrong))


def test_the_printed_formulas_hold():
    assert len(displays(PAGE)) == 14  # thirteen steps, and the arc
    assert faults(PAGE) == []


STEPS_READ = {1, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13}  # 2 is Bayes' rule and 6 the loss: no numbers in them


@pytest.mark.parametrize(
    "old, new", [("t-1}", "t}"), ("+", "-"), (r"\sqrt", ""), ("1-", "1+"), (r"\bar\alpha", r"\alpha")]
)
def test_a_changed_coefficient_is_noticed(old, new):
    """Every such place in the displayed steps is spoilt in turn."""
    start, end = PAGE.index("/// proof | "), PAGE.index("/// myth | ddim-non-markovian-sampler")
    for number, match in enumerate(
        re.finditer(r"^ *\$\$(.*?)\$\$$", PAGE[start:end], flags=re.DOTALL | re.MULTILINE), 1
    ):
        if number not in STEPS_READ:
            continue
        for place in re.finditer(re.escape(old), match[1]):
            at = start + match.start(1) + place.start()
            spoilt = PAGE[:at] + new + PAGE[at + len(old) :]
            assert faults(spoilt), f"step {number}: {match[1]} with {old} → {new} at {place.start()}"


def test_the_arc_keeps_lengths_and_meets_both_ends():
    sides = equations(displays(PAGE)[-1].replace(r"\big", "").replace("{z_w}", "{v}"))
    assert len(sides) == 1
    a, b = torch.tensor([3.0, 4.0]), torch.tensor([-5.0, 0.0])
    theta = float(torch.arccos((a @ b) / 25))
    for w in (0.0, 0.3, 1.0):
        tex = sides[0][1].replace(r"\sin((1-w) \theta)", "P").replace(r"\sin(w \theta)", "Q")
        tex = re.sub(r"\\sin\s*\(\s*\(1-w\)\s*\\theta\s*\)", "P", tex)
        tex = re.sub(r"\\sin\s*\(\s*w\s*\\theta\s*\)", "Q", tex)
        tex = re.sub(r"\\sin\s*\\theta", "R", tex)
        sines = {"P": math.sin((1 - w) * theta), "Q": math.sin(w * theta), "R": math.sin(theta)}
        got = torch.tensor(
            [Reader(tex, {**sines, "a": float(x), "b": float(y)}).value() for x, y in zip(a, b, strict=True)]
        )
        assert_close(got.norm(), torch.tensor(5.0))
        assert_close(torch.arccos((got @ a) / 25), torch.tensor(w * theta), atol=1e-3, rtol=0)


@pytest.mark.parametrize("eta", [0.0, 0.3, 0.7, 1.0])
def test_the_family_keeps_every_marginal(eta):
    """From T down to 0 in ten strides, given x_0: mean and variance in closed form."""
    grid = range(1000, -1, -100)
    mean, variance = math.sqrt(ALPHA_BAR[1000]) * X0, 1 - float(ALPHA_BAR[1000])
    for t, s in zip(grid, grid[1:], strict=False):
        a, b = float(ALPHA_BAR[t]), float(ALPHA_BAR[s])
        fresh = table(t, s, eta)[r"\sigma_t"] if s else 0.0
        on_x = math.sqrt(1 - b - fresh**2) / math.sqrt(1 - a)
        mean = math.sqrt(b) * X0 + on_x * (mean - math.sqrt(a) * X0)
        variance = on_x**2 * variance + fresh**2
        assert math.isclose(mean, math.sqrt(b) * X0, rel_tol=1e-12)
        assert math.isclose(variance, 1 - b, rel_tol=1e-9, abs_tol=1e-15)


def test_only_eta_one_is_markovian_forwards():
    """The picture's weight in E[x_t | x_s, x_0] vanishes at eta = 1 and nowhere else."""

    def weight(eta: float) -> float:
        t, s = 500, 499
        rho = table(t, s, eta)[r"\rho_t"]
        a, b = float(ALPHA_BAR[t]), float(ALPHA_BAR[s])
        return math.sqrt(a) - rho * math.sqrt((1 - a) / (1 - b)) * math.sqrt(b)

    assert abs(weight(1.0)) < 1e-12
    assert all(weight(eta) < -1e-5 for eta in (0.0, 0.3, 0.6, 0.9))


# --- the numbers of the prose, computed apart from the page's own code ------------------------------------------------


def draw(n: int, mode: float = 1.0, std: float = 0.25) -> torch.Tensor:
    return mode * (torch.randint(2, (n,)) * 2.0 - 1) + std * torch.randn(n, dtype=DOUBLE)


def w1(x: torch.Tensor, y: torch.Tensor) -> float:
    return float((x.sort().values - y.sort().values).abs().mean())


def sampled(steps: int, eta: float, x: torch.Tensor, mode: float = 1.0, std: float = 0.25) -> torch.Tensor:
    """The library's sampler with the library's exact denoiser."""
    mixture = exact.Mixture(torch.tensor([[-mode], [mode]], dtype=DOUBLE), torch.ones(2), std)
    times = torch.linspace(1000, 0, steps + 1).round().double() / 1000
    denoise = exact.exact(mixture, figures.CHAIN)
    return samplers.last(samplers.ddim(denoise, figures.CHAIN, x[:, None], times, eta))[:, 0]


@cache
def starts() -> torch.Tensor:
    """Starts spread evenly over the normal distribution (n,)."""
    return torch.special.ndtri((torch.arange(2000, dtype=DOUBLE) + 0.5) / 2000)


def quantiles(share: torch.Tensor, mode: float = 1.0, std: float = 0.25) -> torch.Tensor:
    """Where a share of the data lies below, by bisection."""
    low, high = torch.full_like(share, -6.0), torch.full_like(share, 6.0)
    for _ in range(60):
        middle = (low + high) / 2
        below = (torch.special.ndtr((middle - mode) / std) + torch.special.ndtr((middle + mode) / std)) / 2 < share
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return middle


@cache
def true_ends() -> torch.Tensor:
    """Where the exact ODE sends `starts`: in one dimension, quantile to quantile."""
    alpha, std = float(ALPHA_BAR[-1].sqrt()), 0.25
    spread = math.sqrt(alpha**2 * std**2 + 1 - alpha**2)
    share = (torch.special.ndtr((starts() - alpha) / spread) + torch.special.ndtr((starts() + alpha) / spread)) / 2
    return quantiles(share)


@cache
def five_steps(mode: float, std: float, eta: float) -> float:
    """W1 of 5 steps: starts spread evenly, and the data's own quantiles instead of draws."""
    torch.manual_seed(11)
    n = 40 * len(starts())
    truth = quantiles((torch.arange(n, dtype=DOUBLE) + 0.5) / n, mode, std)
    return w1(sampled(5, eta, starts().repeat(40), mode, std), truth)


@cache
def carried(steps: int, eta: float, wide: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    return figures._carried(steps, eta, wide)


def off(steps: int, eta: float, wide: bool = False) -> float:
    """W1 without the noise of sampling."""
    return figures._off(*carried(steps, eta, wide))


@cache
def many_steps(steps: int, eta: float) -> float:
    """W1 of so many steps: starts spread evenly, and the data's own quantiles instead of draws."""
    torch.manual_seed(16)
    share = (torch.arange(200_000, dtype=DOUBLE) + 0.5) / 200_000
    return w1(sampled(steps, eta, torch.special.ndtri(share)), quantiles(share))


@cache
def wide_hump() -> float:
    """The spread above 0 of many ends of DDPM in its own form, with β as variance but in the last of 10 strides."""
    torch.manual_seed(17)
    x, grid = torch.randn(200_000, dtype=DOUBLE), range(1000, -1, -100)
    for t, s in zip(grid, grid[1:], strict=False):
        a, b = ALPHA_BAR[t], ALPHA_BAR[s]
        eps = (x - a.sqrt() * figures._ideal(x, torch.tensor(t / 1000, dtype=DOUBLE))) / (1 - a).sqrt()
        x = (x - (1 - a / b) / (1 - a).sqrt() * eps) / (a / b).sqrt()
        x = x + (1 - a / b).sqrt() * torch.randn_like(x) * (s > 0)
    return float(x[x > 0].std())


def pull() -> float:
    """How far the guesses of the first block lie from their states at step 50, at most."""
    x = torch.tensor([-1.2, 0.1, 0.4, 2.0], dtype=DOUBLE)
    guess = figures._ideal(x, torch.tensor(0.05, dtype=DOUBLE))
    assert (guess.sign() == x.sign()).all()
    return float((guess - x).abs().max())


def error(sampler: str, steps: int) -> float:
    """Root-mean-square distance of a sampler's ends from the exact ones."""
    times = torch.linspace(1000, 0, steps + 1).round().double() / 1000
    walk = getattr(samplers, sampler)(figures._ideal, figures.CHAIN, starts(), times)
    return float((samplers.last(walk) - true_ends()).square().mean().sqrt())


@cache
def spread(steps: int, eta: float) -> float:
    torch.manual_seed(12)
    return float(sampled(steps, eta, starts().repeat(20)).std())


FROM_03 = float(sampled(1000, 0.0, torch.tensor([0.3], dtype=DOUBLE)))
TRUE_SPREAD = math.sqrt(1 + 0.25**2)

# Function → (the same number, another way; absolute tolerance, in the last place that the page shows).
AGAIN = {
    "signal_at_the_end": (lambda: math.prod(1 - 1e-4 - 0.0199 * k / 999 for k in range(1000)) ** 0.5, 1e-7),
    "data_spread": (lambda: TRUE_SPREAD, 1e-9),
    "pull_at_50": (pull, 1e-9),
    "one_step_spread": (lambda: spread(1, 0.0), 0.0001),
    "five_steps_spread_ddim": (lambda: spread(5, 0.0), 0.004),
    "five_steps_spread_ddpm": (lambda: spread(5, 1.0), 0.004),
    "five_steps_off_ddim": (lambda: five_steps(1.0, 0.25, 0.0), 0.003),
    "five_steps_off_ddpm": (lambda: five_steps(1.0, 0.25, 1.0), 0.003),
    "hundred_steps_off_ddim": (lambda: many_steps(100, 0.0), 0.0005),
    "hundred_steps_off_ddpm": (lambda: many_steps(100, 1.0), 0.003),
    "hump_with_larger_variance": (wide_hump, 0.004),
    "thousand_steps_off_ddim": (lambda: error("ddim", 1000), 0.00001),
    "thousand_steps_off_euler": (lambda: error("euler", 1000), 0.00001),
}
FUNCTIONS = {
    node.name: ast.unparse(node.returns)
    for node in ast.parse(Path(figures.__file__).read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
}
VALUES = {name for name, kind in FUNCTIONS.items() if kind in ("float", "int")}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_number(name):
    again, tolerance = AGAIN[name]
    assert getattr(figures, name)() == pytest.approx(float(again()), abs=tolerance, rel=0)


def test_every_number_is_checked_and_stated():
    of_the_shelf = {"one_start_end"}
    assert set(AGAIN) == VALUES and values.used(PAGE) == VALUES | of_the_shelf
    assert math.isclose(myths.one_start_end(), FROM_03, abs_tol=1e-9)


def test_what_the_page_says_in_words():
    assert figures.thousand_steps_off_ddim() < figures.thousand_steps_off_euler(), "the other way round"
    assert myths.ddim_off() > myths.euler_off()
    assert figures.hump_with_larger_variance() > 1.1 * figures.MODES.std, "too wide"


# What somebody else found or chose, or what the page itself sets: (phrase, where it comes from).
CITED = [
    ("(Steps 3 and 10 need *t* ≥ 2.)", "a division by 0; tested"), ("sum to about 1/*N*", "tested"),
    ("up to the scatter of 400 000 draws", "printed"), ("though 20 000 samples hardly", "figure; tested"),
    ("of seven paths from step 1000 on the left to step 0 on", "figure"),
    ("the jump to step *t* − 1, the second", "step 1"), ("Steps 1 to 5 turn", "steps"),
    ("Steps 6 to 11 look", "steps"), ("Steps 12 and 13 make", "steps"),
    ("are the Gaussians of step 1. The first", "step 1"), ("Put it into step 4 and collect", "step 4"),
    ("fresh noise of step 3; at full", "step 3"), ("as step 4 does", "tested"),
    ("With η at 0 nothing is fresh", "definition"), ("by step 7 the two noises", "step 7"),
    ("With η at 0 the correlation is 1, one noise", "tested"), ("steps 7 and 8 with both guesses", "steps"),
    ("the guess of step 5 into step 11. That", "steps"), ("formulas with η at 1 really", "printed"),
    ("it vanishes at 1 and nowhere else", "tested"), ("- η at 1 is DDPM", "tested"),
    ("; η at 0 is DDIM: no dice", "definition"), ("the noisy state at step 500 from a clean picture", "an example"),
    ("near −1 or near 1", "the density"), ("At step 1000 the guess is all but the mean", "printed"),
    ("At step 50 it keeps to the side", "tested"), ("Two exact draws (last row) are not at 0 either", "definition"),
    ("All three start at 1 and fall", "figure; tested"),
    ("DDIM lies below DDPM, at 100 at less than half of it", "figure; tested"),
    ("below both up to 20 steps, level with DDIM at 50 and", "figure; tested"),
    ("From 50 steps on DDIM is inside", "figure; tested"), ("stay almost level until step 400", "figure; tested"),
    ("a chain of steps 1 … *T*", "T"),
    ("Half the data lies around −1 and half around 1, with a spread of 0.25", "the density"),
    ("with time from 0 to 1", "the site's convention"),
    ("You are at 0.5 on step 500, and go to step 250", "worked example"),
    ("to the size that step 250 asks for", "worked example"), ("After 2 steps both samplers", "figure; tested"),
    ("one hump at 0.", "figure; tested"), ("humps at minus 1 and 1", "the density"),
    ("After 5 steps two peaks", "figure; tested"), ("After 10 and 20 steps two humps", "figure; tested"),
    ("it even beats DDIM at 5, 10 and 20 steps", "figure; tested"), ("DDPM and DDIM, 1000 steps each", "a question"),
    ("You sample in 5 steps", "a question"),
    ("quantiles 0.1, 0.25, 0.75 and 0.9, with `draw` for the data and 1000 steps", "a question"),
    ("Take *one* start, 0.3, and run each sampler 5000 times", "figure; tested"), ("to the figure 8", "a shape"),
    ("each stretch of the 8 has", "a shape"), ("( ) The 499 states between", "an example"),
    ("the dial, from 0 (no dice) to 1 (DDPM)", "definition"),
    ("the sum is multiplied by the variance of step 3", "step 3"),
    ("weight it has in step 4. Because: put", "step 4"), ("into step 4, and the old noise", "step 4; tested"),
    ("Write out step 3 under the root", "step 3"), ("So with η at 1, step 7 weighs the present state", "tested"),
    ("which is η at 1. Otherwise", "tested"), ("Write *s* for *t* − 1, ", "notation"),
    ("- `0`: *makes no room*", "tested"), ("too wide unless η is 0. -", "tested"),
    ("Powers add up ([step 8])", "step 8"), ("in the form of [step 5], with strides", "step 5"),
    ("with its dial, [step 11] with the strides of [step 12]", "steps"),
    ("the family itself, from [step 7] to [step 10], with", "steps"),
    ("## A step of an ODE [Step 13] in code", "step 13"), ("Take [step 13] from data", "step 13"),
    ("red line at …, labelled all 5000.", "figure"), ("At 1000 steps it *is* the other way round", "tested"),
    ("On CIFAR-10, scaled to [0, 1], the squared error", "pixels"),
    ("per dimension falls from 0.014 at 10 steps to 0.0001 at 1000", "Song et al. (2021), Table 2"),
    ("That is the scatter of [step 12], which", "step 12; tested"), ("Now the gap. At 5 steps it is small", "tested"),
    ("and … off at 100 steps,", "computed"), ("too wide: … at 10 steps", "computed"),
    ("On CIFAR-10, quadratically spaced, DDIM has 13.36 and DDPM 41.07 at 10 steps,", "Song et al. (2021), Table 1"),
    ("and 4.67 against 8.01 at 50", "Song et al. (2021), Table 1 and App. D.2"),
    ("The larger variance has 367.43 at 10 steps, from", "Song et al. (2021), Table 1"),
    ("With all 1000 it has 3.17, where DDIM has 4.04 and", "Song et al. (2021), Table 1"),
    (r"$\tilde\beta_t$ 4.73", "Song et al. (2021), Table 1"), ("the wrong way*: [step 11] reads", "step 11"),
    ("Unless η is 1, the next", "tested"), ("on the picture ([step 10])", "step 10"),
    ("DDPM, with η at 1, is narrower still", "definition"), ("1. Draw pure noise. - With η at 0, that", "an order"),
    ("2. Let the network name", "an order"), ("3. Work out the picture", "an order"),
    ("4. Mix that picture", "an order"), ("5. At step 0, stop.", "an order"), ("for the ODE of [step 13]", "step 13"),
]  # fmt: skip
TITLES = [" ".join(title.split()) for title in re.findall(r"^\d+\. +\*\*.*?\*\*", PAGE, flags=re.MULTILINE)]
CITED += [(title, "the number of a step") for title in TITLES]


class Steps(Numbers):
    """The page with the displays of its numbered steps moved to the margin, where formulas are not prose."""

    @property
    def text(self) -> str:
        return re.sub(r"^ +(?=\$\$)", "", super().text, flags=re.MULTILINE)


NUMBERS = Steps("docs/advanced/ddpm_and_ddim.md", [], CITED)


def test_steps_are_numbered_from_one():
    assert [int(title.split(".")[0]) for title in TITLES] == list(range(1, 14))


def test_every_number_is_computed_or_cited():
    assert NUMBERS.unaccounted() == []


def test_a_changed_digit_anywhere_is_noticed():
    assert len(re.findall(r"\d", prose(PAGE))) > 100
    assert NUMBERS.unnoticed() == []


# --- the code, and what it prints -------------------------------------------------------------------------------------

NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?")


def blocks(page: str) -> list[tuple[str, str, float]]:
    """The page's code blocks but the one with a gap: (section, the output shown right below it, its tolerance)."""
    found = []
    page = re.sub(r"^```\{\.python data-gap.*?^```$\s*^```output.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    for fence in re.finditer(r"^```([^\n]*)\n(.*?)^```$", dedented(page), flags=re.DOTALL | re.MULTILINE):
        if "python" in fence[1]:
            include = re.fullmatch(r'--8<-- "advanced/ddpm_and_ddim\.py:(\w+)"\n', fence[2])
            assert include, f"a block is one include of the page's snippet file, not {fence[2]!r}"
            assert fence[1] == ("{.python .continues}" if found else "python")
            found.append((include[1], "", 0.0))
        else:
            tolerance = re.fullmatch(r'output|\{\.output data-tolerance="(0\.\d+)"\}', fence[1])
            assert tolerance and not found[-1][1], f"output without its code: {fence[0]!r}"
            found[-1] = (found[-1][0], fence[2], float(tolerance[1] or 0))
    return found


def agree(shown: str, printed: str, tolerance: float) -> bool:
    """Same words; decimals within one unit of the last place and the tolerance, whole numbers exactly."""
    ones, others = NUMBER.findall(shown), NUMBER.findall(printed)
    if NUMBER.sub("#", shown).split() != NUMBER.sub("#", printed).split() or len(ones) != len(others):
        return False
    for one, other in zip(ones, others, strict=True):
        mantissa, _, power = one.partition("e")
        unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2])) if "." in mantissa or power else 0.0
        if abs(float(one) - float(other)) > 1.0001 * unit + tolerance * max(abs(float(one)), abs(float(other))):
            return False
    return True


@pytest.fixture(scope="module")
def printed() -> str:
    run = subprocess.run(
        [sys.executable, SNIPPET], capture_output=True, text=True, encoding="utf-8", timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_blocks_follow_the_file_and_print_what_the_page_shows(printed):
    shown = blocks(PAGE)
    assert [name for name, *_ in shown] == re.findall(r"\[start:(\w+)\]", SNIPPET.read_text("utf-8"))
    lines = printed.splitlines(keepends=True)
    for name, output, tolerance in shown:
        count = len(output.splitlines())
        assert count and agree(output, "".join(lines[:count]), tolerance), f"{name}: {''.join(lines[:count])}"
        del lines[:count]
    assert lines == []


def test_what_should_be_rounding_is_rounding(printed):
    apart = [float(number) for number in re.findall(r"apart by at most (\S+)", printed)]
    assert len(apart) == 6 and max(apart) < 1e-10


def test_lines_are_short(printed):
    assert max(map(len, printed.splitlines())) <= 74


def without_the_term(steps: int, eta: float) -> torch.Tensor:
    """The ends of a loop that does not make room for the fresh noise."""
    x, grid = starts().repeat(4), torch.linspace(1000, 0, steps + 1).round().long()
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        a, b = ALPHA_BAR[t], ALPHA_BAR[s]
        x0 = figures._ideal(x, t.double() / 1000)
        eps = (x - a.sqrt() * x0) / (1 - a).sqrt()
        fresh = eta * ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
        x = b.sqrt() * x0 + (1 - b).sqrt() * eps + fresh * torch.randn_like(x)
    return x


def test_the_answer_to_the_gap():
    """With 1000 steps and without the missing term, samples are wider than with it unless nothing is fresh."""
    torch.manual_seed(13)
    assert_close(without_the_term(1000, 0.0), sampled(1000, 0.0, starts().repeat(4)))
    for eta in (0.1, 0.3, 1.0):
        yours, his = sampled(1000, eta, starts().repeat(4)), without_the_term(1000, eta)
        assert his.std() > 1.01 * yours.std(), eta
    assert without_the_term(5, 1.0).std() < TRUE_SPREAD, "why 1000: in few steps the contraction outweighs it"


# --- the pictures, and what is said of them ---------------------------------------------------------------------------


def seed(figure) -> int:
    return figure.__defaults__[-1]


def test_ddim_paths_keep_their_order_and_the_red_paths_part():
    torch.manual_seed(seed(figures.paths))
    x = torch.tensor(figures.STARTS, dtype=DOUBLE)
    smooth, rough = figures._walk(x, 1000, 0.0), figures._walk(x, 1000, 1.0)
    red = figures.STARTS.index(figures.CHOSEN)
    assert (smooth.diff(dim=1) > 0).all()
    assert (rough.diff(dim=1) < 0).any(dim=0).all(), "every pair of neighbours crosses"
    assert smooth[-1, red] > 0.5 and rough[-1, red] < -0.5
    assert (smooth[:601] - x).abs().max() < 0.05, "almost level until step 400"


def test_from_one_start_ddpm_draws_from_the_whole_density():
    torch.manual_seed(seed(figures.one_start))
    same = torch.full((5000,), figures.CHOSEN, dtype=DOUBLE)
    assert figures._walk(same[:10], 1000, 0.0)[-1].std() < 1e-12
    ends = figures._walk(same, 1000, 1.0)[-1]
    floor = max(w1(draw(5000), draw(5000)) for _ in range(10))
    assert w1(ends, draw(5000)) < 1.5 * floor


def test_few_steps_contract_towards_the_mean():
    torch.manual_seed(seed(figures.few_steps))
    x = torch.randn(20_000, dtype=DOUBLE)
    for eta in (0.0, 1.0):
        spreads = [float(figures._ends(x, steps, eta).std()) for steps in (1, 2, 5, 10, 20, 1000)]
        assert spreads == sorted(spreads) and spreads[-2] < TRUE_SPREAD
        two, five, ten = (figures._ends(x, steps, eta) for steps in (2, 5, 10))
        assert (two.abs() < 0.2).double().mean() > (0.2 + (two.abs() > 0.4).double().mean()), "one hump at 0"
        assert (five.abs() < 0.2).double().mean() > 0.08, "a bridge"
        assert (five.abs() > 1.4).double().mean() < 0.001, "no outer flanks"
        assert ten[ten > 0].std() < 0.25 + 0.01


def test_the_distances_are_as_the_page_says():
    ddim, ddpm, wide = ({n: off(n, *kind) for n in figures.COUNTS} for kind in ((0.0,), (1.0,), (1.0, True)))
    for curve in (ddim, ddpm, wide):
        assert 0.99 < curve[1] < 1 and list(curve.values()) == sorted(curve.values(), reverse=True)
    assert all(ddim[n] < ddpm[n] for n in figures.COUNTS[1:])
    assert ddpm[5] < 1.2 * ddim[5] and 1.3 < ddpm[50] / ddim[50] < ddpm[100] / ddim[100], "small at 5, and growing"
    assert ddim[100] < ddpm[100] / 2
    assert all(wide[n] < ddim[n] for n in (2, 5, 10, 20)), "the larger variance is below both up to 20"
    assert abs(wide[50] / ddim[50] - 1) < 0.03, "level at 50"
    assert all(1.05 * ddim[n] < wide[n] < ddpm[n] for n in (100, 1000)), "just above DDIM, still below DDPM"
    torch.manual_seed(seed(figures.distance))
    floor = figures._w1(figures._draw(20, figures.SAMPLES), figures._draw(20, figures.SAMPLES))
    assert max(ddim[n] for n in (50, 100, 1000)) < floor.max() < ddim[20], "in the band from 50 on"
    assert floor.min() < ddim[100] < ddpm[100] < floor.max(), "so near that samples hardly show it"


@pytest.mark.parametrize("steps, eta", [(1, 0.0), (5, 0.0), (5, 1.0), (20, 0.0), (20, 1.0), (100, 0.0), (100, 1.0)])
def test_the_densities_carried_along_are_those_of_the_library_sampler(steps, eta):
    """Shares of ends below five places, against 80 000 ends of the library's sampler."""
    torch.manual_seed(14)
    ends = sampled(steps, eta, starts().repeat(40))
    places, below = carried(steps, eta)
    at = torch.tensor([-1.3, -0.9, -0.3, 0.005, 1.1], dtype=DOUBLE)
    shares = torch.tensor([float((ends < place).double().mean()) for place in at], dtype=DOUBLE)
    assert_close(torch.from_numpy(np.interp(at, places, below, 0, 1)), shares, atol=0.006, rtol=0)


def test_the_wide_variance_is_beta_but_in_the_last_stride():
    """Two strides: the first spreads by β what η = 1 spreads by the smaller variance; the second adds nothing."""
    a, b = ALPHA_BAR[1000], ALPHA_BAR[500]
    torch.manual_seed(15)
    x = torch.randn(400_000, dtype=DOUBLE)

    def stride(x, t, s):
        times = torch.tensor([t, s], dtype=DOUBLE) / 1000
        return samplers.last(samplers.ddim(figures._ideal, figures.CHAIN, x, times, 1.0))

    more = (1 - a / b) * (1 - (1 - b) / (1 - a))
    ends = stride(stride(x, 1000, 500) + more.sqrt() * torch.randn_like(x), 500, 0)
    at = torch.tensor([-0.5, -0.2, 0.05, 0.4], dtype=DOUBLE)
    shares = torch.tensor([float((ends < place).double().mean()) for place in at], dtype=DOUBLE)
    assert_close(torch.from_numpy(np.interp(at, *carried(2, 1.0, True), 0, 1)), shares, atol=0.003, rtol=0)
    narrow = torch.from_numpy(np.interp(at, *carried(2, 1.0), 0, 1))
    assert (narrow - shares).abs().max() > 0.008, "the two variances differ"


BRACKET = re.search(r"\$\\left\((.*?)\\right\)\^2\\,\\mathrm\{Var\}", PAGE)[1]


def bracket(t: int, s: int, eta: float) -> float:
    """Step 12's bracket, read off the page."""
    return Reader(BRACKET, table(t, s, eta)).value()


def moments(t: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """Places, the exact density of x_t on them times their distance, the ideal guess there, and E Var(x_0 | x_t)."""
    a, x = ALPHA_BAR[t], torch.linspace(-7, 7, 28_001, dtype=DOUBLE)
    width = (a * 0.25**2 + 1 - a).sqrt()
    mass = sum(torch.exp(-(((x - mode * a.sqrt()) / width) ** 2) / 2) for mode in (-1, 1))
    mass = mass / mass.sum()
    guess = figures._ideal(x, torch.tensor(t / 1000, dtype=DOUBLE))
    return x, mass, guess, TRUE_SPREAD**2 - float(mass @ guess**2)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("t, s", [(1000, 800), (500, 250), (300, 290), (200, 0)])
def test_what_a_stride_drops(t, s, eta):
    """From the right crowd at t, the variance at s is short by just the scatter of step 12, and both shares grow."""
    x, mass, guess, scatter = moments(t)
    at, wanted = table(t, s, eta), ALPHA_BAR[s] * TRUE_SPREAD**2 + 1 - ALPHA_BAR[s]
    mean = bracket(t, s, eta) * guess + at["k_t"] / math.sqrt(1 - at[r"\bar\alpha_t"]) * x
    assert_close(
        wanted - (mass @ mean**2 + at[r"\sigma_t"] ** 2), bracket(t, s, eta) ** 2 * torch.tensor(scatter).double()
    )
    assert bracket(t, s, eta) > 0 and (guess.diff() > 0).all() and (mean.diff() > 0).all(), "a stride keeps the order"


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_the_losses_sum_to_about_one_over_n(eta):
    half = bracket(600, 590, eta) / bracket(600, 595, eta)
    assert abs(half - 2) < 0.05, "proportional to the stride"
    sums = []
    for stride in (8, 4, 2):
        pairs = [(t, t - stride) for t in range(1000, 0, -stride)]
        sums.append(sum(bracket(t, s, eta) ** 2 * moments(t)[3] for t, s in pairs))
    assert all(1.7 < one / other < 2.3 for one, other in zip(sums, sums[1:], strict=False)), sums


def test_the_quick_denoiser_is_the_librarys():
    x, t = torch.linspace(-3, 3, 61, dtype=DOUBLE), torch.tensor(0.4, dtype=DOUBLE)
    assert_close(figures._ideal(x, t), exact.exact(figures.MODES, figures.CHAIN)(x[:, None], t)[:, 0])


@pytest.mark.slow
def test_a_noise_vector_names_one_point_with_ddim_only():
    """Angles of noise against places on the 8: neighbours stay neighbours with DDIM, and are strewn about with DDPM."""
    net = figure_eight_denoiser(torch.device("cpu"))
    torch.manual_seed(seed(figures.noise_names_points))
    noise = torch.randn(1500, 2)
    angle = torch.atan2(noise[:, 1], noise[:, 0])
    apart = []
    for eta in (0.0, 1.0):
        ends = figures._cleaned(net, noise, eta)
        nearest = torch.cdist(ends, ends).topk(2, largest=False).indices[:, 1]
        apart.append(float((1 - torch.cos(angle - angle[nearest])).mean()))
    assert apart[0] < 0.1 and apart[1] > 0.8, apart
    walk = figures._cleaned(net, figures._arc(181), 0.0)
    strides = (walk[1:] - walk[:-1]).norm(dim=1)
    assert strides.max() > 4 * strides.median(), "a leap between the loops"
    assert walk[0, 0] > 0.3 and walk[-1, 0] < -0.3
    curve = points.lemniscate(torch.linspace(0, 2 * math.pi, 2001))
    astray = torch.cdist(walk, curve).amin(1)
    assert astray[strides.argmax()] > 0.1 > astray.median(), "it cuts past the crossing, two widths off the curve"


# --- the form of the page ---------------------------------------------------------------------------------------------


def test_formulas_are_few_and_each_display_is_said_in_words():
    after = re.findall(r"^ *\$\$[^$]*\$\$\n\n *\**(.*?)$", PAGE, flags=re.MULTILINE)
    inline = re.findall(r"\$[^$]+\$", PAGE.replace("$$", "\n"))
    assert len(after) == PAGE.count("$$") // 2 and all(line.startswith("In words:") for line in after), after
    assert len(after) + len(inline) <= 75
    assert not re.search(r"^#.*\$", PAGE, flags=re.MULTILINE), "no math in headings"


def test_every_step_has_its_reason():
    steps = re.split(
        r"^\d+\. ", PAGE[PAGE.index("/// proof | ") : PAGE.index("/// myth | ddim-non")], flags=re.MULTILINE
    )
    assert len(steps) == 14 and all(
        len(re.findall("^    Because: ", step, flags=re.MULTILINE)) == 1 for step in steps[1:]
    )


def test_pictures_exist_and_are_described():
    pictures = re.findall(r"!\[([^]]*)\]\(ddpm_and_ddim/(\w+)\.(svg|webp)\)", PAGE)
    for alt, name, form in pictures:
        kind = figures.__dict__[name].__annotations__["return"]
        assert form == ("webp" if "webp" in getattr(kind, "__metadata__", ()) else "svg"), name
        assert len(alt.split()) >= 20 and alt.endswith("."), f"{name}: describe what is to be seen"
    drawn = {name for name, thing in vars(figures).items()
             if getattr(thing, "__module__", "") == figures.__name__ and callable(thing) and name[0] != "_"}  # fmt: skip
    assert {name for _, name, _ in pictures} == drawn - VALUES


@pytest.mark.parametrize("word", ["errata", "seed document", "TODO"])
def test_no_workshop_talk(word):
    assert word.lower() not in PAGE.lower()
