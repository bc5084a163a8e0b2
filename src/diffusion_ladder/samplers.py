"""Samplers: walk x from times[0] down to times[-1], one state at a time.

    dx = (alpha' x0 + sigma' eps) dt,    eps = (x - alpha x0) / sigma

That is the probability-flow ODE; `reverse_sde` and `ddim` with eta > 0 add fresh noise on the way.
Each is a generator (denoise, schedule, x, times) that yields the state after every step; the caller keeps what it
needs, or `last`. `times` (N + 1,) falls from noise to data, and a step goes from t to s < t. No sampler may
start at sigma = 0. The schedule is worked out once for all times, not at every step.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import torch
from torch import Tensor

from .denoisers import Denoiser
from .schedules import Schedule, log_snr, rate


def ddim(denoise: Denoiser, schedule: Schedule, x: Tensor, times: Tensor, eta: float = 0.0) -> Iterator[Tensor]:
    """Song et al. (2021, DDIM), Eqs. 12 and 16: eta = 0 is deterministic, eta = 1 is DDPM's ancestral sampler
    (on its own steps, with the smaller of its two variances).

    x_s = alpha_s x0 + kept eps + fresh z, where eps = (x_t - alpha_t x0) / sigma_t is the noise in x_t, z is new noise,
    and kept^2 + fresh^2 = sigma_s^2. The loop has it sorted by x_t, x0 and z.
    """
    times = times.to(x, copy=True)
    steps, weights = _steps(schedule, times), _ddim_weights(schedule, times, eta)
    for ((t, *_), _), (on_x, on_x0, fresh) in zip(steps, weights, strict=True):
        x = on_x * x + on_x0 * denoise(x, t)
        if eta > 0:
            x = x + fresh * torch.randn_like(x)
        yield x


def euler(denoise: Denoiser, schedule: Schedule, x: Tensor, times: Tensor) -> Iterator[Tensor]:
    """The ODE's slope at t, followed straight to s: error of first order in the step."""
    times = times.to(x, copy=True)
    rates = rate(schedule.alpha, times), rate(schedule.sigma, times)
    for (t, alpha, sigma, d_alpha, d_sigma), (s, *_) in _steps(schedule, times, *rates):
        x0 = denoise(x, t)
        slope = d_alpha * x0 + d_sigma * (x - alpha * x0) / sigma
        x = x + (s - t) * slope
        yield x


def heun(denoise: Denoiser, schedule: Schedule, x: Tensor, times: Tensor) -> Iterator[Tensor]:
    """Euler, then again with the mean slope of both ends (Karras et al., 2022, Alg. 1): second order, two calls a step.

    The last step to sigma = 0, where the slope is not defined, stays Euler's.
    """

    def slope(x, t, alpha, sigma, d_alpha, d_sigma):
        x0 = denoise(x, t)
        return d_alpha * x0 + d_sigma * (x - alpha * x0) / sigma

    times = times.to(x, copy=True)
    rates = rate(schedule.alpha, times), rate(schedule.sigma, times)
    for at_t, at_s in _steps(schedule, times, *rates):
        (t, *_), (s, _, sigma_s, *_) = at_t, at_s
        first = second = slope(x, *at_t)
        if sigma_s > 0:
            second = slope(x + (s - t) * first, *at_s)
        x = x + (s - t) * (first + second) / 2
        yield x


def dpmpp_2m(denoise: Denoiser, schedule: Schedule, x: Tensor, times: Tensor) -> Iterator[Tensor]:
    """DPM-Solver++(2M) (Lu et al., 2022): second order from one call a step, in log(alpha / sigma).

    The first step, and the last if it ends at sigma = 0, are of first order.
    """
    times = times.to(x, copy=True)
    lam = log_snr(schedule, times) / 2                         # log(alpha / sigma)
    last_x0 = last_h = None
    for (t, _, sigma_t, lam_t), (_, alpha_s, sigma_s, lam_s) in _steps(schedule, times, lam):
        h = lam_s - lam_t
        x0 = denoise(x, t)
        guess = x0
        if last_x0 is not None and sigma_s > 0:
            guess = x0 + h / (2 * last_h) * (x0 - last_x0)
        x = sigma_s / sigma_t * x - alpha_s * torch.expm1(-h) * guess
        last_x0, last_h = x0, h
        yield x


def reverse_sde(denoise: Denoiser, schedule: Schedule, x: Tensor, times: Tensor) -> Iterator[Tensor]:
    """Euler-Maruyama on dx = (f x - g^2 score) dt + g dw (Song et al., 2021, score SDE, Eq. 6).

    f = alpha' / alpha and g^2 = 2 sigma sigma' - 2 f sigma^2 are infinite where alpha = 0, and large just before:
    steps must stay short against 1 / g^2.
    """
    times = times.to(x, copy=True)
    rates = rate(schedule.alpha, times), rate(schedule.sigma, times)
    for (t, alpha, sigma, d_alpha, d_sigma), (s, *_) in _steps(schedule, times, *rates):
        f = d_alpha / alpha
        g2 = 2 * sigma * d_sigma - 2 * f * sigma**2
        score = (alpha * denoise(x, t) - x) / sigma**2
        x = x + (s - t) * (f * x - g2 * score) + (g2 * (t - s)).sqrt() * torch.randn_like(x)
        yield x


def karras(steps: int, sigma_min: float = 0.002, sigma_max: float = 80.0, rho: float = 7.0) -> Tensor:
    """Times (steps + 1,) for `schedules.edm(sigma_max)`: Karras et al. (2022), Eq. 5, with zero at the end."""
    sigmas = torch.linspace(sigma_max ** (1 / rho), sigma_min ** (1 / rho), steps) ** rho
    return torch.cat([sigmas, torch.zeros(1)]) / sigma_max


def last(states: Iterable[Tensor]) -> Tensor:
    """The end of the walk."""
    *_, final = states
    return final


def _steps(schedule: Schedule, times: Tensor, *more: Tensor) -> Iterator[tuple]:
    """The rows (t, alpha_t, sigma_t, *more) at both ends of each step, every column (N + 1,) worked out in one go."""
    columns = [column.unbind() for column in more]
    return pairwise([row + tuple(extra) for row, *extra in zip(schedule.table(times), *columns, strict=True)])


def _ddim_weights(schedule: Schedule, times: Tensor, eta: float) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """The weights of x_t, x0 and fresh noise in each step of `ddim`."""
    alpha, sigma = schedule(times)
    alpha_t, sigma_t, alpha_s, sigma_s = alpha[:-1], sigma[:-1], alpha[1:], sigma[1:]
    fresh = eta * sigma_s / sigma_t * (sigma_t**2 - (alpha_t / alpha_s * sigma_s) ** 2).clamp(min=0).sqrt()
    kept = (sigma_s**2 - fresh**2).clamp(min=0).sqrt()
    return zip(kept / sigma_t, alpha_s - kept / sigma_t * alpha_t, fresh, strict=True)
