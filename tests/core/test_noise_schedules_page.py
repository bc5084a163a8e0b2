"""The page on noise schedules says only what can be computed or is cited."""

import ast
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from page_numbers import Numbers, prose

from diffusion_ladder import denoisers, targets
from diffusion_ladder.data.photos import CREDITS, photo
from figures.intermediate import noise_schedules as figures
from lesson import values
from recipes.figure_eight_denoiser import figure_eight_denoiser

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/intermediate/noise_schedules.md").read_text("utf-8")

# --- the numbers, computed another way --------------------------------------------------------------------------------

BETAS = [1e-4 + (0.02 - 1e-4) * k / 999 for k in range(1000)]
SQUARES = [(0.00085**0.5 + (0.012**0.5 - 0.00085**0.5) * k / 999) ** 2 for k in range(1000)]  # Stable Diffusion's


def powers(betas: list[float]) -> list[float]:
    """ᾱ at the steps 0, 1, …, by plain multiplication."""
    found = [1.0]
    for beta in betas:
        found.append(found[-1] * (1 - beta))
    return found


def curve(t: float) -> float:
    """ᾱ of the cosine schedule: Nichol & Dhariwal (2021), Eq. 17."""
    return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2


def sigm(z: float) -> float:
    return 1 / (1 + math.exp(-z))


LINEAR, COSINE = powers(BETAS), [curve(k / 1000) for k in range(1001)]
SIGMOID = [(sigm(3) - sigm(-3 + 6 * k / 1000)) / (sigm(3) - sigm(-3)) for k in range(1001)]


def db(power: float) -> float:
    """The SNR of a share of signal power, in dB."""
    return 10 * math.log10(power / (1 - power)) if power > 0 else -math.inf


def first(power: list[float], level: float) -> int:
    """The first step with no more than `level` of the power left."""
    return next(k for k, one in enumerate(power) if one <= level)


def share(power: list[float], low: float, high: float) -> float:
    """The share of the steps with an SNR in [low, high] dB."""
    return sum(low <= db(one) <= high for one in power[1:]) / 1000


def pixels() -> float:
    return float(photo("chelsea", 64).double().flatten().norm() ** 2 / photo("chelsea", 64).numel())


def drowned(step: int) -> float:
    """Where the photograph's spectrum goes below the noise, the photograph taken apart by a matrix of waves."""
    k = np.arange(64)
    turn = np.exp(-2j * math.pi * np.outer(k, k) / 64) / 8
    strength = (np.abs(turn @ photo("chelsea", 64).double().numpy() @ turn.T) ** 2).mean(0)
    wave = np.minimum(k, 64 - k)
    ring = np.round(np.hypot(wave[:, None], wave)).astype(int)
    spectrum = np.log([strength[ring == r].mean() for r in range(1, 33)])
    floor = math.log((1 - LINEAR[step]) / LINEAR[step])
    last = max(r for r in range(32) if spectrum[r] > floor)
    return float(np.interp(-floor, -spectrum[last : last + 2], [last + 1, last + 2]))


# Function → (the same number, relative tolerance: less where the figure computes in single precision).
AGAIN = {
    "pixel_level": (lambda: 2 / 255, 1e-9),
    "cat_decibels": (lambda: -10 * math.log10(pixels()), 1e-6),
    "decibel_in_nats": (lambda: math.log(10) / 10, 1e-9),
    "thirty_signal": (lambda: math.sqrt(0.3), 1e-9),
    "thirty_noise": (lambda: math.sqrt(0.7), 1e-9),
    "thirty_noise_power": (lambda: 0.7, 1e-9),
    "linear_clean": (lambda: share(LINEAR, 20, math.inf), 1e-9),
    "cosine_clean": (lambda: share(COSINE, 20, math.inf), 1e-9),
    "sigmoid_clean": (lambda: share(SIGMOID, 20, math.inf), 1e-9),
    "sigmoid_middle": (lambda: share(SIGMOID, -20, 20), 1e-9),
    "sigmoid_dead": (lambda: share(SIGMOID, -math.inf, -20), 1e-9),
    "left_panel": (lambda: db(curve(0.06)), 1e-5),
    "middle_panel": (lambda: db(curve(0.25)), 1e-5),
    "right_panel": (lambda: db(curve(0.6)), 1e-5),
    "drowned_from_20": (lambda: drowned(20), 1e-5),
    "drowned_from_100": (lambda: drowned(100), 1e-5),
    "drowned_from_200": (lambda: drowned(200), 1e-5),
    "doubling_decibels": (lambda: 20 * math.log10(2), 1e-9),
    "averaging_decibels": (lambda: 20 * math.log10(64), 1e-9),
    "halving_decibels": (lambda: 20 * math.log10(2), 1e-9),
    "stable_diffusion_decibels": (lambda: db(powers(SQUARES)[-1]), 1e-9),
    "linear_100_decibels": (lambda: db(LINEAR[100]), 1e-9),
    "linear_500_decibels": (lambda: db(LINEAR[500]), 1e-9),
    "cosine_500_decibels": (lambda: db(COSINE[500]), 1e-9),
    "cosine_800_decibels": (lambda: db(COSINE[800]), 1e-9),
    "ratio_at_200": (lambda: LINEAR[200] / (1 - LINEAR[200]), 1e-9),
    "share_in_decibels_at_200": (lambda: 10 * math.log10(LINEAR[200]), 1e-9),
    "twenty_logs_at_200": (lambda: 2 * db(LINEAR[200]), 1e-9),
}
FUNCTIONS = {
    node.name: ast.unparse(node.returns)
    for node in ast.parse(Path(figures.__file__).read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
}
VALUES = {name for name, kind in FUNCTIONS.items() if kind in ("float", "int")}
MYTHS = tomllib.loads((ROOT / "docs/shelf/myths.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(VALUES))
def test_number(name):
    again, tolerance = AGAIN[name]
    assert getattr(figures, name)() == pytest.approx(again(), rel=tolerance)


def test_every_number_is_checked_and_stated():
    assert set(AGAIN) == VALUES and VALUES <= values.used(PAGE)


def test_what_the_page_says_in_words():
    a_third, a_fifth, a_half = 1 / 3, 1 / 5, 1 / 2
    assert share(LINEAR, -math.inf, -20) == pytest.approx(a_third, abs=0.01)
    assert share(LINEAR, -math.inf, -20) > a_fifth
    assert LINEAR[200] > a_half and AGAIN["drowned_from_200"][0]() < 32 / 4  # far from dissolved, most waves drowned
    assert COSINE[800] > LINEAR[500]  # half way through its list, and noisier
    assert 1 / 101 == pytest.approx(10**-2 / (1 + 10**-2))  # −20 dB


# Whole numbers that stand in the page as text. Each row: a phrase, with its numbers taken out, and what belongs there.
COMPUTED = [
    ("marked 0 dB: linear at step …, cosine and sigmoid at step {}", round(first(COSINE, 0.5), -1)),
    ("flat at 0 from step {} on", next(t for t in range(100, 1001, 100) if LINEAR[t] < 0.01)),
    ("cross near step {:.0f}", round((first(COSINE, 0.5) + first(SIGMOID, 0.5)) / 2, -1)),
    ("in {} levels, so one level is …:", 2**8),
    ("{} the finest stripe that 64 pixels can hold", 64 // 2),
    (r"or scale the pictures down by $b = \tfrac{{1}}{{{:.0f}}}$", 256 / 64),
]  # fmt: skip

# What somebody else found or chose, or what the page itself sets: (phrase, where it comes from).
CITED = [
    (r"from $10^{-4}$ to $0.02$ in $T = 1000$ steps", "Ho et al. (2020), Sec. 4"),
    ("**offset** $s = 0.008$", "Nichol & Dhariwal (2021), Sec. 3.2"),
    ("one level of an 8-bit pixel", "Nichol & Dhariwal (2021), Sec. 3.2"),
    ("at 64 × 64 and 32 × 32 pixels", "Nichol & Dhariwal (2021), Sec. 3.2"), ("contribute much (§3.2)", "the same"),
    ("With $a = -3$ and $b = 3$", "Jabri et al. (2022); default of the widely used implementation"),
    ("blocks of 2 × 2 pixels", "an example"), ("in the mean of 64 × 64 numbers", "a latent of Stable Diffusion"),
    ("Training at 64 pixels went well. You go to 256", "an example"),
    (r"Say $\bar\alpha_t = 0.30$", "the worked example"), ("and the picture has power 1", "definition"),
    ("at step 500 linear has … left", "the worked example"),
    ("every 10 dB is a factor of ten, and 0 dB means", "definition of the decibel"),
    ("0 dB is as much of one as of the other, and 10 dB more", "definition of the decibel"),
    ("at 0 dB, you saw so little", "definition of the decibel"), ("units: 1 dB is", "definition of the decibel"),
    ("Linear crosses 0 dB at step …", "definition of the decibel"),
    ("Above 20 dB", "the band"), ("Below −20 dB", "the band"), ("stay between 20 and minus 20 dB", "the band"),
    ("a straight line from 19 to −19", "a question"), ("A fifth, not a third: −20 dB is our line", "the band"),
    ("them between 20 and −20 dB", "the band"), ("How many steps lie between 20 and −20 dB", "the band"),
    ("or a picture of power 1", "definition"), ("read 2 log b", "SNR goes with the square of b"),
    ("A picture of power 1 has", "definition"), ("the ratio is 1, and its logarithm is 0.", "definition"),
    ("Pixels run from −1 to 1", "the library's range"), ("Put a 1 in front", "definition"), ("before step 1", "definition"),
    ("how gently the curve leaves 1, and how gently it meets 0", "definition"), ("`fft2`", "a function's name"),
    ("across the picture: 1 is a broad shape", "definition"),
    ("one step out of 1000", "T"), ("You may keep 1000 frames", "T"), ("if all 1000 steps", "T"),
    ("over 1000 steps", "T"), ("of its 1000 steps", "T"), ("cosine, with 1000 steps in both", "T"),
    ("want the noisy one of step 500", "an example"), ("Add noise 500 times", "an example"), ("of all 500 steps", "an example"),
    ("at steps 20, 100, 260, 500 and 800", "figure"), ("lost it by step 500", "figure"),
    ("noise at steps 20, 100 and 200", "figure"), ("power falling from 1 to 0", "figure"), ("figure 8", "a shape"),
    ("leaves the panel before step 500", "figure"),
    ("1. Linear at step 100", "a question"), ("2. Cosine at step 500", "a question"), ("At step 200, linear has", "a question"),
    ("3. Cosine at step 800", "a question"), ("4. Linear at step 500", "a question"), ("than cosine at 800", "a question"),
    ("(x) 0 dB", "a question"), ("( ) −3 dB", "a question"), ("could make at 0 dB", "a question"),
    (r"$10\log_{10}\tfrac{1}{2}$", "definition of the decibel"),
    ("`curve[1:]`", "code"), ("`curve[0]`", "code"), (r"every $\beta_t$ is 0.", "definition"),
    ("starts near 1 and falls towards 0", "definition"), ("runs time from 0 (data) to 1 (noise)", "definition"),
    ("the curve ends at exactly 0", "Eq. of the cosine schedule"), ("picture's power as 1.", "definition"),
    ("to run from 1 to 0", "Eq. of the sigmoid schedule"), ("that is 0, minus infinity", "log of 0"),
    ("Near 0 the curves", "figure"),
]  # fmt: skip

NUMBERS = Numbers("docs/intermediate/noise_schedules.md", COMPUTED, CITED)


def test_every_number_is_computed_or_cited():
    assert NUMBERS.unaccounted() == []


def test_a_changed_digit_anywhere_is_noticed():
    assert len(re.findall(r"\d", prose(PAGE))) > 150
    assert NUMBERS.unnoticed() == []


def test_formulas_are_few_and_each_display_is_said_in_words():
    after = re.findall(r"^\$\$[^$]*\$\$\n\n(.*?)$", PAGE, flags=re.MULTILINE)
    inline = re.findall(r"\$[^$]+\$", PAGE.replace("$$", "\n"))
    assert len(after) == PAGE.count("$$") // 2 and all(line.startswith("**In words:**") for line in after), after
    assert len(after) + len(inline) <= 60
    assert not re.search(r"^#.*\$", PAGE, flags=re.MULTILINE), "no math in headings"


def test_pictures_exist_and_are_described():
    pictures = re.findall(r"^(- \([ x]\) |)!\[([^]]*)\]\(noise_schedules/(\w+)\.(svg|webp)\)", PAGE, flags=re.MULTILINE)
    for choice, alt, name, form in pictures:
        assert form == ("webp" if "webp" in FUNCTIONS[name] else "svg"), name
        assert len(alt.split()) >= (10 if choice else 20) and alt.endswith("."), f"{name}: describe what is to be seen"
    assert {name for _, _, name, _ in pictures} == set(FUNCTIONS) - VALUES


def test_the_page_shows_its_myths():
    boxes = re.findall(r"^/// myth \| (\S+)$", PAGE, flags=re.MULTILINE)
    assert set(boxes) == {name for name, row in MYTHS.items() if row["page"] == "intermediate/noise_schedules"}
    assert {1, 4, 6, 7, 8, 9} <= {number for name in boxes for number in MYTHS[name]["errata"]}


def test_the_photograph_is_credited():
    credit, caption = CREDITS["chelsea"], " ".join(figures.picture_strips.__doc__.split())
    assert credit.title in caption and credit.author in caption and credit.licence in caption


@pytest.mark.slow
def test_the_network_agrees_with_the_exact_score_and_errs_most_where_the_field_turns():
    net = figure_eight_denoiser(torch.device("cpu"))
    learned = denoisers.denoiser(net, figures.COSINE, targets.V)
    with torch.no_grad():
        errors = [figures._error(learned, figures._cloud(), level) for level in figures.LEVELS]
    assert errors == sorted(errors, reverse=True)
    assert all(error < limit for error, limit in zip(errors, (0.25, 0.10, 0.04), strict=True)), errors


@pytest.mark.parametrize("word", ["errata", "seed document", "TODO"])
def test_no_workshop_talk(word):
    assert word.lower() not in PAGE.lower()
