"""The page on why many small steps says only what can be computed or is cited."""

import ast
import inspect
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from page_numbers import Numbers, prose
from sklearn.datasets import load_digits
from torch import Tensor

from diffusion_ladder import denoisers, exact, targets
from diffusion_ladder.data.photos import CREDITS, photo
from figures.beginner import why_many_steps as figures
from lesson import values
from recipes.figure_eight_denoiser import figure_eight_denoiser

torch.set_num_threads(1)  # this file computes while pytest collects it
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/beginner/why_many_steps.md").read_text("utf-8")
MYTHS = {
    name: row for name, row in tomllib.loads((ROOT / "docs/shelf/myths.toml").read_text("utf-8")).items()
    if row["page"] == "beginner/why_many_steps"
}  # fmt: skip

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


def walk(x: Tensor, steps: int, first: int = 1000, last: int = 0) -> list[Tensor]:
    """Guess the picture, work out the noise that goes with it, mix both anew for the next level; and so on."""
    states, guess, undecided = [x], torch.empty_like(x), torch.full([len(x)], True)
    levels = mix((turn(np.linspace(first, last, steps + 1) / 1000) / turn(0.0)).clip(0, 1)).tolist()
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
    """No pixel is an eighth of the way from white (-1) to black (1) off the nearest known digit."""
    return (x - KNOWN[nearest(x)]).abs().amax(-1) < 2 / 8


def digit(x: Tensor) -> list[int]:
    return [LABELS[i] for i in nearest(x)]


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


def four_leaps(x: Tensor, in_small_steps: int | None = None) -> Tensor:
    """Four steps, but one quarter of the way (0 is the first) in 250 steps."""
    for quarter in range(4):
        first = 1000 - 250 * quarter
        x = walk(x, 250 if quarter == in_small_steps else 1, first, first - 250)[-1]
    return x


def come_back(count: int = 100, steps: int = 250) -> Tensor:
    """The pictures that come when the first digits are drowned up to level 999 and walked back."""
    alpha, sigma = COSINE[999]
    drowned = alpha * KNOWN[:count] + sigma * starts(count, seed=1)
    end = walk(drowned, steps, first=999)[-1]
    assert sharp(end).all()
    return nearest(end)


def crowd(steps: int) -> float:
    """Width of the exact crowd after so many steps, against the figure 8's own."""
    angle = torch.arange(512) * 2 * math.pi / 512
    curve = math.sqrt(2) * torch.stack([angle.sin(), angle.sin() * angle.cos()], 1).double()
    x = torch.randn(1500, 2, generator=torch.Generator().manual_seed(7)).double()
    levels = mix((turn(np.linspace(1, 0, steps + 1)) / turn(0.0)).clip(0, 1)).tolist()
    for (alpha, sigma), (next_alpha, next_sigma) in zip(levels, levels[1:], strict=False):
        spread = (alpha * 0.05) ** 2 + sigma**2
        near = torch.softmax(-((x[:, None] - alpha * curve) ** 2).sum(-1) / (2 * spread), 1) @ curve
        guess = near + alpha * 0.05**2 / spread * (x - alpha * near)
        x = next_alpha * guess + next_sigma * (x - alpha * guess) / sigma
    return float(x[:, 0].std() / (curve[:, 0].var(correction=0) + 0.05**2).sqrt())


def loudness(alpha: float, sigma: float) -> tuple[float, float]:
    """Picture against static in the squinted view, and static against picture in the detail that it loses."""
    cat, block = photo("chelsea", figures.SIDE).double().numpy(), figures.BLOCK
    tiles = cat.reshape(3, -1, block, figures.SIDE // block, block)
    means = tiles.mean((2, 4), keepdims=True)
    coarse = (means - means.mean((1, 3), keepdims=True)).std()
    return alpha * coarse / (sigma / block), sigma * math.sqrt(1 - block**-2) / (alpha * (tiles - means).std())


def contrast() -> float:
    """The size of the cat's own ups and downs, colour by colour."""
    cat = photo("chelsea", figures.SIDE).double()
    return float((cat - cat.mean((1, 2), keepdim=True)).std())


WIDTH, BACK = {steps: crowd(steps) for steps in figures.CLOUD}, come_back()


def tipped(curve: np.ndarray) -> int:
    """The first step with no more picture than static."""
    return int((curve[:, 0] > curve[:, 1]).sum())


# Function → (the same number, relative tolerance: less where the figure computes in single precision).
AGAIN = {
    "possible_at_800": (lambda: running(800), 1e-3),
    "possible_at_600": (lambda: running(600), 1e-3),
    **{f"width_after_{steps}": (lambda steps=steps: WIDTH[steps], 1e-4) for steps in (2, 8, 64)},
    "squinted_cat_200": (lambda: loudness(*LINEAR[200])[0], 1e-6),
    "detail_static_200": (lambda: loudness(*LINEAR[200])[1], 1e-6),
    "drowned_cat_260": (lambda: LINEAR[260, 1] / (LINEAR[260, 0] * contrast()), 1e-4),
    **{
        f"{recipe}_{part}_{level}": (lambda at=(level, which), curve=curve: curve[at], 1e-6)
        for recipe, curve in (("linear", LINEAR), ("cosine", COSINE))
        for which, part in enumerate(("picture", "static"))
        for level in ((999, 600, 260, 200) if recipe == "cosine" else (600, 260, 200))
    },
    "linear_dials_600": (lambda: LINEAR[600, 1] / LINEAR[600, 0], 1e-6),
    "linear_dials_200": (lambda: LINEAR[200, 0] / LINEAR[200, 1], 1e-6),
    "cosine_dials_200": (lambda: COSINE[200, 0] / COSINE[200, 1], 1e-6),
    "cosine_dials_200_flipped": (lambda: COSINE[200, 1] / COSINE[200, 0], 1e-6),
    **{f"blurry_after_{steps}": (lambda steps=steps: BLURRY[steps], 0) for steps in (4, 8)},
    **{f"other_after_{steps}": (lambda steps=steps: ELSEWHERE[steps], 0) for steps in (16, 64, 256)},
}
FUNCTIONS = {
    node.name: ast.unparse(node.returns)
    for node in ast.parse(Path(figures.__file__).read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
}
VALUES = {name for name, kind in FUNCTIONS.items() if kind in values.NUMBERS}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_number(name):
    (again, tolerance), function = AGAIN[name], getattr(figures, name)
    if seed := inspect.signature(function).parameters.get("seed"):  # the press seeds what throws dice
        torch.manual_seed(seed.default)
    number = function()
    assert isinstance(number, int if FUNCTIONS[name] == "int" else float)
    assert number == pytest.approx(again(), rel=tolerance)


@pytest.mark.parametrize("name", sorted(name for name in VALUES if name[-1].isdigit()))
def test_a_number_is_taken_where_its_name_says(name):
    """A count may be the same one step further."""
    tree = ast.parse(inspect.getsource(getattr(figures, name)))
    assert int(name.rpartition("_")[2]) in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize(
    "word, drawn",
    [
        ("possible", figures.best_guess),
        ("width", figures.crowd_in_the_middle),
        ("blurry", figures.blurry_other_same),
        ("other", figures.blurry_other_same),
    ],
)
def test_a_number_is_of_the_figures_own_draw(word, drawn):
    seeds = {inspect.signature(getattr(figures, name)).parameters["seed"] for name in VALUES if name.startswith(word)}
    assert {seed.default for seed in seeds} == {inspect.signature(drawn).parameters["seed"].default}


def test_every_number_is_checked_and_stated():
    assert set(AGAIN) == VALUES and VALUES <= values.used(PAGE)


# Whole numbers that stand in the page as text. Each row: a phrase, with its numbers taken out, and what belongs there.
COMPUTED = [
    ("here an exact machine with {} handwritten digits in store", len(KNOWN)),
    ("At {} steps every row is easy to read.", next(n for n in figures.STEPS if sharp(FOUR[n][-1]).all())),
    ("row B is a {} at 4 steps and a {} from 8 on, row C a {} up to 16 and a {} from 64 on.",
     *[digit(FOUR[n][-1])[1] for n in (4, 8)], *[digit(FOUR[n][-1])[2] for n in (16, 64)]),
    ("Row B is a {} up to four steps and a {} from eight on.", *[digit(FOUR[n][-1])[1] for n in (4, 8)]),
    ("Row C is a {} up to sixteen steps and a {} from", *[digit(FOUR[n][-1])[2] for n in (16, 64)]),
    ("that {} is as good as the {}. It matters", *[digit(FOUR[n][-1])[2] for n in (16, 1000)]),
    ("turns slowly into a {}.", digit(FOUR[1000][-1])[1]),
    ("through a soft {} to a crisp one", digit(FOUR[1000][-1])[1]),
    ("falls from {:.0f} to {:.0f}", running(1000), running(1)),
    ("still possible: {:.0f} if all are equally likely", running(1000)),
    ("With {} steps to go, … pictures are possible; with {}, ….", *figures.TO_GO[1:3]),
    ("Between 800 and 500 it might still become a {}.", digit(FOUR[4][-1])[1]),
    ("Why did four steps end in a {}?", digit(FOUR[4][-1])[1]),
    ("the long walk ends in a {}, no sharper than this {}.", *[digit(FOUR[n][-1])[1] for n in (1000, 4)]),
    ("It is blurred, and the long walk ends in a crisp {}.", digit(FOUR[1000][-1])[3]),
    ("it ends in a {}, and this {} is just as good.", *[digit(FOUR[n][-1])[2] for n in (1000, 16)]),
    ("The digit {} in crisp strokes: row B after four steps.", digit(FOUR[4][-1])[1]),
    ("The digit {} with pale, smeared strokes: row D after two steps.", digit(FOUR[2][-1])[3]),
    ("The digit {} in crisp strokes: row C after sixteen steps.", digit(FOUR[16][-1])[2]),
    ("- {:.0f}: *reads the level as a percentage*", (1 - 200 / 1000) / (200 / 1000)),
    ("visits only levels {:.0f}, {:.0f}, {:.0f}, {:.0f} and {:.0f}.", *np.linspace(1000, 0, 5)),
]  # fmt: skip

CITED = [
    ("call the quality after 20 to 100 steps comparable to that after 1000 (§5.1); it",
     "Song et al. (2021), Sec. 5.1 and Table 1"),
    ("saw this order in their model (§4.3)", "Ho et al. (2020), Sec. 4.3"),
    ("Two steps open the exact crowd to … of its true width, 8 to …, 64 to ….", "figure"),
    ("For linear at level 200, the squinted", "figure"), ("At level 600, linear: …", "the table"),
    ("| 999 | … | … | … | … | | 600 | … | … | … | … | | 260 | … | … | … | … | | 200 | … | … | … | … | | 0 | 1 | 0 | 1 | 0 |",
     "the table; at level 0, definition"),
    ("So at level 260 the linear dials are nearly equal", "test below"),
    ("At 4 steps … are blurry, at 8 steps …, at 16 none.", "figure; test below"),
    ("than the long walk's at 16 steps, … at 64, … at 256.", "figure"),
    ("cleaned in 1 step, then afresh in 2, and so on.", "figure"), ("the one in 1000 steps is the", "figure"),
    ("One step gives the same smudge four times", "test below"), ("from 1000 steps to go down to none", "figure"),
    ("smudge under “1” above", "figure"),
    ("With 200 to go, one is left.", "test below"),
    ("Real ones lie on a figure 8; noise", "a shape"), ("Where do 1500 points of noise", "figure"),
    ("a figure 8 on the right", "a shape"), ("eight a figure 8 with stray", "a shape"), ("a clean figure 8.", "a shape"),
    ("In the middle, the average of an 8.", "a shape"), ("from 0, the clean picture, to 1000.", "definition"),
    ("a walk of 4 steps", "definition"), ("Five columns from level 999 to level 0", "figure"),
    ("only static at 999, 600 and nearly so at 400", "figure; test below"),
    ("faintly there at 400 and clear at 200.", "figure; test below"),
    ("shows them at 600 when squinted", "figure; test below"),
    ("Here are 100 others", "figure"), ("Nine bars, from 1 to 256 steps", "figure"),
    ("Red grows up to 4 steps", "test below"), ("From 16 on, more steps", "test below"),
    ("this cat. step-999 ## When", "a myth"), ("1. The horizon", "a list"), ("2. The stripes", "a list"),
    ("3. The blades", "a list"),
    ("For cosine at level 200, how many", "a question"), ("level 200 of 1000 is a place in a list", "a question"),
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
    row = dict(zip("ABCD", zip(*(digit(FOUR[steps][-1]) for steps in figures.STEPS[1:]), strict=True), strict=True))
    assert row == {"A": (8,) * 6, "B": (5, 5, 9, 9, 9, 9), "C": (3, 3, 3, 3, 1, 1), "D": (3,) * 6}
    assert all(sharp(FOUR[steps][-1]).all() for steps in figures.STEPS if steps >= 4)
    assert not sharp(FOUR[2][-1]).any()


def test_fewer_and_fewer_pictures_are_possible():
    assert running(1000) == pytest.approx(1797)
    assert running(200) == pytest.approx(1, abs=1e-3)
    counts = [running(to_go) for to_go in figures.TO_GO[:-1]]
    assert counts == sorted(counts, reverse=True)


def test_between_800_and_500_row_b_might_still_become_a_5():
    five = {n: float(odds(FOUR[1000][1000 - n][1:2], *COSINE[n])[0, DIGIT == 5].sum()) for n in (1000, 800, 500, 200)}
    assert five[1000] < five[800] < five[500] and five[500] > 0.25 and five[200] < 1e-3


def test_the_first_leap_turns_row_b_and_the_last_leap_blurs():
    row_b = FOUR[4][0][1:2]
    assert digit(four_leaps(row_b)) == [5] and digit(four_leaps(row_b, in_small_steps=0)) == [9]
    assert all(digit(four_leaps(row_b, in_small_steps=quarter)) == [5] for quarter in (1, 2, 3))
    assert not sharp(four_leaps(HUNDRED)).all() and sharp(four_leaps(HUNDRED, in_small_steps=3)).all()


def test_at_level_260_the_linear_dials_are_nearly_equal():
    assert tipped(LINEAR) == 260 and LINEAR[260, 0] == pytest.approx(LINEAR[260, 1], rel=0.01)


def test_the_pictures_of_the_question_are_what_it_says():
    crisp = {
        (row, steps): bool(sharp(FOUR[steps][-1])["ABCD".index(row)]) for row, steps in (("B", 4), ("C", 16), ("D", 2))
    }
    assert crisp == {("B", 4): True, ("C", 16): True, ("D", 2): False} and sharp(FOUR[1000][-1]).all()
    for name, row, steps in (("row_b_after_four", 1, 4), ("row_c_after_sixteen", 2, 16), ("row_d_after_two", 3, 2)):
        torch.manual_seed(19)
        drawn = torch.tensor(getattr(figures, name)().axes[0].images[0].get_array().data).flatten()
        torch.testing.assert_close(drawn.double(), FOUR[steps][-1][row], atol=1e-3, rtol=0)


def test_small_moves_leave_most_of_the_start_in_place():
    assert COSINE[999, 1] > 0.999 and COSINE[800, 1] > 0.9


FILM = MYTHS["running-the-film-backwards"]["holds"]


def test_the_myths_numbers_are_this_pages():
    from figures.shelf import myths

    assert (myths.noise_at_999(), myths.signal_at_999()) == pytest.approx((LINEAR[999, 1], LINEAR[999, 0]), rel=1e-6)
    assert (myths.linear_even_step(), myths.cosine_even_step()) == (tipped(LINEAR), tipped(COSINE))


def test_drowned_digits_do_not_return_but_their_kinds_do():
    assert "Of 100 digits drowned almost wholly and walked back, none returned as itself" in FILM
    assert len(BACK) == 100 and not (torch.arange(len(BACK)) == BACK).any()
    share = torch.bincount(DIGIT, minlength=10) / len(DIGIT)
    for ends in (BACK, GOAL):
        expected = share * len(ends)
        surprise = ((torch.bincount(DIGIT[ends], minlength=10) - expected) ** 2 / expected).sum()
        assert surprise < 16.92  # chi-squared with nine degrees of freedom: chance stays below in 95 of 100


def test_the_figures_count_what_this_file_counts():
    drawn = figures._outcomes(HUNDRED[:20].float())[:5]
    ours = [(~sharp(end[:20]), sharp(end[:20]) & (nearest(end[:20]) != GOAL[:20])) for end in list(ENDS.values())[:5]]
    assert [row[:2] for row in drawn] == [(int(blurry.sum()), int(other.sum())) for blurry, other in ours]


def test_first_blur_then_another_picture_then_hardly_any_change():
    assert BLURRY[1] == 100 and BLURRY[2] >= 95 and 25 <= BLURRY[4] <= 35  # "almost every", "three in ten"
    assert BLURRY[8] > 0 and not any(BLURRY[steps] for steps in figures.CROWD if steps >= 16)
    elsewhere = [ELSEWHERE[steps] for steps in figures.CROWD]
    assert elsewhere[:2] == [0, 0] and elsewhere[2:] == sorted(elsewhere[2:], reverse=True)
    assert (ELSEWHERE[16], ELSEWHERE[256]) == (14, 2)  # in words, in the description of the figure


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

    assert likeness(LINEAR, 200, figures._squint) > 0.9 and likeness(COSINE, 600, figures._squint) > 0.8
    assert 0.7 < likeness(LINEAR, 400, figures._squint) < 0.9  # "faintly there"
    assert all(
        abs(likeness(LINEAR, level, lambda x: x)) < most for level, most in ((999, 0.1), (600, 0.1), (400, 0.25))
    )


def test_each_known_picture_is_one_of_its_kind():
    assert len(KNOWN.unique(dim=0)) == len(KNOWN)


def test_the_photographs_detail_is_weaker_than_its_broad_shapes():
    broad, drowned = loudness(1.0, 1.0)  # against static, which is equally strong at every size
    assert broad > 5 / drowned


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
    boxes = re.findall(r"^/// myth \| (\S+)$", PAGE, flags=re.MULTILINE)
    assert len(boxes) >= 2 and set(boxes) == set(MYTHS)
    checks = re.findall(r"^/// quiz \|", PAGE.split("## Check yourself")[1], flags=re.MULTILINE)
    assert len(checks) >= 4 and PAGE.count('??? question "Before you start') == 1
    takeaways = PAGE.split("## Key takeaways")[1].split("\n## ")[0]
    assert 0 < len(re.findall(r"^- ", takeaways, flags=re.MULTILINE)) <= 5
    assert {"## Look first", "## Check yourself", "## Where next", "## Sources"} <= set(PAGE.splitlines())


def test_it_reads_in_the_minutes_it_promises():
    minutes = int(re.search(r"^minutes: (\d+)$", PAGE, flags=re.MULTILINE)[1])
    asked = re.sub(r"^ {4,}- .*$", "", PAGE, flags=re.MULTILINE)  # of the feedback, most is never shown
    text = " ".join([prose(asked), *(row["said"] + " " + prose(row["holds"]) for row in MYTHS.values())])
    words = re.findall(r"[^\W\d_]+", re.sub(r"!\[[^]]*\]", " ", text))
    assert 4 <= minutes <= 8 and len(words) / minutes <= 200, f"{len(words)} words"


def test_pictures_exist_and_are_described():
    pictures = re.findall(r"^(- \([ x]\) |)!\[([^]]*)\]\(why_many_steps/(\w+)\.(svg|webp)\)$", PAGE, flags=re.MULTILINE)
    for choice, alt, name, form in pictures:
        assert form == ("webp" if "webp" in FUNCTIONS[name] else "svg"), name
        assert len(alt.split()) >= (8 if choice else 20) and alt.endswith("."), f"{name}: describe what is to be seen"
    assert {name for _, _, name, _ in pictures} == set(FUNCTIONS) - VALUES


def test_the_photograph_is_credited():
    credit, caption = CREDITS["chelsea"], " ".join(figures.drowned_photograph.__doc__.split())
    assert credit.title in caption and credit.author in caption and credit.licence in caption


def test_the_digits_are_credited():
    caption = " ".join(figures.same_start.__doc__.split())
    assert "E. Alpaydin and C. Kaynak (CC BY 4.0)" in caption and "@alpaydin1998" in PAGE
