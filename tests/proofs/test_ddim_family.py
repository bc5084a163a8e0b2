"""One step of the DDIM family: DDPM's posterior at one end of the dial, Euler's method at the other, the same halo between."""

import math

import pytest
import torch

STRIDES = [(0.1, 0.5), (0.3, 0.35), (0.0786, 0.5241), (0.6, 0.9)]  # power of the signal at t, and at the earlier s


def result(a_t, a_s, eta):
    """How much of the guessed picture, of the guessed noise and of new noise goes into x_s."""
    fresh = eta * ((1 - a_s) / (1 - a_t) * (1 - a_t / a_s)) ** 0.5
    return a_s**0.5, (1 - a_s - fresh**2) ** 0.5, fresh


def posterior(x_t, x_0, a_t, a_s):
    """Mean and variance of x_s given x_t and x_0: two Gaussians, multiplied on a grid."""
    x = torch.linspace(-9, 9, 90_001, dtype=torch.float64)
    halo = (x - math.sqrt(a_s) * x_0) ** 2 / (1 - a_s)
    step = (x_t - math.sqrt(a_t / a_s) * x) ** 2 / (1 - a_t / a_s)
    weight = torch.softmax(-(halo + step) / 2, 0)
    mean = float(weight @ x)
    return mean, float(weight @ (x - mean) ** 2)


@pytest.mark.parametrize("a_t, a_s", STRIDES)
def test_at_one_it_is_ddpm(a_t, a_s):
    on_picture, on_noise, on_fresh = result(a_t, a_s, 1.0)
    for x_t, x_0 in ((-0.4, 0.7), (1.3, 0.2)):
        noise = (x_t - math.sqrt(a_t) * x_0) / math.sqrt(1 - a_t)
        mean, variance = posterior(x_t, x_0, a_t, a_s)
        assert math.isclose(on_picture * x_0 + on_noise * noise, mean, rel_tol=1e-8)
        assert math.isclose(on_fresh**2, variance, rel_tol=1e-8)


@pytest.mark.parametrize("eta", [0.0, 0.3, 0.8, 1.0])
def test_every_halo_is_right(eta):
    """Three strides down from pure noise's edge, mean and variance given the picture, in closed form."""
    levels, x_0 = (0.02, 0.2, 0.55, 0.95), 0.7
    mean, variance = math.sqrt(levels[0]) * x_0, 1 - levels[0]
    for a_t, a_s in zip(levels, levels[1:], strict=False):
        on_picture, on_noise, on_fresh = result(a_t, a_s, eta)
        mean = on_picture * x_0 + on_noise * (mean - math.sqrt(a_t) * x_0) / math.sqrt(1 - a_t)
        variance = on_noise**2 * variance / (1 - a_t) + on_fresh**2
        assert math.isclose(mean, math.sqrt(a_s) * x_0, rel_tol=1e-12)
        assert math.isclose(variance, 1 - a_s, rel_tol=1e-12)


@pytest.mark.parametrize("a_t, a_s", STRIDES)
def test_at_nought_it_is_euler(a_t, a_s):
    """The place is x over the signal's amplitude, the clock is noise over signal, the slope is the guessed noise."""
    x_t, slope = -0.4, 0.9
    on_picture, on_noise, on_fresh = result(a_t, a_s, 0.0)
    x_s = on_picture * (x_t - math.sqrt(1 - a_t) * slope) / math.sqrt(a_t) + on_noise * slope
    clock_t, clock_s = math.sqrt(1 / a_t - 1), math.sqrt(1 / a_s - 1)
    assert clock_s < clock_t and on_fresh == 0
    assert math.isclose(x_s / math.sqrt(a_s), x_t / math.sqrt(a_t) + (clock_s - clock_t) * slope, rel_tol=1e-12)


@pytest.mark.parametrize("a_t, a_s", STRIDES)
def test_the_dial_is_a_straight_line(a_t, a_s):
    spread = math.sqrt(posterior(0.5, 0.1, a_t, a_s)[1])
    for eta in (0.25, 0.5):
        assert math.isclose(result(a_t, a_s, eta)[2], eta * spread, rel_tol=1e-8)
