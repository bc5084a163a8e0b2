"""Figures of the page on DDPM and DDIM."""

import math
from typing import Annotated

import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from diffusion_ladder import denoisers, exact, samplers, schedules, targets
from diffusion_ladder.data import points
from figures.style import bare, colour, figure, ramp

STEPS = 1000
CHAIN = schedules.ddpm(schedules.linear_betas(STEPS))
MODES = exact.Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), torch.ones(2), std=0.25)
STARTS = (-1.8, -1.1, -0.6, -0.2, 0.3, 0.8, 1.5)
CHOSEN = 0.3  # the start that is drawn in the accent colour
COUNTS = (1, 2, 5, 10, 20, 50, 100, 1000)
EDGE = 3.3  # half the height of a path panel
SAMPLES = 20_000


def paths(seed: int = 9) -> Annotated[Figure, "webp"]:
    """Seven starts, sampled twice with the exact denoiser in 1000 steps: without fresh noise (DDIM) and with it (DDPM).
    Blue: the exact density of $x_t$, each column scaled to its own peak. The red path begins at $0.3$ in both panels.

    badge: exact
    """
    fig, rows = figure(5.6, nrows=2, sharex=True)
    for axes, eta, name in zip(rows, (0.0, 1.0), ("DDIM", "DDPM"), strict=True):
        _marginals(axes)
        states = _walk(torch.tensor(STARTS, dtype=torch.float64), STEPS, eta)
        times = torch.arange(STEPS, -1, -1)
        for start, path in zip(STARTS, states.T, strict=True):
            chosen = start == CHOSEN
            hue, width, order = ("accent", 1.9, 4) if chosen else ("ink", 0.9, 3)
            axes.plot(times, path, color=colour(hue), lw=width, zorder=order, solid_joinstyle="round")
            axes.plot(0, path[-1], "o", color=colour(hue), ms=5.5, zorder=order + 2, clip_on=False)
        axes.set(xlim=(STEPS, 0), ylim=(-EDGE, EDGE), yticks=[-2, -1, 0, 1, 2], ylabel="$x_t$")
        axes.set_title(name)
    rows[1].set(xlabel="step $t$: noise → data", xticks=range(0, 1001, 200))
    return fig


def one_start(seed: int = 5) -> Figure:
    """Where 5000 runs from one and the same start, $x_T = 0.3$, end after 1000 steps. Blue: the exact density of the
    data. DDIM ends at one point each time; DDPM draws from the whole density.

    badge: exact
    """
    fig, row = figure(2.9, ncols=2, sharex=True)
    x = torch.linspace(-2.1, 2.1, 421, dtype=torch.float64)
    for axes, eta, name in zip(row, (0.0, 1.0), ("DDIM", "DDPM"), strict=True):
        axes.fill_between(x, _density(x), color=colour("data"), alpha=0.22, lw=0)
        axes.plot(x, _density(x), color=colour("data"), lw=1.6)
        ends = _walk(torch.full((5000,), CHOSEN, dtype=torch.float64), STEPS, eta)[-1]
        if eta == 0:
            axes.axvline(ends[0], color=colour("accent"), lw=2.4)
            axes.text(ends[0] - 0.08, 1.02, f"all 5000\nat {ends[0]:.2f}", color=colour("accent"), ha="right", va="top")
        else:
            axes.hist(ends, bins=56, range=(-2.1, 2.1), density=True, histtype="step", color=colour("accent"), lw=1.5)
        axes.set(xlim=(-2.1, 2.1), ylim=(0, 1.08), yticks=[], xticks=[-1, 0, 1], xlabel="end $x_0$")
        axes.set_title(name)
    return fig


def few_steps(seed: int = 6) -> Figure:
    """Densities of 100 000 ends after 2, 5, 10 and 20 steps. Blue: the density of the data. The fewer the steps, the closer
    to the middle the ends stay.

    badge: exact
    """
    fig, grid = figure(4.4, nrows=2, ncols=2, sharex=True)
    x = torch.linspace(-1.9, 1.9, 381, dtype=torch.float64)
    starts = torch.randn(100_000, dtype=torch.float64)
    for axes, steps in zip(grid.flat, (2, 5, 10, 20), strict=True):
        axes.fill_between(x, _density(x), color=colour("data"), alpha=0.22, lw=0)
        for eta, hue, dashes, width in ((0.0, "accent", "-", 2.0), (1.0, "ink", (0, (3, 1.5)), 1.5)):
            ends = _ends(starts, steps, eta)
            axes.stairs(*_histogram(ends), color=colour(hue), ls=dashes, lw=width)
        axes.set(xlim=(-1.9, 1.9), ylim=(0, 1.65), yticks=[], xticks=[-1, 0, 1])
        axes.set_title(f"{steps} steps")
    first = grid[0, 0]
    first.text(-1.84, 1.6, "DDIM", color=colour("accent"), weight="semibold", va="top")
    first.text(1.84, 1.6, "DDPM", color=colour("ink"), weight="semibold", va="top", ha="right")
    return fig


def distance(seed: int = 7) -> Figure:
    """Distance ($W_1$) of a sampler's ends to the data against the number of steps, without the noise of sampling: the
    densities themselves are carried along. The grey band is the noise floor: 20 000 exact draws against 20 000 others,
    from the least to the greatest of 20 times. No sampler here has noise in its last step.

    badge: exact
    """
    fig, axes = figure(4.0)
    floor = _w1(_draw(20, SAMPLES), _draw(20, SAMPLES))
    low, high = floor.min(), floor.max()
    axes.axhspan(low, high, color=colour("line"), lw=0, zorder=0)
    axes.text(1.1, math.sqrt(low * high), "noise floor", color=colour("muted"), va="center")
    looks = {
        "DDPM": ((1.0, False), "ink", "-", 2.0),
        "DDPM, larger variance": ((1.0, True), "muted", (0, (3, 1.5)), 1.8),
        "DDIM": ((0.0, False), "accent", "-", 2.4),
    }
    for label, (kind, hue, dashes, width) in looks.items():
        off = [_off(*_carried(steps, *kind)) for steps in COUNTS]
        axes.plot(COUNTS, off, color=colour(hue), ls=dashes, lw=width, zorder=3, label=label)
    axes.set(xscale="log", yscale="log", xlim=(1, 1000), ylim=(6e-4, 1.4))
    axes.set(xticks=[1, 2, 5, 10, 20, 50, 100, 1000], xticklabels=[1, 2, 5, 10, 20, 50, 100, 1000])
    axes.set(yticks=[0.001, 0.01, 0.1, 1], yticklabels=["0.001", "0.01", "0.1", "1"])
    axes.set(xlabel="steps", ylabel="$W_1$ to the data")
    axes.minorticks_off()
    axes.legend(loc="upper right", labelcolor="linecolor", handlelength=1.7, borderaxespad=0.2)
    return fig


def noise_names_points(figure_eight_denoiser, seed: int = 8) -> Annotated[Figure, "webp"]:
    """Left: 3000 noise vectors, coloured by their angle. Middle and right: where the network of
    `recipes/figure_eight_denoiser.py` sends them in 100 steps, with DDIM and with DDPM. Each point keeps its colour.

    badge: trained
    """
    fig, row = figure(2.5, ncols=3)
    noise = torch.randn(3000, 2)
    angle = torch.atan2(noise[:, 1], noise[:, 0])
    ends = [_cleaned(figure_eight_denoiser, noise, eta) for eta in (0.0, 1.0)]
    for axes, cloud, name in zip(row, (noise, *ends), ("noise", "DDIM", "DDPM"), strict=True):
        bare(axes).scatter(*cloud.T, c=angle, cmap=_wheel(), s=3.0, lw=0)
        edge = 3.2 if cloud is noise else 1.75
        axes.set(xlim=(-edge, edge), ylim=(-edge, edge))
        axes.set_title(name, loc="center")
    return fig


def interpolation(figure_eight_denoiser, seed: int = 9) -> Annotated[Figure, "webp"]:
    """Left: seven noise vectors on the arc from one (1) to another (7). Right: the points that the same network makes
    of them with DDIM in 100 steps, on a faint cloud of data. The dots in between are a finer walk along the same arc.

    badge: trained
    """
    fig, (left, right) = figure(3.0, ncols=2)
    arc = _arc(181)
    ends = _cleaned(figure_eight_denoiser, arc, 0.0)
    left.scatter(*torch.randn(1500, 2).T, s=2.5, lw=0, color=colour("noise"), alpha=0.45)
    right.scatter(*points.figure_eight(1500).T, s=2.5, lw=0, color=colour("data"), alpha=0.45)
    for axes, cloud, name, edge in ((left, arc, "noise", 2.6), (right, ends, "data", 1.75)):
        bare(axes).scatter(*cloud.T, s=3.5, lw=0, color=colour("accent"))
        axes.scatter(*cloud[::30].T, s=78, color=colour("paper"), edgecolors=colour("accent"), lw=1.3, zorder=4)
        for number, place in enumerate(cloud[::30], 1):
            axes.text(*place, str(number), ha="center", va="center_baseline", size=8, color=colour("ink"), zorder=5)
        axes.set(xlim=(-edge, edge), ylim=(-edge, edge))
        axes.set_title(name, loc="center")
    return fig


def signal_at_the_end() -> float:
    """Amplitude of the picture in the chain's last state."""
    return float(CHAIN.alpha(torch.ones((), dtype=torch.float64)))


def data_spread() -> float:
    """Standard deviation of the data."""
    return float((MODES.means.var(correction=0) + MODES.std**2).sqrt())


def pull_at_50() -> float:
    """How far the guesses of the page's first block lie from their states at step 50, at most."""
    x = torch.tensor([-1.2, 0.1, 0.4, 2.0], dtype=torch.float64)
    return float((_ideal(x, torch.tensor(50 / STEPS, dtype=torch.float64)) - x).abs().max())


def one_step_spread() -> float:
    """Standard deviation of the ends after one step."""
    return _spread(1, 0.0)


def five_steps_spread_ddim() -> float:
    """Standard deviation of DDIM's ends after 5 steps."""
    return _spread(5, 0.0)


def five_steps_spread_ddpm() -> float:
    """The same for DDPM."""
    return _spread(5, 1.0)


def five_steps_off_ddim() -> float:
    """Distance of DDIM's ends to the data after 5 steps."""
    return _off(*_carried(5, 0.0))


def five_steps_off_ddpm() -> float:
    """The same for DDPM."""
    return _off(*_carried(5, 1.0))


def hundred_steps_off_ddim() -> float:
    """Distance of DDIM's ends to the data after 100 steps."""
    return _off(*_carried(100, 0.0))


def hundred_steps_off_ddpm() -> float:
    """The same for DDPM."""
    return _off(*_carried(100, 1.0))


def hump_with_larger_variance() -> float:
    """Spread of one hump of the ends after 10 steps of DDPM with the larger variance."""
    x, mass = _masses(*_carried(10, 1.0, wide=True))
    x, mass = x[x > 0], mass[x > 0] / mass[x > 0].sum()
    return float((mass @ (x - mass @ x) ** 2).sqrt())


def thousand_steps_off_ddim() -> float:
    """Root-mean-square error of DDIM's ends after 1000 steps."""
    return _astray(samplers.ddim)


def thousand_steps_off_euler() -> float:
    """The same for Euler's method on $x$ in the clock $t$."""
    return _astray(samplers.euler)


def _walk(x: Tensor, steps: int, eta: float) -> Tensor:
    """Every state from x (n,) on: (steps + 1, n), with the exact denoiser."""
    return torch.stack([x, *samplers.ddim(_ideal, CHAIN, x, _times(steps), eta)])


def _ends(x: Tensor, steps: int, eta: float) -> Tensor:
    """The last state of `_walk`."""
    return samplers.last(samplers.ddim(_ideal, CHAIN, x, _times(steps), eta))


def _carried(steps: int, eta: float, wide: bool = False) -> tuple[Tensor, Tensor]:
    """The distribution of a sampler's ends, without samples: (places, share of ends below each).

    A stride with noise sums p(x_s) = int p(x_t) N(x_s; mean(x_t), noise^2) dx_t on a grid finer than its noise; one
    without noise moves the places. `wide` is DDPM with the larger variance; the last stride never has noise.
    """
    times = _times(steps)
    (alpha_t, sigma_t), (alpha_s, sigma_s) = CHAIN(times[:-1]), CHAIN(times[1:])
    large = 1 - (alpha_t / alpha_s) ** 2
    small = (sigma_s / sigma_t) ** 2 * large
    on_eps = (sigma_s**2 - eta**2 * small).sqrt()
    noise = (large if wide else eta**2 * small).sqrt()
    noise[-1] = 0
    widths = [min(0.8 * float(spread), 0.05) or 0.001 for spread in noise]
    x = _grid(widths[0])
    density, below = (-(x**2) / 2).exp() / math.sqrt(2 * math.pi), torch.special.ndtr(x)
    for i, spread in enumerate(noise):
        x0 = _ideal(x, times[i])
        mean = alpha_s[i] * x0 + on_eps[i] * (x - alpha_t[i] * x0) / sigma_t[i]
        if spread == 0:
            x = mean
        else:
            x = _grid(widths[i + 1])
            apart = (x[:, None] - mean) / spread
            kernel = (-(apart**2) / 2).clamp(min=-60).exp() / (spread * math.sqrt(2 * math.pi))
            density = widths[i] * (kernel @ density)
            below = torch.cat([torch.zeros(1), torch.cumulative_trapezoid(density, x)])
    return x, below


def _masses(places: Tensor, below: Tensor) -> tuple[Tensor, Tensor]:
    """Middles of the cells of a carried distribution, and the share of the ends in each."""
    return (places[1:] + places[:-1]) / 2, below.diff()


def _spread(steps: int, eta: float) -> float:
    x, mass = _masses(*_carried(steps, eta))
    return float((mass @ (x - mass @ x) ** 2).sqrt())


def _astray(walk) -> float:
    """Root-mean-square error of the ends after 1000 steps; the exact flow sends quantile to quantile."""
    start = torch.special.ndtri((torch.arange(4000, dtype=torch.float64) + 0.5) / 4000)
    fine = _grid(0.0005, 3.0)
    below = (torch.special.ndtr((fine - 1) / MODES.std) + torch.special.ndtr((fine + 1) / MODES.std)) / 2
    alpha, sigma = CHAIN(torch.ones((), dtype=torch.float64))
    width = ((alpha * MODES.std) ** 2 + sigma**2).sqrt()
    share = (torch.special.ndtr((start - alpha) / width) + torch.special.ndtr((start + alpha) / width)) / 2
    exactly = torch.from_numpy(np.interp(share, below, fine))
    ends = samplers.last(walk(_ideal, CHAIN, start, _times(STEPS)))
    return float((ends - exactly).square().mean().sqrt())


def _off(places: Tensor, below: Tensor) -> float:
    """W1 to the data: the area between the two distribution functions."""
    x = _grid(0.001, 3.0)
    truth = (torch.special.ndtr((x - 1) / MODES.std) + torch.special.ndtr((x + 1) / MODES.std)) / 2
    return float(torch.trapezoid((torch.from_numpy(np.interp(x, places, below, 0, 1)) - truth).abs(), x))


def _grid(width: float, edge: float = 5.0) -> Tensor:
    return torch.arange(-edge, edge + width / 2, width, dtype=torch.float64)


def _ideal(x: Tensor, t: Tensor) -> Tensor:
    """`exact.exact(MODES, CHAIN)` for x of any shape, in one tanh: some of these figures ask for it 10^9 times."""
    alpha, sigma = CHAIN(t)
    gain = alpha * MODES.std**2 / ((alpha * MODES.std) ** 2 + sigma**2)
    mode = torch.tanh(alpha * x / ((alpha * MODES.std) ** 2 + sigma**2))
    return mode + gain * (x - alpha * mode)


def _times(steps: int) -> Tensor:
    return torch.linspace(STEPS, 0, steps + 1).round().double() / STEPS


def _density(x: Tensor, t: float = 0.0) -> Tensor:
    """Density of x_t at x (n,)."""
    return exact.log_density(MODES, CHAIN, x[:, None], torch.tensor(t, dtype=torch.float64).expand(len(x), 1)).exp()


def _marginals(axes) -> None:
    """The density of every x_t as a tint behind the paths."""
    x = torch.linspace(-EDGE, EDGE, 201, dtype=torch.float64)
    columns = torch.stack([_density(x, step / STEPS) for step in range(STEPS, -1, -10)], dim=1)
    tint, extent = columns / columns.amax(0), (STEPS, 0, -EDGE, EDGE)
    axes.imshow(
        tint, cmap=ramp("data"), vmax=2.4, extent=extent, origin="lower", aspect="auto", interpolation="bilinear"
    )


def _histogram(x: Tensor) -> tuple:
    counts, edges = torch.histogram(x, bins=76, range=(-1.9, 1.9))
    return (counts / len(x) / (edges[1] - edges[0])).numpy(), edges.numpy()


def _draw(*shape: int) -> Tensor:
    mode = torch.randint(2, shape) * 2.0 - 1
    return mode + MODES.std * torch.randn(shape, dtype=torch.float64)


def _w1(x: Tensor, y: Tensor) -> Tensor:
    return (x.sort(-1).values - y.sort(-1).values).abs().mean(-1)


def _cleaned(net: torch.nn.Module, noise: Tensor, eta: float, steps: int = 100) -> Tensor:
    """What the trained network makes of noise (n, 2)."""
    schedule = schedules.cosine()
    denoise = denoisers.denoiser(net, schedule, targets.V)
    with torch.no_grad():
        return samplers.last(samplers.ddim(denoise, schedule, noise, torch.linspace(1, 0, steps + 1), eta))


def _arc(count: int) -> Tensor:
    """Noise vectors on the arc between two chosen ones: (count, 2)."""
    a, b = torch.tensor([1.45, -0.6]), torch.tensor([-0.9, 1.2])
    angle = torch.arccos((a @ b) / (a.norm() * b.norm()))
    w = torch.linspace(0, 1, count)[:, None]
    return (torch.sin((1 - w) * angle) * a + torch.sin(w * angle) * b) / torch.sin(angle)


def _wheel() -> LinearSegmentedColormap:
    """The palette bent into a ring, so that an angle and its neighbours look alike."""
    return LinearSegmentedColormap.from_list("wheel", [colour(name) for name in
                                             ("data", "condition", "accent", "guess", "truth", "data")])  # fmt: skip
