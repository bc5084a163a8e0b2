"""How far apart two clouds of samples are: 0 in the limit if and only if they come from one distribution.

    sliced Wasserstein = E_direction W1(x . direction, y . direction)
    MMD^2              = E k(x, x') - 2 E k(x, y) + E k(y, y')
"""

import torch
from torch import Tensor


def sliced_wasserstein(x: Tensor, y: Tensor, projections: int = 200) -> Tensor:
    """Mean W1 distance of x and y (N, ...) along random directions, in the units of x.

    In one dimension W1 pairs the sorted values, so both clouds need the same N (else ValueError). Its own noise
    floor, the value for two independent clouds of one distribution, is never 0. Bonneel et al. (2015) average the
    squared W2 instead.
    """
    if x.shape != y.shape:
        raise ValueError(f"sliced_wasserstein compares clouds of one shape, not {tuple(x.shape)} and {tuple(y.shape)}")
    x, y = x.flatten(1), y.flatten(1)                                                  # (N, D)
    directions = torch.nn.functional.normalize(torch.randn(x.shape[1], projections).to(x), dim=0)
    return ((x @ directions).sort(0).values - (y @ directions).sort(0).values).abs().mean()


def mmd(x: Tensor, y: Tensor, bandwidth: float = 1.0) -> Tensor:
    """Unbiased squared maximum mean discrepancy of x (N, ...) and y (M, ...) (Gretton et al., 2012, Eq. 3).

    Its kernel is exp(-|a - b|^2 / (2 bandwidth^2)). Unbiased: for two clouds of one distribution it
    has mean 0, so it is often negative.
    """

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-torch.cdist(a, b).square() / (2 * bandwidth**2))

    def without_self(a: Tensor) -> Tensor:
        return (kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1))

    x, y = x.flatten(1), y.flatten(1)
    return without_self(x) - 2 * kernel(x, y).mean() + without_self(y)
