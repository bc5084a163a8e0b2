"""The sum of two independent noises is one noise, its variance the sum of theirs."""

import torch


def result(a, b):
    """The variance of a ε₁ + b ε₂."""
    return a**2 + b**2


def test_it_is_the_variance_of_many_draws():
    one, other = torch.randn(2, 400_000, dtype=torch.float64)
    for a, b in (0.6, 0.8), (2.0, 1.0), (0.3, 1.5):
        assert abs(float((a * one + b * other).var()) / result(a, b) - 1) < 0.02
