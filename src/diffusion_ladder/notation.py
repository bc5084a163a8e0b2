"""How nine papers write one picture, and the way from each to this site's letters and back.

    site:   x = alpha x0 + sigma eps
    paper:  x = alpha(v) x0 + sigma(v) eps,    v the paper's own variable, such as the alpha-bar of DDPM

The same x0 under the same eps has one ratio sigma / alpha in all of them. So v goes from paper to paper by that ratio,
and x by the ratio of the two alphas. `src/figures/shelf/notation.toml` holds the words, by the same names.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from . import schedules, targets
from .targets import Target

BETA_MIN, BETA_MAX = 0.1, 20.0        # score SDE, App. C
SIGMA_MIN, SIGMA_MAX = 0.01, 50.0     # score SDE, App. C; 50 for pictures of 32 x 32
OFFSET = 0.008                        # improved DDPM, Sec. 3.2
FLOOR = 1e-5                          # flow matching only asks for a "sufficiently small" sigma_min; this is ours


@dataclass(frozen=True)
class Convention:
    """One paper.

    Attributes:
        to_site: v -> (alpha, sigma).
        from_site: (alpha, sigma) -> v; only their ratio counts.
        output: what the paper's network is asked for, in this site's letters.
        time: v -> this site's t (0 data, 1 noise), where v is a time of the paper.
    """

    to_site: Callable[[Tensor], tuple[Tensor, Tensor]]
    from_site: Callable[[Tensor, Tensor], Tensor]
    output: Target
    time: Callable[[Tensor], Tensor] | None = None


def _shares(power: Tensor) -> tuple[Tensor, Tensor]:
    return power.sqrt(), (1 - power).sqrt()


def _power(alpha: Tensor, sigma: Tensor) -> Tensor:
    """alpha-bar: the share of the signal's power."""
    return alpha**2 / (alpha**2 + sigma**2)


def _steps(power: Tensor) -> Tensor:
    """The step of DDPM's chain, with fractions between steps: log alpha-bar is a line there."""
    table = _table().to(power)
    log = -power.log()
    low = torch.searchsorted(table, log.contiguous(), right=True).clamp(1, len(table) - 1) - 1
    return low + (log - table[low]) / (table[low + 1] - table[low])


@cache
def _table() -> Tensor:
    """-log alpha-bar at the steps 0 to 1000."""
    return torch.cat([torch.zeros(1), -torch.log1p(-schedules.linear_betas()).cumsum(0)])


def _vp_time(power: Tensor) -> Tensor:
    """The t with integral BETA_MIN t + (BETA_MAX - BETA_MIN) t^2 / 2 = -log alpha-bar."""
    slope = BETA_MAX - BETA_MIN
    return ((BETA_MIN**2 - 2 * slope * power.log()).sqrt() - BETA_MIN) / slope


def _cosine_time(power: Tensor) -> Tensor:
    start = math.cos(math.pi / 2 * OFFSET / (1 + OFFSET))
    return (1 + OFFSET) * (2 / math.pi) * torch.acos(power.sqrt() * start) - OFFSET


_CHAIN = schedules.ddpm(schedules.linear_betas())
_VE = math.log(SIGMA_MAX / SIGMA_MIN)

# What rectified flow and flow matching learn points to the data: the other way than `targets.VELOCITY`. On their straight
# lines alpha + sigma = 1, or (1 - FLOOR) alpha + sigma = 1, so nothing need be divided.
_TO_DATA = Target(lambda x0, eps, a, s: x0 - eps, lambda out, x, a, s: x + s * out)
_TO_DATA_FLOOR = Target(
    lambda x0, eps, a, s: x0 - (1 - FLOOR) * eps, lambda out, x, a, s: (1 - FLOOR) * x + s * out
)

CONVENTIONS = {
    # Ho et al. (2020), Eq. 4: v is alpha-bar_t
    "ddpm": Convention(_shares, _power, targets.NOISE),
    # the same chain, v its step, 1 to 1000, with the beta_t of their Sec. 4
    "ddpm_step": Convention(
        lambda v: _CHAIN(v / 1000), lambda a, s: _steps(_power(a, s)), targets.NOISE, time=lambda v: v / 1000
    ),
    # Nichol & Dhariwal (2021), Eq. 17: v is t / T on the cosine curve
    "improved": Convention(
        schedules.cosine(OFFSET), lambda a, s: _cosine_time(_power(a, s)), targets.NOISE, time=lambda v: v
    ),
    # Song et al. (2021, DDIM), Eq. 4: v is alpha_t, which is DDPM's alpha-bar_t
    "ddim": Convention(_shares, _power, targets.NOISE),
    # Song et al. (2021, score SDE), App. C: v is t, 0 to 1
    "vp": Convention(
        schedules.linear(BETA_MIN, BETA_MAX), lambda a, s: _vp_time(_power(a, s)), targets.SCORE, time=lambda v: v
    ),
    # the same: sigma = SIGMA_MIN (SIGMA_MAX / SIGMA_MIN)^t
    "ve": Convention(
        lambda v: (torch.ones_like(v), SIGMA_MIN * torch.exp(_VE * v)),
        lambda a, s: (s / a / SIGMA_MIN).log() / _VE,
        targets.SCORE,
        time=lambda v: v,
    ),
    # Karras et al. (2022), Table 1, right column: v is sigma, which is also their t; D is asked for the clean picture
    "edm": Convention(lambda v: (torch.ones_like(v), v), lambda a, s: s / a, targets.DATA, time=lambda v: v / 80),
    # Kingma et al. (2021, VDM), Eqs. 3 and 4: v is gamma
    "vdm": Convention(
        lambda v: (torch.sigmoid(-v).sqrt(), torch.sigmoid(v).sqrt()), lambda a, s: 2 * (s / a).log(), targets.NOISE
    ),
    # Ho & Salimans (2022), Sec. 2: v is lambda, the log-SNR
    "guidance": Convention(
        lambda v: (torch.sigmoid(v).sqrt(), torch.sigmoid(-v).sqrt()), lambda a, s: 2 * (a / s).log(), targets.NOISE
    ),
    # Liu et al. (2023), Eq. 1: v is t, 0 noise and 1 data
    "rectified": Convention(lambda v: (v, 1 - v), lambda a, s: a / (a + s), _TO_DATA, time=lambda v: 1 - v),
    # Lipman et al. (2023), Eq. 20: v is t, 0 noise and 1 data
    "matching": Convention(
        lambda v: (v, 1 - (1 - FLOOR) * v), lambda a, s: a / (s + (1 - FLOOR) * a), _TO_DATA_FLOOR, time=lambda v: 1 - v
    ),
}

# The guidance weight that means "plain conditioning": the site's 1 less the paper's.
PLAIN = {
    "site": 1.0,        # u + w (c - u), as Imagen and the guidance scale of Stable Diffusion
    "guidance": 0.0,    # (1 + w) c - w u
}


def level(v: Tensor, a: str, b: str) -> Tensor:
    """The variable of paper b where paper a says v; the noise level is the same."""
    return CONVENTIONS[b].from_site(*CONVENTIONS[a].to_site(v))


def state(x: Tensor, v: Tensor, a: str, b: str) -> tuple[Tensor, Tensor]:
    """A noisy picture x at v, from paper a to paper b: the same x0 under the same eps, at another scale."""
    there = level(v, a, b)
    return x * CONVENTIONS[b].to_site(there)[0] / CONVENTIONS[a].to_site(v)[0], there


def output(out: Tensor, x: Tensor, v: Tensor, a: str, b: str) -> Tensor:
    """What b's network would have said, had it been in the place of a's, which said `out` of x at v."""
    alpha, sigma = CONVENTIONS[a].to_site(v)
    x0 = CONVENTIONS[a].output.x0(out, x, alpha, sigma)
    eps = (x - alpha * x0) / sigma
    return CONVENTIONS[b].output.learn(x0, eps, *CONVENTIONS[b].to_site(level(v, a, b)))


def weight(w: float, a: str, b: str) -> float:
    """A guidance weight, from a's count to b's (see `PLAIN`)."""
    return w - PLAIN[a] + PLAIN[b]
