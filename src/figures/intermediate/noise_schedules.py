"""Figures and numbers of the page on noise schedules."""

import math
from collections.abc import Callable
from typing import Annotated

import torch
from matplotlib.figure import Figure

from diffusion_ladder import denoisers, exact, schedules, targets
from diffusion_ladder.data import points
from diffusion_ladder.data.photos import photo
from figures.shelf.myths import cat_power, stable_diffusion_end
from figures.style import bare, colour, figure, halo, ramp

STEPS = 1000
LINEAR = schedules.ddpm(schedules.linear_betas(STEPS))
COSINE = schedules.cosine()
SIGMOID = schedules.sigmoid()
LINES = {  # name → schedule, colour, dashes, width
    "linear": (LINEAR, "ink", "-", 2.2),
    "cosine": (COSINE, "accent", "-", 2.6),
    "sigmoid": (SIGMOID, "muted", (0, (2.2, 1.6)), 1.8),
}
LEVELS = (0.06, 0.25, 0.6)  # the three noise levels of the score fields, as times of the cosine schedule
EDGE = 2.3  # half the side of a score field
LEFT = 0.30  # the power that is left in the worked example

# ---- Figures ---------------------------------------------------------------------------------------------------------


def schedule_curves() -> Figure:
    """Share of signal power left, $\\bar\\alpha_t$, over the 1000 steps of three schedules. What is missing to 1 is
    noise. Dots mark the first step with no more than $0.30$.

    badge: exact
    """
    fig, axes = figure(3.5)
    t = torch.arange(STEPS + 1, dtype=torch.float64) / STEPS
    for schedule, hue, dashes, width in LINES.values():
        axes.plot(t * STEPS, _power(schedule, t), color=colour(hue), ls=dashes, lw=width, zorder=3)
    for name in ("linear", "cosine"):
        schedule, hue, *_ = LINES[name]
        there = _step_at(schedule, LEFT)
        axes.plot(there, LEFT, "o", color=colour(hue), ms=6.5, zorder=4)
        axes.annotate(f"$t$ = {there}", (there, LEFT), (9, 7), textcoords="offset points", color=colour(hue))
    axes.axhline(LEFT, color=colour("line"), lw=1.0, zorder=1)
    axes.set(xlim=(0, STEPS), ylim=(0, 1.005), xticks=range(0, 1001, 200), yticks=[0, LEFT, 0.5, 1.0])
    axes.set(xlabel="step $t$", ylabel="signal power $\\bar{\\alpha}_t$")
    _label(axes, 178, 0.62, "linear", "ink", ha="right")
    _label(axes, 455, 0.62, "cosine", "accent", ha="left")
    _label(axes, 868, 0.105, "sigmoid", "muted", ha="left")
    return fig


def _power(schedule: schedules.Schedule, t: torch.Tensor) -> torch.Tensor:
    return schedule(t)[0] ** 2


def _step_at(schedule: schedules.Schedule, power: float) -> int:
    """The first step at which no more than `power` of the signal is left."""
    t = torch.arange(1, STEPS + 1, dtype=torch.float64) / STEPS
    return int((_power(schedule, t) > power).sum()) + 1


def _label(axes, x, y, text, hue, **style):
    axes.text(x, y, text, color=colour(hue), weight="semibold", path_effects=halo(), zorder=5, **style)


def signal_to_noise() -> Figure:
    """Signal-to-noise ratio over the steps of three schedules: in decibels on the left, as its natural logarithm on
    the right. The shaded band runs from 20 dB to −20 dB; rings mark the step from which noise outweighs signal.

    badge: exact
    """
    fig, axes = figure(3.9)
    t = torch.arange(1, STEPS, dtype=torch.float64) / STEPS
    axes.axhspan(-20, 20, color=colour("panel"), lw=0, zorder=0)
    axes.axhline(0, color=colour("line"), lw=1.0, zorder=1)
    for schedule, hue, dashes, width in LINES.values():
        level = schedules.decibels(schedules.snr(schedule, t))
        axes.plot(t * STEPS, level, color=colour(hue), ls=dashes, lw=width, zorder=3)
    for name, side in (("linear", -1), ("cosine", 1)):
        schedule, hue, *_ = LINES[name]
        even = _step_at(schedule, 0.5)
        axes.plot(even, 0, "o", ms=7, mfc=colour("paper"), mec=colour(hue), mew=2, zorder=4)
        axes.annotate(f"$t$ = {even}", (even, 0), (side * 8, side * 11), textcoords="offset points",
                      color=colour(hue), ha="right" if side < 0 else "left", va="center")  # fmt: skip
    axes.set(xlim=(0, STEPS), ylim=(-50, 40), xticks=range(0, 1001, 200), yticks=range(-40, 41, 20))
    axes.set(xlabel="step $t$", ylabel="SNR in dB")
    right = axes.twinx()
    nats = math.log(10) / 10  # one decibel in natural log
    right.set(ylim=(-50 * nats, 40 * nats), yticks=[-10, -5, 0, 5], ylabel="log-SNR")
    right.spines["right"].set_visible(False)
    right.tick_params(length=0)
    axes.text(12, -18.6, "between 20 and −20 dB", color=colour("muted"), size=10.5, va="bottom")
    _label(axes, 800, -36, "linear", "ink", ha="right")
    _label(axes, 205, 12.5, "cosine", "accent", ha="left")
    _label(axes, 880, -7.5, "sigmoid", "muted", ha="left")
    return fig


def where_time_goes() -> Figure:
    """Share of the 1000 steps that each schedule spends nearly clean (above 20 dB), in between, and nearly static
    (below −20 dB), counted step by step.

    badge: exact
    """
    fig, axes = figure(2.25)
    for row, (schedule, *_) in enumerate(LINES.values()):
        left, hues = 0.0, (("data", "paper"), ("line", "ink"), ("noise", "paper"))
        for share, (hue, text) in zip(_bands(schedule), hues, strict=True):
            axes.barh(row, share, left=left, height=0.66, color=colour(hue), ec=colour("paper"), lw=1.5)
            if share > 0.08:  # smaller ones have no room for their number; the page prints them
                style = {"size": 11, "weight": "semibold", "ha": "center", "va": "center"}
                axes.text(left + share / 2, row, f"{share:.0%}", color=colour(text), **style)
            left += share
    axes.set(xlim=(0, 1), ylim=(2.5, -0.95), xticks=[], yticks=range(3), yticklabels=list(LINES))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=11, labelcolor=colour("ink"))
    for x, text, hue, side in ((0, "nearly clean", "data", "left"), (0.5, "in between", "ink", "center")):
        axes.text(x, -0.55, text, color=colour(hue), ha=side, size=10.5)
    axes.text(1, -0.55, "nearly static", color=colour("noise"), ha="right", size=10.5)
    return fig


def _bands(schedule: schedules.Schedule) -> tuple[float, float, float]:
    """The shares of the steps above 20 dB, in between, and below −20 dB."""
    level = schedules.decibels(schedules.snr(schedule, torch.arange(1, STEPS + 1, dtype=torch.float64) / STEPS))
    clean, static = float((level > 20).double().mean()), float((level < -20).double().mean())
    return clean, float((level.abs() <= 20).double().mean()), static


def picture_strips(seed: int = 3) -> Annotated[Figure, "webp"]:
    """One photograph at the same five steps of three schedules. Every picture is a true draw of $x_t$, all with one and
    the same $\\epsilon$, at 64 × 64 pixels, enlarged; values outside the screen's range are clipped. Below each: its SNR.
    Photograph: Chelsea the cat, by Stéfan van der Walt (CC0).

    badge: exact
    """
    cat, times = photo("chelsea", 64), (20, 100, 260, 500, 800)
    eps = torch.randn(cat.shape)
    fig, grid = figure(4.5, nrows=3, ncols=len(times))
    for (name, (schedule, hue, *_)), row in zip(LINES.items(), grid, strict=True):
        for step, axes in zip(times, row, strict=True):
            t = torch.tensor(step / STEPS, dtype=torch.float64)
            alpha, sigma = (float(value) for value in schedule(t))
            noisy = (alpha * cat + sigma * eps).clamp(-1, 1)
            bare(axes).imshow(noisy.permute(1, 2, 0) / 2 + 0.5, interpolation="bilinear")
            level = f"{_level(schedule, step):.0f} dB".replace("-", "−").replace("−0 ", "0 ")
            axes.set_xlabel(level, size=10, labelpad=3)
        row[0].set_ylabel(name, color=colour(hue), weight="semibold", size=11, labelpad=6)
    for step, axes in zip(times, grid[0], strict=True):
        axes.set_title(f"$t$ = {step}", loc="center", size=11, weight="regular", pad=5)
    return fig


def _level(schedule: schedules.Schedule, step: int) -> float:
    """The SNR at a step, in dB."""
    return float(schedules.decibels(schedules.snr(schedule, torch.tensor(step / STEPS, dtype=torch.float64))))


def surviving_frequencies() -> Figure:
    """Which details drown first. The curve is the power of the photograph above, at 64 × 64 pixels, averaged over
    its three colours and over rings of equal spatial frequency (in cycles per picture width). White noise has the same
    power everywhere: under the linear schedule it stands, relative to the signal, at the level of each line. Left of the
    crossing the picture is louder.

    badge: exact
    """
    fig, axes = figure(3.5)
    spectrum = _spectrum()
    axes.loglog(range(1, 33), spectrum, color=colour("data"), lw=2.6, zorder=3)
    for step in (20, 100, 200):
        floor = _floor(step)
        axes.axhline(floor, color=colour("noise"), lw=1.4, ls=(0, (4, 2)), zorder=2)
        axes.text(1.06, floor * 1.15, f"noise at $t$ = {step}", color=colour("noise"), va="bottom", size=10.5)
        axes.plot(_crossing(spectrum, floor), floor, "o", color=colour("accent"), ms=6.5, zorder=4)
    axes.set(xlim=(1, 33), xticks=[1, 2, 4, 8, 16, 32], xticklabels=[1, 2, 4, 8, 16, 32])
    axes.set(xlabel="spatial frequency: coarse shapes → fine detail", ylabel="power")
    axes.minorticks_off()
    _label(axes, 2.6, float(spectrum[1]) * 1.3, "the photograph", "data", ha="left")
    return fig


def _spectrum() -> torch.Tensor:
    """The photograph's power in rings of equal frequency, from 1 to 32 cycles per picture."""
    power = (torch.fft.fft2(photo("chelsea", 64), norm="ortho").abs() ** 2).mean(dim=0)
    wave = torch.fft.fftfreq(64) * 64
    ring = (wave[:, None] ** 2 + wave**2).sqrt().round().long()
    return torch.tensor([power[ring == k].mean() for k in range(1, 33)])


def _floor(step: int) -> float:
    """The noise's power under the linear schedule, relative to the signal."""
    return 1 / float(schedules.snr(LINEAR, torch.tensor(step / STEPS, dtype=torch.float64)))


def _crossing(spectrum: torch.Tensor, floor: float) -> float:
    """The frequency, counted from 1, where a falling spectrum last goes below the floor; straight between rings."""
    k = int((spectrum > floor).nonzero().max())
    above, below = (math.log(float(value)) for value in spectrum[k : k + 2])
    return k + 1 + (above - math.log(floor)) / (above - below)


def score_fields() -> Annotated[Figure, "webp"]:
    """Score of the figure-8 cloud at three noise levels of the cosine schedule, in closed form. Shade: the square root of
    the density of $x_t$. Arrows: the score times $\\sigma_t$, that is, the noise to expect with its sign turned round;
    long arrows are drawn shortened.

    badge: exact
    """
    cloud = _cloud()
    fig, row = figure(2.4, ncols=3)
    for axes, level in zip(row, LEVELS, strict=True):
        _field(axes, cloud, level)
        _arrows(axes, _pull(exact.exact(cloud, COSINE), _places(), level), "truth", 0.0095, _places())
    return fig


def score_fields_learned(figure_eight_denoiser, seed: int = 7) -> Annotated[Figure, "webp"]:
    """The same three fields as the network of `recipes/figure_eight_denoiser.py` gives them, drawn over the exact
    arrows, wherever $x_t$ has at least a hundredth of its highest density. Where you see one arrow only, they agree in
    direction. Below: root-mean-square error of its score, relative to the score itself, on 2048 fresh draws of $x_t$.

    badge: trained
    """
    cloud = _cloud()
    learned = denoisers.denoiser(figure_eight_denoiser, COSINE, targets.V)
    fig, row = figure(2.7, ncols=3)
    with torch.no_grad():
        for axes, level in zip(row, LEVELS, strict=True):
            _field(axes, cloud, level)
            here = _peopled(cloud, _places(), level)
            _arrows(axes, _pull(exact.exact(cloud, COSINE), here, level), "truth", 0.013, here)
            _arrows(axes, _pull(learned, here, level), "guess", 0.006, here)
            axes.set_xlabel(f"error {_error(learned, cloud, level):.1%}", color=colour("guess"), labelpad=4)
    return fig


def _cloud() -> exact.Mixture:
    """The density the figure-8's points are drawn from: narrow Gaussians, evenly along the curve, too many to tell apart."""
    means = points.lemniscate(2 * math.pi * (torch.arange(4096) + 0.5) / 4096)
    return exact.Mixture(means, torch.ones(len(means)), std=0.05)


def _pull(denoise: denoisers.Denoiser, x: torch.Tensor, level: float) -> torch.Tensor:
    """σ_t times the score at x: minus the noise to expect there, (B, 2)."""
    t = torch.full((len(x), 1), level)
    return COSINE(t)[1] * denoisers.score(denoise, COSINE, x, t)


def _error(learned: denoisers.Denoiser, cloud: exact.Mixture, level: float) -> float:
    """Root-mean-square error of a score over draws of x_t, relative to the root mean square of the exact score."""
    alpha, sigma = COSINE(torch.tensor(level))
    x = alpha * points.figure_eight(2048) + sigma * torch.randn(2048, 2)
    true = _pull(exact.exact(cloud, COSINE), x, level)
    return float((_pull(learned, x, level) - true).norm() / true.norm())


def _places(count: int = 13) -> torch.Tensor:
    """Where arrows stand: an even grid over the panel, (count², 2)."""
    ticks = torch.linspace(-EDGE, EDGE, 2 * count + 1)[1::2]
    return torch.cartesian_prod(ticks, ticks)


def _peopled(cloud: exact.Mixture, x: torch.Tensor, level: float) -> torch.Tensor:
    """Those of the places x where x_t has at least a hundredth of the highest density among them."""
    density = exact.log_density(cloud, COSINE, x, torch.full((len(x), 1), level))
    return x[density > density.max() - math.log(100)]


def _field(axes, cloud: exact.Mixture, level: float) -> None:
    """A panel without its arrows: the density of x_t as a tint, darkest at its own peak, and the noise level."""
    ticks = torch.linspace(-EDGE, EDGE, 49)
    x, t = torch.cartesian_prod(ticks, ticks), torch.tensor(level)
    density = exact.log_density(cloud, COSINE, x, t.expand(len(x), 1)).exp().reshape(49, 49).T
    tint, extent = (density / density.max()).sqrt(), (-EDGE, EDGE, -EDGE, EDGE)
    bare(axes).imshow(tint, cmap=ramp("data"), vmax=1.6, extent=extent, origin="lower", interpolation="bicubic")
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
    axes.set_title(f"SNR {_panel(level):.0f} dB".replace("-", "−"), loc="center", size=11, weight="regular")


def _panel(level: float) -> float:
    """The SNR of a score field, in dB."""
    return float(schedules.decibels(schedules.snr(COSINE, torch.tensor(level))))


def _arrows(axes, pull: torch.Tensor, hue: str, width: float, places: torch.Tensor) -> None:
    """Arrows centred on their places; long ones are drawn shortened, so that each stays in its own cell."""
    shown = pull / (1 + pull.square().sum(-1, keepdim=True)).sqrt()
    head = {"headwidth": 3.4, "headlength": 3.6, "headaxislength": 3.3}
    units = {"angles": "xy", "scale_units": "xy", "scale": 3.1, "pivot": "mid", "width": width}
    axes.quiver(*places.T, *shown.T, color=colour(hue), zorder=3, **head, **units)


def halved_shifted() -> Figure:
    """Every level of the cosine schedule, lowered by the same number of decibels.

    badge: exact
    """
    return _halved(lambda step: _halved_level(COSINE, step))


def halved_flattened() -> Figure:
    """Every level of the cosine schedule, in decibels, divided by two.

    badge: exact
    """
    return _halved(lambda step: _level(COSINE, step) / 2)


def halved_hurried() -> Figure:
    """The levels of the cosine schedule, each reached in half as many steps.

    badge: exact
    """
    return _halved(lambda step: _level(COSINE, 2 * step), last=STEPS // 2)


def _halved(after: Callable[[int], float], last: int = STEPS) -> Figure:
    """A small panel: the SNR of the cosine schedule in grey, and over it a dashed curve."""
    fig, axes = figure(1.9, 2.3)
    steps = range(4, STEPS, 4)
    axes.axhline(0, color=colour("line"), lw=1.0, zorder=1)
    axes.plot(steps, [_level(COSINE, step) for step in steps], color=colour("muted"), lw=1.8, zorder=2)
    shown = [step for step in steps if step < last]
    axes.plot(shown, [after(step) for step in shown], color=colour("accent"), lw=2.2, ls=(0, (3, 1.4)), zorder=3)
    axes.set(xlim=(0, STEPS), ylim=(-25, 25), xticks=[0, 500, 1000], yticks=[-20, 0, 20])
    axes.set(xlabel="step $t$", ylabel="SNR in dB")
    return fig


def _halved_level(schedule: schedules.Schedule, step: int) -> float:
    """The SNR at a step, in dB, if the picture is multiplied by one half before noise goes in."""
    alpha, sigma = schedule(torch.tensor(step / STEPS, dtype=torch.float64))
    return float(schedules.decibels((alpha / 2) ** 2 / sigma**2))


# ---- Numbers ---------------------------------------------------------------------------------------------------------
# Those of the myths on this page stand in figures/shelf/myths.py, and so do others that both texts name.


def pixel_level() -> float:
    """The distance of two neighbouring levels of an 8-bit pixel, if pixels run from −1 to 1."""
    return float(torch.linspace(-1, 1, 2**8, dtype=torch.float64).diff().mean())


def cat_decibels() -> float:
    """By how much less power than 1 makes the photograph's SNR worse than the formula says, in dB."""
    return -float(schedules.decibels(torch.tensor(cat_power())))


def decibel_in_nats() -> float:
    """One decibel as a log-SNR."""
    ratio = schedules.snr(LINEAR, torch.tensor(0.5, dtype=torch.float64))
    return float(ratio.log() / schedules.decibels(ratio))


def thirty_signal() -> float:
    """The picture's amplitude in the worked example."""
    return math.sqrt(LEFT)


def thirty_noise() -> float:
    """The noise's amplitude there."""
    return math.sqrt(1 - thirty_signal() ** 2)


def thirty_noise_power() -> float:
    """The noise's power there."""
    return thirty_noise() ** 2


def linear_clean() -> float:
    """The share of linear's steps above 20 dB."""
    return _bands(LINEAR)[0]


def cosine_clean() -> float:
    """The same for cosine."""
    return _bands(COSINE)[0]


def sigmoid_clean() -> float:
    """The same for sigmoid."""
    return _bands(SIGMOID)[0]


def sigmoid_middle() -> float:
    """The share of sigmoid's steps between 20 and −20 dB."""
    return _bands(SIGMOID)[1]


def sigmoid_dead() -> float:
    """The share of sigmoid's steps below −20 dB."""
    return _bands(SIGMOID)[2]


def left_panel() -> float:
    """The SNR of the first score field, in dB."""
    return _panel(LEVELS[0])


def middle_panel() -> float:
    """The same of the second."""
    return _panel(LEVELS[1])


def right_panel() -> float:
    """The same of the third."""
    return _panel(LEVELS[2])


def drowned_from_20() -> float:
    """The spatial frequency from which the photograph is weaker than linear's noise, at step 20."""
    return _crossing(_spectrum(), _floor(20))


def drowned_from_100() -> float:
    """The same at step 100."""
    return _crossing(_spectrum(), _floor(100))


def drowned_from_200() -> float:
    """The same at step 200."""
    return _crossing(_spectrum(), _floor(200))


def _averaged(side: int) -> float:
    """By how many dB the noise's power drops in the mean of `side` × `side` pixels."""
    weights = torch.full((side, side), 1 / side**2, dtype=torch.float64)
    return -float(schedules.decibels(weights.square().sum()))


def doubling_decibels() -> float:
    """What twice the side is worth."""
    return _averaged(2)


def averaging_decibels() -> float:
    """What the mean of 64 × 64 numbers is worth."""
    return _averaged(64)


def halving_decibels() -> float:
    """What it costs to multiply the picture by one half."""
    return _level(COSINE, 500) - _halved_level(COSINE, 500)


def stable_diffusion_decibels() -> float:
    """Where Stable Diffusion's schedule ends."""
    power = torch.tensor(stable_diffusion_end(), dtype=torch.float64) ** 2
    return float(schedules.decibels(power / (1 - power)))


def linear_100_decibels() -> float:
    """The SNR of linear at step 100, in dB."""
    return _level(LINEAR, 100)


def linear_500_decibels() -> float:
    """The same at step 500."""
    return _level(LINEAR, 500)


def cosine_500_decibels() -> float:
    """The SNR of cosine at step 500, in dB."""
    return _level(COSINE, 500)


def cosine_800_decibels() -> float:
    """The same at step 800."""
    return _level(COSINE, 800)


def ratio_at_200() -> float:
    """The SNR of linear at step 200, as a ratio."""
    return float(schedules.snr(LINEAR, torch.tensor(200 / STEPS, dtype=torch.float64)))


def share_in_decibels_at_200() -> float:
    """The signal against the whole there, in dB."""
    return float(schedules.decibels(_power(LINEAR, torch.tensor(200 / STEPS, dtype=torch.float64))))


def twenty_logs_at_200() -> float:
    """Twenty times the logarithm of the ratio, as if it were one of amplitudes."""
    return 20 * math.log10(ratio_at_200())
