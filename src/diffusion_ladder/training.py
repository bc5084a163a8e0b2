"""Training: draw a clean sample, a time and some noise; show the network x_t; ask for the target.

    loss = E |net(x_t, t) - learn(x0, eps, alpha, sigma)|^2
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .schedules import Schedule
from .targets import Target


def loss(net: nn.Module, schedule: Schedule, target: Target, x0: Tensor, eps: Tensor, t: Tensor) -> Tensor:
    """Mean squared error over a batch x0 (B, ...), noise eps of the same shape, and times t (B, 1, ...)."""
    alpha, sigma = schedule(t)
    x = alpha * x0 + sigma * eps
    guess = net(*target.inputs(x, t, alpha, sigma))
    return (guess - target.learn(x0, eps, alpha, sigma)).square().mean()


def train(
    net: nn.Module,
    x0: Tensor,
    schedule: Schedule,
    target: Target,
    steps: int = 4000,
    batch: int = 512,
    lr: float = 3e-3,
    times: Callable[[int], Tensor] = torch.rand,
) -> Tensor:
    """Train `net` in place on data x0 (N, ...) with Adam and a rate that falls to 0 along a cosine; losses (steps,).

    `times(batch)` draws the times; choose one that stays away from t = 0 or 1 where the target is infinite there.
    Random numbers are drawn on the CPU, so that every device sees the same ones. No average of the weights is kept:
    once the rate has fallen to 0, it samples no better than the last ones.
    """
    optimizer = torch.optim.Adam(net.parameters(), lr)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in range(steps):
        clean = x0[torch.randint(len(x0), (batch,))]
        eps = torch.randn(clean.shape).to(clean)
        t = times(batch).to(clean).reshape(-1, *[1] * (clean.ndim - 1))
        error = loss(net, schedule, target, clean, eps, t)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        decay.step()
        losses.append(error.detach())
    return torch.stack(losses)


def log_normal(sigma_max: float = 80.0, mean: float = -1.2, std: float = 1.2) -> Callable[[int], Tensor]:
    """Times for `schedules.edm(sigma_max)` with ln sigma ~ N(mean, std^2) (Karras et al., 2022, Table 1)."""
    return lambda n: torch.exp(mean + std * torch.randn(n)) / sigma_max
