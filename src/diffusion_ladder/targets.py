"""What a network learns to output, and the clean point its output implies.

    out = net(*inputs(x, t, alpha, sigma)),    x0 = x0(out, x, alpha, sigma)

All targets carry the same knowledge: given x_t = alpha x0 + sigma eps, any one of x0, eps, v, ... gives the others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Target:
    """A pair of inverse formulas, with what the network is shown: (x, t) unless the target scales them."""

    learn: Callable[..., Tensor]    # (x0, eps, alpha, sigma) -> what the network should output
    x0: Callable[..., Tensor]       # (out, x, alpha, sigma)  -> the clean point that implies
    inputs: Callable[..., tuple[Tensor, Tensor]] = lambda x, t, a, s: (x, t)    # what the network sees


# NOISE and SCORE divide by alpha. Where alpha = 0 (`flow`, `cosine` and `sigmoid` at t = 1) x_t holds no signal, the
# noise says nothing of x0, and x0 is inf or NaN: start such samplers at t = 0.999. SCORE cannot be learned at t = 0.
# VELOCITY is the slope dx/dt of one pair (x0, eps) on the `flow` schedule; on others it is only a target.
NOISE = Target(lambda x0, eps, a, s: eps,                lambda out, x, a, s: (x - s * out) / a)
DATA = Target(lambda x0, eps, a, s: x0,                  lambda out, x, a, s: out)
V = Target(lambda x0, eps, a, s: a * eps - s * x0,       lambda out, x, a, s: (a * x - s * out) / (a**2 + s**2))
VELOCITY = Target(lambda x0, eps, a, s: eps - x0,        lambda out, x, a, s: (x - s * out) / (a + s))
SCORE = Target(lambda x0, eps, a, s: -eps / s,           lambda out, x, a, s: (x + s**2 * out) / a)


def preconditioned(sigma_data: float = 0.5) -> Target:
    """Learn what c_skip x leaves over, with inputs and outputs of unit variance (Karras et al., 2022, Table 1).

    The paper's four factors for x0 + (sigma / alpha) eps, rewritten for x_t = alpha x0 + sigma eps; they are the
    paper's own where alpha = 1. `sigma_data` is the standard deviation of the data. At t = 0 and alpha = 0 the
    network is shown a large finite time (about 21.8 in float32, of either sign) instead of an infinite one.
    """

    def scales(a: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        var = (a * sigma_data) ** 2 + s**2                                          # of x_t
        return a * sigma_data**2 / var, s * sigma_data / var.sqrt(), 1 / var.sqrt()

    def learn(x0, eps, a, s):
        c_skip, c_out, _ = scales(a, s)
        return (x0 - c_skip * (a * x0 + s * eps)) / c_out

    def x0(out, x, a, s):
        c_skip, c_out, _ = scales(a, s)
        return c_skip * x + c_out * out

    def inputs(x, t, a, s):
        _, _, c_in = scales(a, s)
        tiny = torch.finfo(s.dtype).tiny
        c_noise = (s.clamp(min=tiny).log() - a.clamp(min=tiny).log()) / 4
        return c_in * x, c_noise

    return Target(learn, x0, inputs)
