"""The refreshers are short, can be said aloud, and their examples are right."""

import math
import re
from fractions import Fraction
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "snippets/refreshers"
TEXTS = {file.stem: file.read_text("utf-8") for file in sorted(FOLDER.glob("*.md"))}


def bell(x: float, std: float) -> float:
    return math.exp(-(x**2) / (2 * std**2)) / (std * math.sqrt(2 * math.pi))


def width_of_sum() -> float:
    """The peak of the density of a sum is that of the two densities folded: as high as a Gaussian of width 5."""
    peak = sum(bell(x / 100, 3) * bell(x / 100, 4) / 100 for x in range(-4000, 4001))
    return 1 / (peak * math.sqrt(2 * math.pi))


def walk(step: Fraction) -> list[Fraction]:
    places = [Fraction(1)]
    while len(places) <= 1 / step:
        places.append(places[-1] - places[-1] * step)
    return places


def slope(f, x, k, h=1e-6):
    up, down = list(x), list(x)
    up[k] += h
    down[k] -= h
    return (f(up) - f(down)) / (2 * h)


def hill(x):
    return x[0] ** 2 + 3 * x[1]


EXAMPLES = {
    "gaussian": ("variance 25, so its width is {:.0f}, not 7", [width_of_sum()]),
    "expectation": ("= {}/{}$, which", [*Fraction(sum(range(1, 7)), 6).as_integer_ratio()]),
    "bayes": ("3 cases out of {}: one in four", [3 + 27 // 3]),
    "kl": ("about a seventh", []),
    "gradient": ("is $({:.0f}, {:.0f})$, of length {:.0f}", [*(g := [slope(hill, (2, 1), k) for k in (0, 1)]), math.hypot(*g)]),
    "ode_sde": (r"$1 \to \frac{}{} \to \frac{}{}$", [n for x in walk(Fraction(1, 2))[1:] for n in x.as_integer_ratio()]),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_example(name):
    phrase, numbers = EXAMPLES[name]
    assert phrase.format(*numbers) in TEXTS[name]


def test_the_coin_and_the_limit():
    kl = sum(0.5 * math.log(0.5 / belief) for belief in (0.75, 0.25))
    assert kl == pytest.approx(0.5 * math.log(4 / 3)) and kl == pytest.approx(1 / 7, abs=0.005)
    assert math.exp(-1) == pytest.approx(3 / 8, abs=0.01)
    assert abs(walk(Fraction(1, 10))[-1] - math.exp(-1)) < abs(walk(Fraction(1, 2))[-1] - math.exp(-1))


@pytest.mark.parametrize("name", TEXTS)
def test_short_and_spoken(name):
    assert re.match(r'\?\?\? refresher "[^"$]+"\n', TEXTS[name])
    prose = re.sub(r"\$\$.*?\$\$", " ", TEXTS[name].split("\n", 1)[1], flags=re.DOTALL)
    assert len(prose.split()) <= 120
    assert TEXTS[name].count("**In words:**") == TEXTS[name].count("$$") // 2
    assert TEXTS[name].count("**Example.**") == 1
