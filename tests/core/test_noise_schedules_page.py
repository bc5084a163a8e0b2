"""The page on noise schedules says only what can be computed or is cited."""

import math
import re
from pathlib import Path

import pytest
import torch
from page_numbers import Numbers, prose

from diffusion_ladder import denoisers, schedules, targets
from diffusion_ladder.data.photos import CREDITS, photo
from figures.intermediate import noise_schedules as figures
from recipes.figure_eight_denoiser import figure_eight_denoiser

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/intermediate/noise_schedules.md").read_text("utf-8")

# --- the numbers, computed apart from the page's own code -------------------------------------------------------------

TIMES = torch.arange(1, 1001, dtype=torch.float64) / 1000


def power(schedule) -> torch.Tensor:
    """ᾱ_1 … ᾱ_T."""
    return schedule(TIMES)[0] ** 2


LINEAR = power(schedules.ddpm(schedules.linear_betas()))
COSINE = power(schedules.ddpm(schedules.cosine_betas()))
SIGMOID = power(schedules.sigmoid())
STABLE_DIFFUSION = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2  # its published β range
CAT = torch.fft.fft2(photo("chelsea", 64).double(), norm="ortho").abs() ** 2  # (3, 64, 64)


def db(alpha_bar) -> float:
    return 10 * math.log10(alpha_bar / (1 - alpha_bar))


def first(alpha_bar: torch.Tensor, level: float) -> int:
    """The first step with no more than `level` of the power left."""
    return int((alpha_bar > level).sum()) + 1


def share(alpha_bar: torch.Tensor, low: float, high: float) -> float:
    """Percentage of steps with an SNR in [low, high] dB."""
    level = 10 * torch.log10(alpha_bar / (1 - alpha_bar))
    return 100 * float(((level >= low) & (level <= high)).double().mean())


def shares(alpha_bar: torch.Tensor) -> list[float]:
    """Percentages of steps above 20 dB, between, and below −20 dB."""
    return [share(alpha_bar, *band) for band in ((20, math.inf), (-20, 20), (-math.inf, -20))]


def alive(alpha_bar: torch.Tensor, step: int) -> float:
    """Percentage of the photograph's frequencies that are stronger than the noise."""
    kept = alpha_bar[step - 1]
    return 100 * float((kept * CAT > 1 - kept).double().mean())


def crossing(step: int) -> float:
    wave = torch.fft.fftfreq(64) * 64
    ring = (wave[:, None] ** 2 + wave**2).sqrt().round()
    spectrum = torch.tensor([CAT[:, ring == k].mean() for k in range(1, 33)])
    return figures._crossing(spectrum, float((1 - LINEAR[step - 1]) / LINEAR[step - 1]))


def demo(scale: float) -> torch.Tensor:
    """ᾱ_T of a chain of 100 steps with DDPM's range of β times `scale`."""
    return torch.prod(1 - schedules.linear_betas(100, scale * 1e-4, scale * 0.02))


# Each row: a phrase of the page, with its numbers taken out, and what belongs there. The format is the page's rounding.
COMPUTED = [
    ("less than {:.0f} % of the power is left", math.ceil(100 * LINEAR[499])),
    ("marked 0 dB: linear at step {}, cosine and sigmoid at step {}", first(LINEAR, 0.5), round(first(COSINE, 0.5), -1)),
    ("Linear passes 0.3 at step {}, cosine at step {}.", first(LINEAR, 0.3), first(COSINE, 0.3)),
    ("flat at 0 from step {} on", next(t for t in range(100, 1001, 100) if LINEAR[t - 1] < 0.01)),
    ("1 dB is {:.2f} of log-SNR", math.log(10) / 10),
    ("Linear crosses 0 dB at step {} and slides to minus {:.0f} dB.", first(LINEAR, 0.5), -db(LINEAR[-1])),
    ("cross near step {:.0f}", round((first(COSINE, 0.5) + first(SIGMOID, 0.5)) / 2, -1)),
    ("multiplied by {:.2f} and the static by {:.2f}", math.sqrt(0.30), math.sqrt(0.70)),
    ("add up to one are 0.30 and {:.2f}", 1 - 0.30),
    ("at 0.30 the picture is {:.0f} % signal and {:.0f} % noise", 100 * math.sqrt(0.30), 100 * math.sqrt(0.70)),
    ("At 0.30 the SNR is {:.2f}", 0.30 / 0.70),
    ("And {:.0f} % and {:.0f} % do not add up to a whole", 100 * math.sqrt(0.30), 100 * math.sqrt(0.70)),
    ("Linear: {:.0f}, {:.0f} and {:.0f} percent.", *shares(LINEAR)),
    ("Cosine: {:.0f}, {:.0f} and {:.0f} percent.", *shares(COSINE)),
    ("Sigmoid: {:.0f}, {:.0f} and {:.0f} percent.", *shares(SIGMOID)),
    ("{:.0f} % of its steps lie between 20 and −20 dB, against {:.0f} %", shares(COSINE)[1], shares(LINEAR)[1]),
    ("the far end, below −20 dB: {:.1f} % of the steps against {:.0f} %", shares(COSINE)[2], shares(LINEAR)[2]),
    (r"ends at $\bar\alpha_T$ = {:.5f}, or −{:.1f} dB", LINEAR[-1], -db(LINEAR[-1])),
    ("takes 100 steps does end at {:.2f}: that is −{:.1f} dB, and {:.0f} % of the amplitude",
     demo(1), -db(demo(1)), 100 * demo(1) ** 0.5),
    ("multiply the range by 10 and the 100 steps end at {:.5f}", demo(10)),
    ("At {:.0f} dB the figure 8 is sharp", db(figures._power(figures.COSINE, torch.tensor(figures.LEVELS[0])))),
    ("At {:.0f} dB the loops are filled in", db(figures._power(figures.COSINE, torch.tensor(figures.LEVELS[1])))),
    ("At minus {:.0f} dB there is one blob", -db(figures._power(figures.COSINE, torch.tensor(figures.LEVELS[2])))),
    ("at −{:.0f} dB all arrows point roughly", -db(figures._power(figures.COSINE, torch.tensor(figures.LEVELS[2])))),
    ("crosses them near {:.0f}, {:.0f} and {:.0f} cycles", crossing(20), crossing(100), crossing(200)),
    ("the cat has {:.3f}, so for it every level is about {:.0f} dB worse", CAT.mean(), -10 * math.log10(CAT.mean())),
    ("in 256 levels, so one level is 1/{}", 255 / 2),
    ("in the mean of 64 × 64 numbers the noise's power is down by {:.0f} dB", 10 * math.log10(64 * 64)),
    ("How can a model notice −{:.1f} dB", -db(torch.prod(1 - STABLE_DIFFUSION))),
    ("{} the finest stripe that 64 pixels can hold", 64 // 2),
    ("At step 200 cosine has {:.1f} % of this picture's frequencies above the noise, and linear {:.1f} %",
     alive(COSINE, 200), alive(LINEAR, 200)),
    ("At step 500 cosine is down to {:.1f} %", alive(COSINE, 500)),
    ("the side makes the same step {:.0f} dB easier, and it takes {:.0f} dB more noise", *[10 * math.log10(2 * 2)] * 2),
    ("$b = 0.5$ costs {:.0f} dB", -20 * math.log10(0.5)),
    (r"$\sqrt{{\bar\alpha_T}}$ = {:.3f} of the amplitude, which is −{:.1f} dB",
     torch.prod(1 - STABLE_DIFFUSION) ** 0.5, -db(torch.prod(1 - STABLE_DIFFUSION))),
    ("from 64 to 256 pixels a side, the redundancy is worth {:.0f} dB", 20 * math.log10(256 / 64)),
    ("Shift the schedule by about {:.0f} dB towards noise, or scale the pictures down by $b = {:.2f}$",
     20 * math.log10(256 / 64), 64 / 256),
    ("Linear 100 ({:.0f} dB), cosine 500 ({:.0f} dB), cosine 800 (−{:.0f} dB), linear 500 (−{:.0f} dB)",
     db(LINEAR[99]), abs(db(COSINE[499])), -db(COSINE[799]), -db(LINEAR[499])),
    ("the step is {}.", first(LINEAR, 0.1)),
    ("cosine puts {:.0f} % of them between 20 and −20 dB", shares(COSINE)[1]),
]  # fmt: skip

# What somebody else found or chose, or what the page itself sets: (phrase, where it comes from).
CITED = [
    (r"from $10^{-4}$ to $0.02$ in $T = 1000$ steps", "Ho et al. (2020), Sec. 4"),
    ("**offset** $s = 0.008$", "Nichol & Dhariwal (2021), Sec. 3.2"),
    ("one level of an 8-bit pixel", "Nichol & Dhariwal (2021), Sec. 3.2: 1/127.5"),
    ("at 64 × 64 and 32 × 32 pixels", "Nichol & Dhariwal (2021), Sec. 3.2"),
    ("With $a = -3$ and $b = 3$", "Jabri et al. (2022); default of the widely used implementation"),
    ("blocks of 2 × 2 pixels", "an example"),
    ("Training at 64 pixels went well. You go to 256", "an example"),
    (r"Say $\bar\alpha_t = 0.30$", "the worked example"),
    (r"at step 500 neither schedule is anywhere near 0.30", "the worked example"),
    ("though 0.01 and 0.0001 are very different places", "an example"),
    ("every 10 dB is a factor of ten, and 0 dB means", "definition of the decibel"),
    ("Above 20 dB", "the band"), ("Below −20 dB", "the band"), ("stay between 20 and minus 20 dB", "the band"),
    ("a straight line from 19 to −19", "a question"), ("A fifth, not a third: −20 dB is our line", "the band"),
    ("0 dB is as much of one as of the other, and 10 dB more", "definition of the decibel"),
    ("or a picture of power 1", "definition"), ("read 2 log b", "SNR goes with the square of b"),
    ("and the picture has power 1", "definition"),
    ("at 0 dB, you saw so little", "definition of the decibel"), ("Pixels run from −1 to 1", "the library's range"),
    ("Put a 1 in front", "definition"), ("before step 1", "definition"),
    ("how gently the curve leaves 1, and how gently it meets 0", "definition"), ("`fft2`", "a function's name"),
    ("across the picture: 1 is a broad shape", "definition"),
    ("one step out of 1000", "T"), ("You may keep 1000 frames", "T"), ("if all 1000 steps", "T"),
    ("With its 1000 steps", "T"), ("over 1000 steps", "T"),
    ("of its 1000 steps", "T"), 
    ("from a clean picture to step 500 without walking through the 499", "an example"),
    ("at steps 20, 100, 260, 500 and 800", "figure"), ("lost it by step 500", "figure"),
    ("noise at steps 20, 100 and 200", "figure"), ("power falling from 1 to 0", "figure"),
    ("linear at step 500, cosine at step 500, linear at step 100, cosine at step 800", "figure"),
    ("ᾱ = 0.5. Its SNR is: (a) 0.5, (b) 0 dB, (c) −3 dB", "a question"), (r"$10\log_{10} 0.5$", "a question"),
    ("`int((linear > ____).sum()) + 1`. The gap is `0.1`", "a question"),
    ("starts near 1 and falls towards 0", "definition"), ("runs time from 0 (data) to 1 (noise)", "definition"),
    ("the curve ends at exactly 0", "Eq. of the cosine schedule"),
    ("to run from 1 to 0", "Eq. of the sigmoid schedule"), ("that is 0, minus infinity", "log of 0"),
    ("Near 0 the curves", "figure"), ("picture's power as 1.", "definition"), ("ratio is 1, and its logarithm is 0.", "definition"),
    ("figure 8", "a shape"), (" (a) ", "a question"),
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
    pictures = re.findall(r"!\[([^]]*)\]\(noise_schedules/(\w+)\.(svg|webp)\)", PAGE)
    for alt, name, form in pictures:
        kind = figures.__dict__[name].__annotations__["return"]
        assert form == ("webp" if "webp" in getattr(kind, "__metadata__", ()) else "svg"), name
        assert len(alt.split()) >= 20 and alt.endswith("."), f"{name}: describe what is to be seen"
    drawn = {name for name, thing in vars(figures).items()
             if getattr(thing, "__module__", "") == figures.__name__ and callable(thing) and name[0] != "_"}  # fmt: skip
    assert {name for _, name, _ in pictures} == drawn


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
