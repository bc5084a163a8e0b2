"""Figures of the home page."""

from typing import Annotated

import torch
from matplotlib.figure import Figure

from diffusion_ladder import denoisers, samplers, schedules, targets
from figures.style import bare, figure, mix


def journey(figure_eight_denoiser, seed: int = 7) -> Annotated[Figure, "webp"]:
    """2000 points on their way from noise to data: six of the 65 states that DDIM passes through, with the network of
    `recipes/figure_eight_denoiser.py` as its guide.

    badge: trained
    """
    schedule, steps, edge = schedules.cosine(), 64, 2.35
    denoise = denoisers.denoiser(figure_eight_denoiser, schedule, targets.V)
    times = torch.linspace(0.999, 0.0, steps + 1)
    with torch.no_grad():
        start = torch.randn(2000, 2)
        states = [start, *samplers.ddim(denoise, schedule, start, times)]
    fig, row = figure(1.5, width=9.0, ncols=6)
    for axes, at in zip(row, (0, 20, 32, 44, 54, 64), strict=True):
        shade = mix("noise", "guess", float(schedule(times[at])[0]) ** 2)
        bare(axes).scatter(*states[at].T, s=2.2, color=[shade], alpha=0.6, lw=0)
        axes.set(xlim=(-edge, edge), ylim=(-edge, edge))
    return fig
