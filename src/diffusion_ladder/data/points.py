"""Clouds of points in the plane (n, 2), near the origin and about as wide as a unit Gaussian.

    figure eight: x = scale (sin a, sin a cos a)
"""

import math

import torch
from torch import Generator, Tensor


def figure_eight(n: int, noise: float = 0.05, generator: Generator | None = None) -> Tensor:
    """Gerono's lemniscate lying on its side."""
    angle = 2 * math.pi * torch.rand(n, generator=generator)
    return lemniscate(angle) + noise * torch.randn(n, 2, generator=generator)


def lemniscate(angle: Tensor) -> Tensor:
    """The curve under `figure_eight` at angles (n,) in radians: (n, 2)."""
    return math.sqrt(2) * torch.stack([angle.sin(), angle.sin() * angle.cos()], dim=1)


def two_moons(n: int, noise: float = 0.05, generator: Generator | None = None) -> Tensor:
    """Two half circles, each with an end inside the other."""
    angle = math.pi * torch.rand(n, generator=generator)
    sign = torch.randint(2, (n,), generator=generator) * 2 - 1
    x = torch.stack([sign * (angle.cos() - 0.5), sign * (angle.sin() - 0.25)], dim=1)
    return 1.2 * x + noise * torch.randn(n, 2, generator=generator)


def checkerboard(n: int, generator: Generator | None = None) -> Tensor:
    """The dark squares of a 4 x 4 board of side 4; sharp edges, no noise."""
    across = torch.randint(4, (n,), generator=generator)
    up = 2 * torch.randint(2, (n,), generator=generator) + across % 2
    return torch.stack([across, up], dim=1) - 2 + torch.rand(n, 2, generator=generator)


def spiral(n: int, noise: float = 0.05, generator: Generator | None = None) -> Tensor:
    """One arm, one and a half turns, evenly thick along its radius."""
    part = torch.rand(n, generator=generator).sqrt()
    angle = 3 * math.pi * part
    x = 2 * part[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    return x + noise * torch.randn(n, 2, generator=generator)


def two_modes(n: int, std: float = 0.25, generator: Generator | None = None) -> Tensor:
    """Two equal round Gaussians at (-1, 0) and (1, 0)."""
    side = torch.randint(2, (n,), generator=generator) * 2 - 1
    centre = torch.stack([side, torch.zeros(n)], dim=1)
    return centre + std * torch.randn(n, 2, generator=generator)
