"""The denoiser without a network, for data that is a mixture of equal round Gaussians.

    p(k | x)     ∝ w_k N(x; alpha m_k, var I),    var = alpha^2 std^2 + sigma^2
    E[x0 | x, k] = m_k + (alpha std^2 / var) (x - alpha m_k)
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .denoisers import Denoiser
from .schedules import Schedule


@dataclass(frozen=True)
class Mixture:
    """K isotropic Gaussians of equal spread, around data of any shape; std = 0 is a set of points."""

    means: Tensor       # (K, *shape)
    weights: Tensor     # (K,), positive; normalised where they are used
    std: float = 0.0


def points(x0: Tensor) -> Mixture:
    """A data set (K, *shape) as a mixture: the data itself, every point alike."""
    return Mixture(means=x0, weights=x0.new_ones(len(x0)))


def exact(mixture: Mixture, schedule: Schedule) -> Denoiser:
    """E[x0 | x_t = x] for x (*batch, *shape); it holds batch x K x shape numbers in memory.

    Right at t = 0 too, as the limit from above: x itself if std > 0, else the nearest point, or the weighted mean of
    those equally near. On a set of points this is the ideal denoiser of Karras et al. (2022).
    """

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = schedule(t)
        var = (alpha * mixture.std) ** 2 + sigma**2
        sq_dist, spread = _sq_dist(mixture, alpha, x), 2 * _per_sample(mixture, var, x)
        behind = sq_dist - sq_dist.amin(-1, keepdim=True).detach()                # (*batch, K), the nearest has 0
        behind = torch.where((spread > 0) | (behind != 0), behind / spread, 0)    # 0 / 0 = 0, the limit
        weights = torch.softmax(mixture.weights.to(x).log() - behind, dim=-1)
        mean = (weights @ mixture.means.to(x).flatten(1)).reshape(x.shape)
        gain = torch.where(var > 0, alpha * mixture.std**2 / var, 0)
        return mean + gain * (x - alpha * mean)

    return denoise


def log_density(mixture: Mixture, schedule: Schedule, x: Tensor, t: Tensor) -> Tensor:
    """log p_t(x) in nats (*batch,) for x (*batch, *shape); infinite at t = 0 on a set of points."""
    alpha, sigma = schedule(t)
    var = _per_sample(mixture, (alpha * mixture.std) ** 2 + sigma**2, x)
    log_weights = torch.log_softmax(mixture.weights.to(x).log(), dim=0)
    dim = mixture.means[0].numel()
    terms = log_weights - _sq_dist(mixture, alpha, x) / (2 * var) - dim / 2 * torch.log(2 * math.pi * var)
    return torch.logsumexp(terms, dim=-1)


def _sq_dist(mixture: Mixture, alpha: Tensor, x: Tensor) -> Tensor:
    """|x - alpha m_k|^2 for every k: (*batch, K)."""
    axes = mixture.means.ndim - 1
    scaled = _per_sample(mixture, alpha, x)[..., None] * mixture.means.to(x).flatten(1)    # (*batch, K, D)
    return (x.flatten(-axes).unsqueeze(-2) - scaled).square().sum(-1)


def _per_sample(mixture: Mixture, value: Tensor, x: Tensor) -> Tensor:
    """A value that broadcasts against x, once per sample: (*batch, 1)."""
    axes = mixture.means.ndim - 1
    return value.expand(x.shape).flatten(-axes)[..., :1]
