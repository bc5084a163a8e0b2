"""Noise schedules: how much signal and how much noise is in x_t.

    x_t = alpha(t) x0 + sigma(t) eps,    eps ~ N(0, I),    t = 0 data, t = 1 noise
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

Curve = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Schedule:
    """Two curves that travel together; calling it gives (alpha_t, sigma_t), each of t's shape and dtype."""

    alpha: Curve
    sigma: Curve
    _known: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        if id(t) in self._known:
            return self._known[id(t)][1]
        return self.alpha(t), self.sigma(t)

    def table(self, times: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Rows (t, alpha_t, sigma_t) for times (N + 1,), both curves worked out in one go.

        A sampler and its denoiser ask about the same few times again and again. Until the next table, the schedule
        knows these very tensors (`times` and the t of each row) and answers without computing: do not write into them.
        """
        alpha, sigma = self.alpha(times), self.sigma(times)
        rows = list(zip(times, alpha, sigma, strict=True))
        self._known.clear()
        for t, *values in [(times, alpha, sigma), *rows]:
            self._known[id(t)] = t, tuple(values)                 # t is kept, so that no other tensor gets its id
        return rows


def flow() -> Schedule:
    """Straight lines from data to noise (Liu et al., 2022, rectified flow)."""
    return Schedule(alpha=lambda t: 1 - t, sigma=lambda t: t)


def edm(sigma_max: float = 80.0) -> Schedule:
    """Noise that grows on data left alone, sigma = sigma_max t (Karras et al., 2022, Table 1, right column)."""
    return Schedule(alpha=torch.ones_like, sigma=lambda t: sigma_max * t)


def ve(sigma_min: float = 0.01, sigma_max: float = 50.0) -> Schedule:
    """Variance exploding, geometric noise levels (Song et al., 2021, score SDE, Eq. 9 and App. C; 0.01 is theirs).

    sigma(t)^2 = sigma_min^2 ((sigma_max / sigma_min)^(2t) - 1): the variance that SDE really adds by time t,
    so that sigma(0) = 0. The paper drops the -1 and starts at sigma_min.
    """
    octaves = math.log(sigma_max / sigma_min)
    return Schedule(alpha=torch.ones_like, sigma=lambda t: sigma_min * torch.expm1(2 * octaves * t).sqrt())


def variance_preserving(integral: Curve) -> Schedule:
    """alpha^2 + sigma^2 = 1, for a process whose noise rate beta(t) integrates to `integral(t)`."""
    return Schedule(
        alpha=lambda t: torch.exp(-integral(t) / 2),
        sigma=lambda t: torch.sqrt(-torch.expm1(-integral(t))),
    )


def linear(beta_min: float = 0.1, beta_max: float = 20.0) -> Schedule:
    """beta(t) rises in a straight line; defaults of the VP process of Song et al. (2021, score SDE, App. C)."""
    return variance_preserving(_linear_integral(beta_min, beta_max))


def sub_vp(beta_min: float = 0.1, beta_max: float = 20.0) -> Schedule:
    """The signal of `linear` with less noise, sigma = 1 - alpha^2 (Song et al., 2021, score SDE, Eq. 12)."""
    integral = _linear_integral(beta_min, beta_max)
    return Schedule(
        alpha=lambda t: torch.exp(-integral(t) / 2),
        sigma=lambda t: -torch.expm1(-integral(t)),
    )


def cosine(offset: float = 0.008) -> Schedule:
    """alpha^2 = f(t) / f(0) with f(t) = cos^2(pi/2 (t + offset) / (1 + offset)) (Nichol & Dhariwal, 2021, Eq. 17).

    Written with sines, which stay exact where the signal ends (alpha(1) = 0) and where the noise begins.
    """
    turn = math.pi / 2 / (1 + offset)
    start = math.cos(turn * offset)
    return Schedule(
        alpha=lambda t: torch.sin(turn * (1 - t)) / start,
        sigma=lambda t: torch.sqrt(torch.sin(turn * (t + 2 * offset)) * torch.sin(turn * t)) / start,
    )


def sigmoid(start: float = -3.0, end: float = 3.0, tau: float = 1.0) -> Schedule:
    """alpha^2 falls along a piece of a logistic curve, from 1 to 0 (Jabri et al., 2022; Chen, 2023).

    alpha falls infinitely fast at t = 1: start `euler` and `heun` at t = 0.999.
    """

    def rise(a: Tensor, b: Tensor) -> Tensor:
        """sigmoid(b / tau) - sigmoid(a / tau), up to a factor of 2, without cancellation where a meets b."""
        return torch.sinh((b - a) / (2 * tau)) / torch.cosh(a / (2 * tau)) / torch.cosh(b / (2 * tau))

    def shares(t: Tensor) -> tuple[Tensor, Tensor]:
        a, b = t.new_tensor(start), t.new_tensor(end)
        u = torch.lerp(a, b, t)
        return rise(u, b) / rise(a, b), rise(a, u) / rise(a, b)

    return Schedule(alpha=lambda t: shares(t)[0].sqrt(), sigma=lambda t: shares(t)[1].sqrt())


def ddpm(betas: Tensor) -> Schedule:
    """The discrete chain with noise rates betas (T,), met exactly at t = k / T (Ho et al., 2020, Sec. 2).

    There alpha = sqrt(alpha_bar_k) and sigma = sqrt(1 - alpha_bar_k); between two steps log alpha_bar is a line.
    """
    table = torch.cat([torch.zeros(1), -torch.log1p(-betas.double().cpu()).cumsum(0)])    # (T + 1,)

    def integral(t: Tensor) -> Tensor:
        k = t * len(betas)
        low = k.floor().long().clamp(0, len(betas) - 1)
        values = table.to(t)
        return torch.lerp(values[low], values[low + 1], k - low)

    return variance_preserving(integral)


def linear_betas(steps: int = 1000, first: float = 1e-4, last: float = 0.02) -> Tensor:
    """DDPM's noise rates (steps,) in float64 (Ho et al., 2020, Sec. 4). Fewer steps need larger rates."""
    return torch.linspace(first, last, steps, dtype=torch.float64)


def cosine_betas(steps: int = 1000, offset: float = 0.008, beta_max: float = 0.999) -> Tensor:
    """Noise rates (steps,) in float64 that follow `cosine`, clipped at the end (Nichol & Dhariwal, 2021, Sec. 3.2)."""
    alpha_bar = cosine(offset).alpha(torch.linspace(0, 1, steps + 1, dtype=torch.float64)) ** 2
    return (1 - alpha_bar[1:] / alpha_bar[:-1]).clamp(max=beta_max)


def rate(curve: Curve, t: Tensor) -> Tensor:
    """d curve / dt at each t, by forward-mode autodiff."""
    return torch.func.jvp(curve, (t,), (torch.ones_like(t),))[1]


def snr(schedule: Schedule, t: Tensor) -> Tensor:
    """Signal-to-noise ratio alpha^2 / sigma^2: infinite at t = 0 (Kingma et al., 2021, VDM)."""
    alpha, sigma = schedule(t)
    return (alpha / sigma) ** 2


def log_snr(schedule: Schedule, t: Tensor) -> Tensor:
    """Natural logarithm of the signal-to-noise ratio; it keeps its precision where the ratio overflows."""
    alpha, sigma = schedule(t)
    return 2 * (alpha.log() - sigma.log())


def decibels(ratio: Tensor) -> Tensor:
    """A ratio of powers in dB: 0 dB is as much signal as noise, each 10 dB is a factor of 10."""
    return 10 * ratio.log10()


def _linear_integral(beta_min: float, beta_max: float) -> Curve:
    return lambda t: beta_min * t + (beta_max - beta_min) * t**2 / 2
