"""The page on why many small steps says only what can be computed or is cited."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from page_numbers import Numbers, prose
from sklearn.datasets import load_digits
from torch import Tensor

from diffusion_ladder import denoisers, exact, targets
from diffusion_ladder.data.photos import CREDITS, photo
from diffusion_ladder.data.points import lemniscate
from figures.beginner import why_many_steps as figures
from recipes.figure_eight_denoiser import figure_eight_denoiser

torch.set_num_threads(1)  # this file computes while pytest collects it
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/beginner/why_many_steps.md").read_text("utf-8")

# --- the numbers, computed in double precision and apart from the figures' own code -----------------------------------


def mix(power: np.ndarray) -> np.ndarray:
    """Signal power left → amplitudes of picture and static, (steps, 2)."""
    return np.stack([np.sqrt(power), np.sqrt(1 - power)], axis=1)


def turn(t: np.ndarray) -> np.ndarray:
    """The curve of the cosine schedule: Nichol & Dhariwal (2021), Eq. 17."""
    return np.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2


T = np.arange(1001) / 1000
LINEAR = mix(np.cumprod(np.append(1, 1 - np.linspace(1e-4, 0.02, 1000))))
COSINE = mix((turn(T) / turn(0.0)).clip(0, 1))

IMAGES, LABELS = load_digits(return_X_y=True)
DIGIT, LABELS = torch.tensor(LABELS), LABELS.tolist()
KNOWN = torch.tensor(IMAGES / 8 - 1)  # (1797, 64)
LENGTH = KNOWN.square().sum(-1)


def odds(x: Tensor, alpha: float, sigma: float) -> Tensor:
    """Chances of each known digit under a canvas: Bayes, from the distances, with equal chances before."""
    squared_distance = x.square().sum(-1, keepdim=True) - 2 * alpha * x @ KNOWN.T + alpha**2 * LENGTH
    return torch.softmax(-squared_distance / (2 * sigma**2), dim=-1)


def walk(x: Tensor, steps: int, first: int = 1000) -> list[Tensor]:
    """Guess the picture, work out the noise that goes with it, mix both anew for the next level; and so on."""
    states, guess, undecided = [x], torch.empty_like(x), torch.full([len(x)], True)
    levels = mix((turn(np.linspace(first, 0, steps + 1) / 1000) / turn(0.0)).clip(0, 1)).tolist()
    for (alpha, sigma), (next_alpha, next_sigma) in zip(levels, levels[1:], strict=False):
        chances = odds(x[undecided], alpha, sigma)
        guess[undecided] = chances @ KNOWN
        undecided[undecided.clone()] = chances.amax(-1) < 1 - 1e-12  # a guess that is one picture stays that picture
        x = next_alpha * guess + next_sigma * (x - alpha * guess) / sigma
        states.append(x)
    return states


def starts(count: int, seed: int) -> Tensor:
    return torch.randn(count, 64, generator=torch.Generator().manual_seed(seed)).double()


def nearest(x: Tensor) -> Tensor:
    return torch.cdist(x, KNOWN).argmin(-1)


def sharp(x: Tensor) -> Tensor:
    return (x - KNOWN[nearest(x)]).abs().amax(-1) < 1 / 16


FOUR = {steps: walk(starts(4, seed=19), steps) for steps in figures.STEPS}
HUNDRED = starts(100, seed=0)
GOAL = nearest(walk(HUNDRED, 1000)[-1])
ENDS = {steps: walk(HUNDRED, steps)[-1] for steps in figures.CROWD}
BLURRY = {steps: int((~sharp(end)).sum()) for steps, end in ENDS.items()}
ELSEWHERE = {steps: int((sharp(end) & (nearest(end) != GOAL)).sum()) for steps, end in ENDS.items()}


def running(to_go: int) -> float:
    """How many digits the odds of the second start's long walk are spread over."""
    p = odds(FOUR[1000][1000 - to_go][1:2], *COSINE[to_go])
    return float(torch.special.entr(p).sum().exp())


def returned(count: int = 100, steps: int = 250) -> int:
    """How many of the first digits come back as themselves from step 999."""
    alpha, sigma = COSINE[999]
    drowned = alpha * KNOWN[:count] + sigma * starts(count, seed=1)
    return int((nearest(walk(drowned, steps, first=999)[-1]) == torch.arange(count)).sum())


def widths() -> dict[int, float]:
    """Width of the exact crowd after so many steps, against the figure 8's own."""
    start = torch.randn(1500, 2, generator=torch.Generator().manual_seed(7))
    whole = math.sqrt(lemniscate(torch.linspace(0, 2 * math.pi, 10001)[1:])[:, 0].var() + 0.05**2)
    return {n: float(figures._cloud_walk(figures._perfect(), start, n)[:, 0].std()) / whole for n in figures.CLOUD}


def loudness(alpha: float, sigma: float) -> tuple[float, float]:
    """Picture against static in the squinted view, and static against picture in the detail that it loses."""
    cat, block = photo("chelsea", figures.SIDE).double().numpy(), figures.BLOCK
    tiles = cat.reshape(3, -1, block, figures.SIDE // block, block)
    means = tiles.mean((2, 4), keepdims=True)
    coarse = (means - means.mean((1, 3), keepdims=True)).std()
    return alpha * coarse / (sigma / block), sigma * math.sqrt(1 - block**-2) / (alpha * (tiles - means).std())


WIDTH = widths()


def tipped(curve: np.ndarray) -> int:
    """The first step with no more picture than static."""
    return int((curve[:, 0] > curve[:, 1]).sum())


def table_row(step: int, places: str) -> tuple:
    return (
        " | ".join(["| {:.0f}", *["{:" + p + "}" for p in places.split()]]) + " |",
        step,
        *LINEAR[step],
        *COSINE[step],
    )


COMPUTED = [
    table_row(999, ".4f .5f .4f .6f"),
    *[table_row(step, ".3f .3f .3f .3f") for step in (600, 260, 200)],
    table_row(0, ".0f .0f .0f .0f"),
    ("that knows {} handwritten digits", len(KNOWN)),
    ("At {} steps all four are sharp", next(n for n in figures.STEPS if sharp(FOUR[n][-1]).all())),
    ("It is a clear {} at 8 steps and at 16, and then it is a {}.", *[LABELS[nearest(FOUR[n][-1])[2]] for n in (8, 1000)]),
    ("looks like a {} at 4 steps and is a {} from 8 on", *[LABELS[nearest(FOUR[n][-1])[1]] for n in (4, 1000)]),
    ("The third row is a {} up to sixteen steps and a {}", *[LABELS[nearest(FOUR[n][-1])[2]] for n in (16, 64)]),
    ("It is a clean {}, and the long walk ends in a {}.", *[LABELS[nearest(FOUR[n][-1])[2]] for n in (16, 1000)]),
    ("turns slowly into a {}.", LABELS[nearest(FOUR[1000][-1])[1]]),
    ("through a soft {} to a crisp one", LABELS[nearest(FOUR[1000][-1])[1]]),
    ("falls from {:.0f} to {:.0f}", running(1000), running(1)),
    ("At first all {:.0f} pictures are in the running. Half way, the odds are spread as if over {:.0f}.",
     running(1000), running(500)),
    ("to {:.0f} % of its true width, 4 steps to {:.0f} %, 8 to {:.0f} %, 64 to {:.0f} %", *[100 * WIDTH[n] for n in (2, 4, 8, 64)]),
    ("linear keeps {:.3f} of the picture and adds {:.3f} of static", *LINEAR[260]),
    ("At step 600 its static is {:.1f} times its picture. Cosine at that same step has only {:.1f} times as much.",
     LINEAR[600, 1] / LINEAR[600, 0], COSINE[600, 1] / COSINE[600, 0]),
    ("the squinted cat is {:.1f} times as strong as the squinted static, while in the detail static is {:.1f} times",
     *loudness(*LINEAR[260])),
    ("At step 999 the linear schedule has {:.5f} of static and {:.4f} of picture, {:.0f} times less",
     *LINEAR[999][::-1], LINEAR[999, 1] / LINEAR[999, 0]),
    ("as soon as you are below step {}; with cosine, below step {}.", tipped(LINEAR), tipped(COSINE)),
    ("At 4 steps {} of them are blurry, at 8 steps {}, at 16 none", BLURRY[4], BLURRY[8]),
    ("{} end elsewhere at 16 steps, {} at 64, {} at 256", ELSEWHERE[16], ELSEWHERE[64], ELSEWHERE[256]),
    ("As themselves returned: {}.", returned()),
    ("**{:.1f} times:** {:.3f} divided by {:.3f}", LINEAR[200, 0] / LINEAR[200, 1], *LINEAR[200]),
    ("read step 200 of 1000 as {:.0f} % static", 100 * 200 / 1000),
]  # fmt: skip

CITED = [
    ("Song et al. (2021) found 20 to 100 steps about as good as 1000", "Song et al. (2021), Sec. 5.1"),
    ("Myth: step 999 of 1000 is 99.8 % static, and by step 200 a face appears", "the myth"),
    ("(Song et al., 2023)", "a year"),
    ("second row's walk in 1000 steps", "figure"), ("from 1000 steps to go down to none", "figure"),
    ("With 200 steps to go, one is left", "figure; test below"),
    ("where do 1500 points land", "figure"), ("a figure 8.", "a shape"), ("with eight a figure 8 with stray", "a shape"),
    ("a clean figure 8.", "a shape"), ("they have 8 × 8 pixels", "the digits"),
    ("from step 0, the clean picture, up to step 1000", "definition"), ("Work through a row. At step 260", "table"),
    ("Five columns from step 999 to step 0", "figure"), ("static at 999 and 600, then", "figure"),
    ("stand out at 260 almost as at 0.", "figure; test below"), ("shows them at 600 when squinted", "figure; test below"),
    ("For linear at step 260", "table"), ("Here are 100 others", "figure"), ("Nine bars, from 1 to 256 steps", "figure"),
    ("16 steps are enough here, and 256 are", "test below"), ("We put 100 of the digits", "an experiment"),
    ("up to step 999 and walked each back in 250 small steps", "an experiment"),
    ("of the first figure, 16 steps", "a question"), ("linear schedule at step 200", "a question"),
    ("here 16 made every digit sharp", "test below"),
]  # fmt: skip

NUMBERS = Numbers("docs/beginner/why_many_steps.md", COMPUTED, CITED)


def test_every_number_is_computed_or_cited():
    assert NUMBERS.unaccounted() == []


def test_a_changed_digit_anywhere_is_noticed():
    assert len(re.findall(r"\d", prose(PAGE))) > 150
    assert NUMBERS.unnoticed() == []


# --- what the words say of the pictures -------------------------------------------------------------------------------


def test_the_figures_walk_is_this_files_walk():
    for steps in (1, 4, 16):
        ours, theirs = walk(starts(4, seed=19), steps), figures._walk(starts(4, seed=19).float(), steps)
        torch.testing.assert_close(ours[-1].float(), theirs[-1], atol=1e-3, rtol=0)


def test_the_figures_guess_is_the_librarys_exact_denoiser():
    x, denoise = torch.randn(3, 64), exact.exact(exact.points(figures._known()), figures.COSINE)
    for t in (1.0, 0.8, 0.5, 0.2):
        torch.testing.assert_close(figures._recall(x, torch.tensor(t)), denoise(x, torch.tensor(t)), atol=1e-3, rtol=0)


def test_one_step_gives_the_average_of_all_whatever_the_start():
    torch.testing.assert_close(FOUR[1][-1], KNOWN.mean(0).expand(4, 64))
    assert not sharp(FOUR[1][-1]).any()


def test_the_rows_of_same_start_turn_where_the_page_says():
    digit = {steps: [LABELS[i] for i in nearest(FOUR[steps][-1])] for steps in figures.STEPS}
    assert all(sharp(FOUR[steps][-1]).all() for steps in (8, 16, 64, 1000))
    assert [digit[steps][2] for steps in (8, 16, 64, 1000)] == [3, 3, 1, 1]
    assert [digit[steps][1] for steps in (2, 4, 8, 16, 64, 1000)] == [5, 5, 9, 9, 9, 9]


def test_the_first_of_four_leaps_rests_on_everything_and_the_last_fifth_on_one_picture():
    assert running(1000) == pytest.approx(1797)
    assert running(200) == pytest.approx(1, abs=1e-3)
    counts = [running(to_go) for to_go in figures.TO_GO[:-1]]
    assert counts == sorted(counts, reverse=True)


def test_the_figures_count_what_this_file_counts():
    drawn = figures._outcomes(HUNDRED[:20].float())[:5]
    ours = [(~sharp(end[:20]), sharp(end[:20]) & (nearest(end[:20]) != GOAL[:20])) for end in list(ENDS.values())[:5]]
    assert [row[:2] for row in drawn] == [(int(blurry.sum()), int(other.sum())) for blurry, other in ours]


def test_first_blur_then_another_picture_then_hardly_any_change():
    assert BLURRY[1] == 100 and BLURRY[2] >= 95 and 45 <= BLURRY[4] <= 55  # "almost every", "half"
    assert BLURRY[8] > 0 and not any(BLURRY[steps] for steps in figures.CROWD if steps >= 16)
    elsewhere = [ELSEWHERE[steps] for steps in figures.CROWD if steps >= 16]
    assert elsewhere == sorted(elsewhere, reverse=True)
    assert (elsewhere[0], elsewhere[-1]) == (14, 2)  # in words, in the description of the figure


def test_too_few_steps_fall_short_and_never_overshoot():
    spread = [WIDTH[steps] for steps in figures.CLOUD]
    assert spread[0] < 1e-6 and spread == sorted(spread) and spread[-1] < 1


def test_squinting_brings_out_the_cat_where_the_page_says():
    cat = photo("chelsea", figures.SIDE)
    eps = torch.randn(cat.shape, generator=torch.Generator().manual_seed(3))

    def likeness(curve: np.ndarray, step: int, view) -> float:
        """How far the view of a mixture follows that of the cat, in brightness: 1 is all the way."""
        alpha, sigma = (float(value) for value in curve[step])
        both = torch.stack([view(picture).mean(0).flatten() for picture in (alpha * cat + sigma * eps, cat)])
        return float(torch.corrcoef(both)[0, 1])

    assert likeness(LINEAR, 260, figures._squint) > 0.9 and likeness(COSINE, 600, figures._squint) > 0.8
    assert likeness(LINEAR, 260, lambda x: x) < 0.6
    assert abs(likeness(LINEAR, 999, lambda x: x)) < 0.2 and likeness(LINEAR, 600, lambda x: x) < 0.2  # "only static"


def test_the_crowd_comes_back_and_each_known_picture_is_one_of_its_kind():
    before, after = (torch.bincount(labels, minlength=10) / len(labels) for labels in (DIGIT, DIGIT[GOAL]))
    assert (before - after).abs().max() < 0.1  # of 100 starts, about 10 to a kind, give or take 3
    assert len(KNOWN.unique(dim=0)) == len(KNOWN)


@pytest.mark.slow
def test_the_network_falls_short_as_the_exact_guess_does():
    learned = denoisers.denoiser(figure_eight_denoiser(torch.device("cpu")), figures.COSINE, targets.V)
    start = torch.randn(1500, 2, generator=torch.Generator().manual_seed(7))
    for steps in figures.CLOUD:
        assert figures._width(figures._cloud_walk(learned, start, steps)) == pytest.approx(WIDTH[steps], abs=0.04)


# --- the form of the page ---------------------------------------------------------------------------------------------


def test_no_equations_no_code_no_greek():
    body = PAGE.split("---\n", 2)[2]
    assert not re.search(r"[\u0370-\u03ff\u1f00-\u1fff$`=√²]", body)
    assert "~~~" not in body and "<code" not in body and "\\" not in body


def test_the_parts_of_a_lesson_are_there():
    assert PAGE.count("!!! myth") >= 2
    checks = re.findall(r'^\?\?\? question "\d\.', PAGE, flags=re.MULTILINE)
    assert len(checks) >= 4 and PAGE.count('??? question "Before you start') == 1
    takeaways = PAGE.split("## Key takeaways")[1].split("\n## ")[0]
    assert 0 < len(re.findall(r"^- ", takeaways, flags=re.MULTILINE)) <= 5
    assert {"## Look first", "## Check yourself", "## Where next", "## Sources"} <= set(PAGE.splitlines())


def test_it_reads_in_the_minutes_it_promises():
    minutes = int(re.search(r"^minutes: (\d+)$", PAGE, flags=re.MULTILINE)[1])
    words = re.findall(r"[^\W\d_]+", re.sub(r"!\[[^]]*\]", " ", prose(PAGE)))
    assert 4 <= minutes <= 8 and len(words) / minutes <= 200, f"{len(words)} words"


def test_pictures_exist_and_are_described():
    pictures = re.findall(r"!\[([^]]*)\]\(why_many_steps/(\w+)\.(svg|webp)\)", PAGE)
    for alt, name, form in pictures:
        kind = figures.__dict__[name].__annotations__["return"]
        assert form == ("webp" if "webp" in getattr(kind, "__metadata__", ()) else "svg"), name
        assert len(alt.split()) >= 20 and alt.endswith("."), f"{name}: describe what is to be seen"
    drawn = {name for name, thing in vars(figures).items()
             if getattr(thing, "__module__", "") == figures.__name__ and "badge:" in (thing.__doc__ or "")}  # fmt: skip
    assert {name for _, name, _ in pictures} == drawn


def test_the_photograph_is_credited():
    credit, caption = CREDITS["chelsea"], " ".join(figures.drowned_photograph.__doc__.split())
    assert credit.title in caption and credit.author in caption and credit.licence in caption


def test_the_digits_are_credited():
    caption = " ".join(figures.same_start.__doc__.split())
    assert "E. Alpaydin and C. Kaynak (CC BY 4.0)" in caption and "10.24432/C50P49" in PAGE
