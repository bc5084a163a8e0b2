"""Figures and numbers of the page on why many small steps."""

import math
from functools import cache
from typing import Annotated

import torch
from matplotlib.figure import Figure
from torch import Tensor

from diffusion_ladder import denoisers, exact, samplers, schedules, targets
from diffusion_ladder.data import points
from diffusion_ladder.data.digits import digits
from diffusion_ladder.data.photos import photo
from figures.style import bare, colour, figure, ramp

LINEAR = schedules.ddpm(schedules.linear_betas())
COSINE = schedules.cosine()
FULL = 1000  # steps of the walk that the shorter ones are held against
STEPS = (1, 2, 4, 8, 16, 64, FULL)  # the columns of `same_start`
CROWD = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # the bars of `blurry_other_same`
CLOUD = (1, 2, 8, 64)  # the columns of `crowd_in_the_middle`, between the start and the true 8
TO_GO = (1000, 800, 600, 500, 400, 200, 0)  # the columns of `best_guess`
LEVELS = (999, 600, 400, 200, 0)  # the columns of `drowned_photograph`
SIDE, BLOCK = 96, 8  # pixels of the photograph, and of a block of its squinted view
SHARP = 1 / 4  # an eighth of the way from white to black: a picture that misses by less looks like a known one

# ---- Figures ---------------------------------------------------------------------------------------------------------


def same_start(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Four fields of static, one to a row, each cleaned in 1, 2, 4, 8, 16, 64 and 1000 steps. The machine that cleans them
    has 1797 handwritten digits of 8 × 8 pixels stored and nothing else, and makes the best possible guess at every
    step. It can only return one of them, or a blend. Digits: E. Alpaydin and C. Kaynak (CC BY 4.0).

    badge: recalls
    """
    starts = _starts(4)
    ends = [_walk(starts, steps)[-1] for steps in STEPS]
    fig, grid = figure(4.0, nrows=len(starts), ncols=len(STEPS) + 1)
    for name, row, *pictures in zip("ABCD", grid, starts, *ends, strict=True):
        for axes, picture in zip(row, pictures, strict=True):
            first = axes is row[0]
            _digit(axes, picture, "noise" if first else "guess", reach=2.2 if first else 1.0)
        row[0].set_ylabel(name, rotation=0, ha="center", va="center", weight="semibold", size=11, labelpad=9)
    for axes, steps in zip(grid[0], ("start", *STEPS), strict=True):
        _head(axes, str(steps))
    fig.suptitle("number of steps", size=11, color=colour("muted"))
    return fig


def best_guess(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Row B's walk in 1000 steps, with so many still to go. Above: the picture so far, in less contrast while it holds much
    static. Middle: the best guess from it. Below: over how many of the 1797 pictures the odds are spread, as if
    evenly (their perplexity).

    badge: recalls
    """
    states = _walk(_starts(4)[1:2], FULL)
    fig, grid = figure(2.75, nrows=2, ncols=len(TO_GO))
    for steps, (so_far, guess) in zip(TO_GO, grid.T, strict=True):
        x, t = states[FULL - steps], torch.tensor(steps / FULL)
        _digit(so_far, x, "noise", reach=1 + 1.2 * float(COSINE(t)[1]))
        _digit(guess, _recall(x, t), "guess")
        guess.set_xlabel(f"{_in_the_running(x, t)[0]:.0f}", size=11, labelpad=4, color=colour("ink"))
        _head(so_far, str(steps))
    for axes, text in zip(grid[:, 0], ("so far", "guess"), strict=True):
        axes.set_ylabel(text, size=11, labelpad=5)
    fig.suptitle("steps to go", size=11, color=colour("muted"))
    fig.supxlabel("pictures still possible", size=11, color=colour("muted"))
    return fig


def blurry_other_same(seed: int = 0) -> Figure:
    """Where 100 other starts end after so many steps. Blurry: some pixel is off by an eighth of the way from white to black,
    or more, even from the nearest stored digit. The rest are sharp, and are sorted by whether the long walk of 1000 steps
    from the same start ends in the same picture.

    badge: recalls
    """
    fig, axes = figure(3.9)
    bottom = torch.zeros(len(CROWD))
    names = {"noise": "blurry", "accent": "sharp, but another picture", "guess": "the same as after 1000 steps"}
    for part, (hue, name) in zip(torch.tensor(_outcomes(_starts(100))).T, names.items(), strict=True):
        style = {"color": colour(hue), "ec": colour("paper"), "lw": 0.8, "label": name}
        axes.bar(range(len(CROWD)), part, bottom=bottom, width=0.82, **style)
        bottom += part
    axes.set(
        xticks=range(len(CROWD)),
        xticklabels=CROWD,
        yticks=[0, 50, 100],
        xlabel="number of steps",
        ylabel="starts out of 100",
    )
    axes.set(xlim=(-0.6, len(CROWD) - 0.4), ylim=(0, 100))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    fig.legend(loc="outside upper left", reverse=True, handlelength=1.0, handleheight=1.0, labelspacing=0.3)
    return fig


def crowd_in_the_middle(figure_eight_denoiser, seed: int = 7) -> Annotated[Figure, "webp"]:
    """1500 points of noise, all taken to the figure 8 in 1, 2, 8 and 64 steps. Above with the exact guess, below with the
    guess of a small network. Under each: how wide the crowd is (standard deviation from left to right), with the true 8
    as 100%.

    badge: trained
    """
    learned = denoisers.denoiser(figure_eight_denoiser, COSINE, targets.V)
    start, true = torch.randn(1500, 2), points.figure_eight(1500)
    fig, grid = figure(2.6, nrows=2, ncols=len(CLOUD) + 2, width_ratios=[1.3] + [1] * (len(CLOUD) + 1))
    for denoise, name, hue, row in ((_perfect(), "exact", "truth", grid[0]), (learned, "network", "guess", grid[1])):
        for steps, axes in zip(CLOUD, row[1:-1], strict=True):
            end = _cloud_walk(denoise, start, steps)
            _crowd(axes, end, hue)
            axes.set_xlabel(f"{_width(end):.0%}", size=11, labelpad=1)
        row[1].set_ylabel(name, color=colour(hue), weight="semibold", size=11, labelpad=3)
    for steps, axes in zip(CLOUD, grid[0, 1:-1], strict=True):
        _head(axes, str(steps))
    for cloud, name, hue, column, reach in (
        (start, "start", "noise", 0, (2.6, 2.6)),
        (true, "true 8", "data", -1, (2.0, 1.0)),
    ):
        both_rows = grid[0, 0].get_gridspec()[:, column]
        for axes in grid[:, column]:
            axes.remove()
        axes = fig.add_subplot(both_rows)
        _crowd(axes, cloud, hue, reach)
        _head(axes, name)
    axes.set_xlabel("100%", size=11, labelpad=1)
    fig.suptitle("number of steps", size=11, color=colour("muted"))
    fig.supxlabel("width of the crowd", size=11, color=colour("muted"))
    return fig


def drowned_photograph(seed: int = 3) -> Annotated[Figure, "webp"]:
    """A picture and static, mixed as two recipes say, and under each mixture the same seen with half-closed eyes: averages
    over blocks of 8 × 8 pixels, shown smoothed. These are true draws on the way into noise, no model at work. 96 × 96
    pixels; values outside the screen's range are clipped. Photograph: Chelsea the cat, by Stéfan van der Walt (CC0).

    badge: exact
    """
    cat = photo("chelsea", SIDE)
    eps = torch.randn(cat.shape)
    fig, grid = figure(4.75, nrows=4, ncols=len(LEVELS))
    for name, schedule, rows in (("linear", LINEAR, grid[:2]), ("cosine", COSINE, grid[2:])):
        for level, column in zip(LEVELS, rows.T, strict=True):
            alpha, sigma = _dials(schedule, level)
            mixed = alpha * cat + sigma * eps
            for axes, view in zip(column, (mixed, _squint(mixed)), strict=True):
                image = (view.clamp(-1, 1) / 2 + 0.5).permute(1, 2, 0)
                bare(axes).imshow(image, interpolation="nearest" if view is mixed else "bicubic")
        rows[0, 0].set_ylabel(name, weight="semibold", size=11, labelpad=5)
        rows[1, 0].set_ylabel("squinted", size=11, labelpad=5)
    for level, axes in zip(LEVELS, grid[0], strict=True):
        _head(axes, f"level {level}")
    return fig


def row_b_after_four(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Row B of the first figure after 4 steps.

    badge: recalls
    """
    return _end(1, 4)


def row_d_after_two(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Row D of the first figure after 2 steps.

    badge: recalls
    """
    return _end(3, 2)


def row_c_after_sixteen(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Row C of the first figure after 16 steps.

    badge: recalls
    """
    return _end(2, 16)


# ---- Numbers ---------------------------------------------------------------------------------------------------------
# Those of the myths on this page, and the dials of linear at level 999, stand in figures/shelf/myths.py.


def possible_at_800(seed: int = 19) -> float:
    """Over how many digits the odds of row B's long walk are spread with 800 steps to go."""
    return _possible(800)


def possible_at_600(seed: int = 19) -> float:
    """The same with 600 to go."""
    return _possible(600)


def width_after_2(seed: int = 7) -> float:
    """Width of the exact crowd after 2 steps, against the figure 8's."""
    return _width_after(2)


def width_after_8(seed: int = 7) -> float:
    """The same after 8 steps."""
    return _width_after(8)


def width_after_64(seed: int = 7) -> float:
    """The same after 64 steps."""
    return _width_after(64)


def squinted_cat_200() -> float:
    """The squinted cat's ups and downs against the squinted static's, for linear at level 200."""
    (alpha, sigma), coarse = _dials(LINEAR, 200), _squint(photo("chelsea", SIDE).double())
    return alpha * _contrast(coarse) / (sigma / BLOCK)  # the mean of so many draws is BLOCK times as weak as one


def detail_static_200() -> float:
    """The static's ups and downs against the cat's in the detail that squinting loses, for linear at level 200."""
    (alpha, sigma), cat = _dials(LINEAR, 200), photo("chelsea", SIDE).double()
    detail = cat - _squint(cat).repeat_interleave(BLOCK, 1).repeat_interleave(BLOCK, 2)
    return sigma * math.sqrt(1 - 1 / BLOCK**2) / (alpha * _contrast(detail))


def drowned_cat_260() -> float:
    """The static's ups and downs against the whole cat's, for linear at level 260."""
    alpha, sigma = _dials(LINEAR, 260)
    return sigma / (alpha * _contrast(photo("chelsea", SIDE).double()))


def cosine_picture_999() -> float:
    """The dial of the picture, for cosine at level 999."""
    return _dials(COSINE, 999)[0]


def cosine_static_999() -> float:
    """The dial of the static."""
    return _dials(COSINE, 999)[1]


def linear_picture_600() -> float:
    """The dial of the picture, for linear at level 600."""
    return _dials(LINEAR, 600)[0]


def linear_static_600() -> float:
    """The dial of the static."""
    return _dials(LINEAR, 600)[1]


def cosine_picture_600() -> float:
    """The dial of the picture, for cosine at level 600."""
    return _dials(COSINE, 600)[0]


def cosine_static_600() -> float:
    """The dial of the static."""
    return _dials(COSINE, 600)[1]


def linear_picture_260() -> float:
    """The dial of the picture, for linear at level 260."""
    return _dials(LINEAR, 260)[0]


def linear_static_260() -> float:
    """The dial of the static."""
    return _dials(LINEAR, 260)[1]


def cosine_picture_260() -> float:
    """The dial of the picture, for cosine at level 260."""
    return _dials(COSINE, 260)[0]


def cosine_static_260() -> float:
    """The dial of the static."""
    return _dials(COSINE, 260)[1]


def linear_picture_200() -> float:
    """The dial of the picture, for linear at level 200."""
    return _dials(LINEAR, 200)[0]


def linear_static_200() -> float:
    """The dial of the static."""
    return _dials(LINEAR, 200)[1]


def cosine_picture_200() -> float:
    """The dial of the picture, for cosine at level 200."""
    return _dials(COSINE, 200)[0]


def cosine_static_200() -> float:
    """The dial of the static."""
    return _dials(COSINE, 200)[1]


def linear_dials_600() -> float:
    """The dial of the static against that of the picture, for linear at level 600."""
    alpha, sigma = _dials(LINEAR, 600)
    return sigma / alpha


def linear_dials_200() -> float:
    """The dial of the picture against that of the static, for linear at level 200."""
    alpha, sigma = _dials(LINEAR, 200)
    return alpha / sigma


def cosine_dials_200() -> float:
    """The same for cosine."""
    alpha, sigma = _dials(COSINE, 200)
    return alpha / sigma


def cosine_dials_200_flipped() -> float:
    """The dial of the static against that of the picture."""
    return 1 / cosine_dials_200()


def blurry_after_4(seed: int = 0) -> int:
    """How many of 100 starts end blurry after 4 steps."""
    return _outcome(4)[0]


def blurry_after_8(seed: int = 0) -> int:
    """The same after 8 steps."""
    return _outcome(8)[0]


def other_after_16(seed: int = 0) -> int:
    """How many of them end sharp after 16 steps, in another picture than after all."""
    return _outcome(16)[1]


def other_after_64(seed: int = 0) -> int:
    """The same after 64 steps."""
    return _outcome(64)[1]


def other_after_256(seed: int = 0) -> int:
    """The same after 256 steps."""
    return _outcome(256)[1]


# ---- What both rest on -----------------------------------------------------------------------------------------------


def _dials(schedule: schedules.Schedule, level: int) -> tuple[float, float]:
    """What picture and static are multiplied by at a level."""
    alpha, sigma = schedule(torch.tensor(level / FULL, dtype=torch.float64))
    return float(alpha), float(sigma)


def _contrast(image: Tensor) -> float:
    """The size of a picture's ups and downs (3, H, W), about the mean of each colour."""
    return float((image - image.mean((1, 2), keepdim=True)).square().mean().sqrt())


def _squint(image: Tensor) -> Tensor:
    """A picture (3, H, W) as averages over square blocks."""
    return torch.nn.functional.avg_pool2d(image, BLOCK)


@cache
def _known() -> Tensor:
    """The digits that the cleaner knows, a row of 64 pixels each: (1797, 64)."""
    return digits()[0].flatten(1)


def _odds(x: Tensor, t: Tensor) -> Tensor:
    """How likely it is that each known digit lies under each canvas x (B, 64): (B, 1797), every row adds up to 1.

    `exact.exact` weighs by the same odds; here |x - alpha m|^2 is multiplied out, which lets a crowd of starts through.
    """
    alpha, sigma = COSINE(t)
    nearness = alpha * x @ _known().T - alpha**2 * _known().square().sum(-1) / 2
    return torch.softmax(nearness / sigma**2, dim=-1)


def _recall(x: Tensor, t: Tensor) -> Tensor:
    """The best guess: the average of the known digits, each counted by its odds. At t = 0 the canvas is its own guess."""
    return _odds(x, t) @ _known() if t > 0 else x


def _in_the_running(x: Tensor, t: Tensor) -> Tensor:
    """How many digits the odds are spread over: 1797 if all are alike, 1 if all but one are out. (B,)"""
    return torch.special.entr(_odds(x, t)).sum(-1).exp() if t > 0 else torch.ones(len(x))


def _walk(x: Tensor, steps: int) -> list[Tensor]:
    """The canvas before the first of so many equal steps, and after each."""
    return [x, *samplers.ddim(_recall, COSINE, x, torch.linspace(1, 0, steps + 1))]


def _outcomes(starts: Tensor) -> list[tuple[int, int, int]]:
    """For each number of steps: how many starts end blurry, in another picture than after all steps, in the same."""
    goal, _ = _nearest(_walk(starts, FULL)[-1])
    return [_sorted(*_nearest(_walk(starts, steps)[-1]), goal) for steps in CROWD]


def _sorted(picture: Tensor, miss: Tensor, goal: Tensor) -> tuple[int, int, int]:
    """How many ends are blurry, sharp but not their goal, and sharp and their goal."""
    sharp, same = miss < SHARP, picture == goal
    return tuple(int(part.sum()) for part in (~sharp, sharp & ~same, sharp & same))


def _outcome(steps: int) -> tuple[int, int, int]:
    """The same for one number of steps, from the figure's 100 starts."""
    starts = _starts(100)
    goal, _ = _nearest(_walk(starts, FULL)[-1])
    return _sorted(*_nearest(_walk(starts, steps)[-1]), goal)


def _possible(to_go: int) -> float:
    """Over how many digits the odds of row B's long walk are spread, with so many steps to go."""
    states = _walk(_starts(4)[1:2], FULL)
    return float(_in_the_running(states[FULL - to_go], torch.tensor(to_go / FULL))[0])


def _perfect() -> denoisers.Denoiser:
    """The exact guess for the figure 8: narrow Gaussians, evenly along the curve, too many to tell apart."""
    means = points.lemniscate(2 * math.pi * (torch.arange(512) + 0.5) / 512)
    return exact.exact(exact.Mixture(means, torch.ones(len(means)), std=0.05), COSINE)


def _cloud_walk(denoise: denoisers.Denoiser, start: Tensor, steps: int) -> Tensor:
    """Where points (N, 2) of pure noise end after so many equal steps."""
    with torch.no_grad():
        return samplers.last(samplers.ddim(denoise, COSINE, start, torch.linspace(1, 0, steps + 1)))


def _width(cloud: Tensor) -> float:
    """Spread of a cloud from left to right, against that of the figure 8 itself."""
    return float(cloud[:, 0].std()) / math.sqrt(1 + 0.05**2)  # sqrt(2) sin has spread 1; its blur adds 0.05


def _width_after(steps: int) -> float:
    """The same for the exact crowd after so many steps, from the figure's start."""
    return _width(_cloud_walk(_perfect(), torch.randn(1500, 2), steps))


def _starts(count: int) -> Tensor:
    return torch.randn(count, 64)


def _nearest(x: Tensor) -> tuple[Tensor, Tensor]:
    """The known digit that each picture is closest to, and the largest miss of any of its pixels."""
    picture = torch.cdist(x, _known()).argmin(-1)
    return picture, (x - _known()[picture]).abs().amax(-1)


def _end(row: int, steps: int) -> Figure:
    """Where one of the four starts of `same_start` ends, as a small picture."""
    fig, axes = figure(1.6, 1.6)
    _digit(axes, _walk(_starts(4), steps)[-1][row], "guess")
    return fig


def _digit(axes, pixels: Tensor, hue: str, reach: float = 1.0) -> None:
    """64 pixels as a picture: paper at -reach, the full colour at reach."""
    bare(axes).imshow(pixels.reshape(8, 8), cmap=ramp(hue), vmin=-reach, vmax=reach)


def _crowd(axes, cloud: Tensor, hue: str, reach: tuple[float, float] = (2.0, 1.0)) -> None:
    """Points on a sheet that reaches so far to each side, and up and down."""
    across, up = reach
    bare(axes).scatter(*cloud.T, s=1.6, color=colour(hue), alpha=0.6, lw=0)
    axes.set(xlim=(-across, across), ylim=(-up, up))


def _head(axes, text: str) -> None:
    axes.set_title(text, loc="center", size=11, weight="regular", pad=4)
