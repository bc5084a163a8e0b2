"""Figures of the page on why many small steps."""

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
CLOUD = (1, 2, 4, 8, 64)  # the columns of `crowd_in_the_middle`
TO_GO = (1000, 800, 600, 500, 400, 200, 0)  # the columns of `best_guess`
TIMES = (999, 600, 260, 200, 0)  # the columns of `drowned_photograph`, and the rows of the page's table
SIDE, BLOCK = 96, 8  # pixels of the photograph, and of a block of its squinted view
SHARP = 1 / 16  # half a grey level: a picture that misses by less rounds to a known one


def same_start(seed: int = 19) -> Annotated[Figure, "webp"]:
    """Four fields of static, one to a row, each cleaned in 1, 2, 4, 8, 16, 64 and 1000 steps. The cleaner knows 1797
    handwritten digits of 8 × 8 pixels and nothing else, and makes the best possible guess at every step. It can
    only return one of them, or a mixture. Digits: E. Alpaydin and C. Kaynak (CC BY 4.0).

    badge: recalls
    """
    starts = _starts(4)
    ends = [_walk(starts, steps)[-1] for steps in STEPS]
    fig, grid = figure(3.75, nrows=len(starts), ncols=len(STEPS) + 1)
    for row, *pictures in zip(grid, starts, *ends, strict=True):
        for axes, picture in zip(row, pictures, strict=True):
            first = axes is row[0]
            _digit(axes, picture, "noise" if first else "guess", reach=2.2 if first else 1.0)
    for axes, steps in zip(grid[0], ("start", *STEPS), strict=True):
        axes.set_title(str(steps), loc="center", size=11, weight="regular", pad=5)
    return fig


def best_guess(seed: int = 19) -> Annotated[Figure, "webp"]:
    """The second row's walk in 1000 steps, with so many still to go. Above: the canvas, in less contrast while it holds
    much static. Middle: the best guess from it. Below: how many of the 1797 pictures are still in the
    running (the perplexity of the odds that the guess weighs them by).

    badge: recalls
    """
    states = _walk(_starts(4)[1:2], FULL)
    fig, grid = figure(2.2, nrows=2, ncols=len(TO_GO))
    for steps, (canvas, guess) in zip(TO_GO, grid.T, strict=True):
        x, t = states[FULL - steps], torch.tensor(steps / FULL)
        _digit(canvas, x, "noise", reach=1 + 1.2 * float(COSINE(t)[1]))
        _digit(guess, _recall(x, t), "guess")
        guess.set_xlabel(f"{_in_the_running(x, t)[0]:.0f}", size=11, labelpad=4)
        canvas.set_title(str(steps), loc="center", size=11, weight="regular", pad=5)
    for axes, text in zip(grid[:, 0], ("canvas", "guess"), strict=True):
        axes.set_ylabel(text, size=11, labelpad=5)
    return fig


def blurry_other_same(seed: int = 0) -> Figure:
    """Where 100 other starts end after so many steps: in a blur, in a sharp picture that is not the one they reach in
    1000 steps, or in that one. Sharp means that no pixel is off by as much as half a grey level.

    badge: recalls
    """
    fig, axes = figure(3.3)
    bottom = torch.zeros(len(CROWD))
    for part, hue in zip(torch.tensor(_outcomes(_starts(100))).T, ("noise", "accent", "guess"), strict=True):
        axes.bar(range(len(CROWD)), part, bottom=bottom, width=0.82, color=colour(hue), ec=colour("paper"), lw=0.8)
        bottom += part
    axes.set(
        xticks=range(len(CROWD)), xticklabels=CROWD, yticks=[0, 50, 100], xlabel="steps", ylabel="starts out of 100"
    )
    axes.set(xlim=(-0.6, len(CROWD) - 0.4), ylim=(0, 100))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    for x, words, hue, side in ((-0.4, "blurry", "noise", "left"), (3.3, "sharp, but another", "accent", "center"),
                                (8.4, "the same", "guess", "right")):  # fmt: skip
        axes.text(x, 103, words, color=colour(hue), ha=side, weight="semibold", size=11)
    return fig


def crowd_in_the_middle(figure_eight_denoiser, seed: int = 7) -> Annotated[Figure, "webp"]:
    """1500 random points, taken to the figure 8 in 1, 2, 4, 8 and 64 steps. Above with the exact guess, below with the guess
    of a small network. Under each: how wide the crowd is, against the real one (standard deviation from left to right).

    badge: trained
    """
    learned = denoisers.denoiser(figure_eight_denoiser, COSINE, targets.V)
    start = torch.randn(1500, 2)
    fig, grid = figure(2.05, nrows=2, ncols=len(CLOUD))
    for denoise, name, hue, row in ((_perfect(), "exact", "truth", grid[0]), (learned, "network", "guess", grid[1])):
        for steps, axes in zip(CLOUD, row, strict=True):
            end = _cloud_walk(denoise, start, steps)
            bare(axes).scatter(*end.T, s=2.4, color=colour(hue), alpha=0.6, lw=0)
            axes.set(xlim=(-1.72, 1.72), ylim=(-1.0, 1.0))
            axes.set_xlabel(f"{_width(end):.0%}", size=11, labelpad=1)
        row[0].set_ylabel(name, color=colour(hue), weight="semibold", size=11, labelpad=5)
    for steps, axes in zip(CLOUD, grid[0], strict=True):
        axes.set_title(f"{steps} step{'s' * (steps > 1)}", loc="center", size=11, weight="regular", pad=3)
    return fig


def drowned_photograph(seed: int = 3) -> Annotated[Figure, "webp"]:
    """The picture and the static mixed as in the table, and under each mixture the same seen with half-closed eyes: averages over
    blocks of 8 × 8 pixels, shown smoothed. These are true draws on the way into noise, no model at work. 96 × 96
    pixels; values outside the screen's range are clipped. Photograph: Chelsea the cat, by Stéfan van der Walt (CC0).

    badge: exact
    """
    cat = photo("chelsea", SIDE)
    eps = torch.randn(cat.shape)
    fig, grid = figure(4.75, nrows=4, ncols=len(TIMES))
    for name, schedule, rows in (("linear", LINEAR, grid[:2]), ("cosine", COSINE, grid[2:])):
        for step, column in zip(TIMES, rows.T, strict=True):
            alpha, sigma = (float(value) for value in schedule(torch.tensor(step / FULL, dtype=torch.float64)))
            mixed = alpha * cat + sigma * eps
            for axes, view in zip(column, (mixed, _squint(mixed)), strict=True):
                image = (view.clamp(-1, 1) / 2 + 0.5).permute(1, 2, 0)
                bare(axes).imshow(image, interpolation="nearest" if view is mixed else "bicubic")
        rows[0, 0].set_ylabel(name, weight="semibold", size=11, labelpad=5)
        rows[1, 0].set_ylabel("squinted", size=11, labelpad=5)
    for step, axes in zip(TIMES, grid[0], strict=True):
        axes.set_title(f"step {step}", loc="center", size=11, weight="regular", pad=5)
    return fig


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
    rows = []
    for steps in CROWD:
        picture, miss = _nearest(_walk(starts, steps)[-1])
        sharp, same = miss < SHARP, picture == goal
        rows.append(tuple(int(part.sum()) for part in (~sharp, sharp & ~same, sharp & same)))
    return rows


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


def _starts(count: int) -> Tensor:
    return torch.randn(count, 64)


def _nearest(x: Tensor) -> tuple[Tensor, Tensor]:
    """The known digit that each picture is closest to, and the largest miss of any of its pixels."""
    picture = torch.cdist(x, _known()).argmin(-1)
    return picture, (x - _known()[picture]).abs().amax(-1)


def _digit(axes, pixels: Tensor, hue: str, reach: float = 1.0) -> None:
    """64 pixels as a picture: paper at -reach, the full colour at reach."""
    bare(axes).imshow(pixels.reshape(8, 8), cmap=ramp(hue), vmin=-reach, vmax=reach)
