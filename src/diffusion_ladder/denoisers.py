"""A denoiser is any function (x, t) -> E[x0 | x_t = x].

    score    = (alpha x0 - x) / sigma^2
    noise    = (x - alpha x0) / sigma
    velocity = alpha' x0 + sigma' noise

Networks, exact answers, guidance and constraints all have this one shape, so they stack.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .schedules import Schedule, rate
from .targets import Target

Denoiser = Callable[[Tensor, Tensor], Tensor]    # x (B, ...), t broadcasts against x -> x0 (B, ...)


def denoiser(net: nn.Module | Denoiser, schedule: Schedule, target: Target) -> Denoiser:
    """Read a network that was trained on `target` as a denoiser."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        return target.x0(net(*target.inputs(x, t, alpha, sigma)), x, alpha, sigma)

    return denoise


def guided(cond: Denoiser, uncond: Denoiser, weight: float) -> Denoiser:
    """Classifier-free guidance: weight 1 is plain conditioning, 0 ignores the condition, > 1 extrapolates.

    Ho & Salimans (2022) write w for weight - 1, so their w = 0 is plain conditioning.
    """
    return lambda x, t: torch.lerp(uncond(x, t), cond(x, t), weight)


def pinned(denoise: Denoiser, mask: Tensor, values: Tensor) -> Denoiser:
    """Fix the parts of x0 that are known, such as a trajectory's start and goal; `mask` and `values` broadcast."""
    return lambda x, t: torch.where(mask, values, denoise(x, t))


def score(denoise: Denoiser, schedule: Schedule, x: Tensor, t: Tensor) -> Tensor:
    """grad_x log p_t(x), by Tweedie's formula (Efron, 2011); not finite where sigma = 0."""
    alpha, sigma = schedule(t)
    return (alpha * denoise(x, t) - x) / sigma**2


def noise(denoise: Denoiser, schedule: Schedule, x: Tensor, t: Tensor) -> Tensor:
    """E[eps | x_t = x]; not finite where sigma = 0."""
    alpha, sigma = schedule(t)
    return (x - alpha * denoise(x, t)) / sigma


def velocity(denoise: Denoiser, schedule: Schedule, x: Tensor, t: Tensor) -> Tensor:
    """dx/dt along the probability-flow ODE (Song et al., 2021, score SDE, Eq. 13); not finite where sigma = 0."""
    alpha, sigma = schedule(t)
    x0 = denoise(x, t)
    eps = (x - alpha * x0) / sigma
    return rate(schedule.alpha, t) * x0 + rate(schedule.sigma, t) * eps
