"""Targets: what is learned leads back to x0, and means what its name says."""

import pytest
import torch
from torch.testing import assert_close


def draw(shape=(64, 2)):
    x0, eps = torch.randn(2, *shape, dtype=torch.float64)
    return x0, eps, torch.rand(shape[0], *[1] * (len(shape) - 1), dtype=torch.float64) * 0.98 + 0.01


def targets(lib):
    T = lib.targets
    return [T.NOISE, T.DATA, T.V, T.VELOCITY, T.SCORE, T.preconditioned(), T.preconditioned(2.0)]


def schedules(lib):
    S = lib.schedules
    return [S.flow(), S.edm(), S.ve(), S.linear(), S.sub_vp(), S.cosine(), S.sigmoid(), S.ddpm(S.linear_betas())]


def test_round_trip_for_every_target_and_schedule(lib):
    x0, eps, t = draw()
    for schedule in schedules(lib):
        alpha, sigma = schedule(t)
        x = alpha * x0 + sigma * eps
        for target in targets(lib):
            assert_close(target.x0(target.learn(x0, eps, alpha, sigma), x, alpha, sigma), x0, rtol=1e-8, atol=1e-8)


def test_what_is_learned(lib):
    T = lib.targets
    x0, eps, t = draw()
    angle = t * 1.5
    a, s = angle.cos(), angle.sin()
    h = 1e-6
    turned = (angle + h).cos() * x0 + (angle + h).sin() * eps - (angle - h).cos() * x0 - (angle - h).sin() * eps
    score = -(a * x0 + s * eps - a * x0) / s**2  # of N(x; a x0, s^2)
    assert_close(T.NOISE.learn(x0, eps, a, s), eps)
    assert_close(T.DATA.learn(x0, eps, a, s), x0)
    assert_close(T.V.learn(x0, eps, a, s), turned / (2 * h), rtol=1e-6, atol=1e-8)  # dx / d angle
    assert_close(T.VELOCITY.learn(x0, eps, a, s), eps - x0)
    assert_close(T.SCORE.learn(x0, eps, a, s), score, rtol=1e-9, atol=1e-9)
    for target in (T.NOISE, T.DATA, T.V, T.VELOCITY, T.SCORE):
        assert target.inputs(x0, t, a, s) == (x0, t)


def edm_table(x, sigma, sigma_data, net):
    """D(x; sigma) with the factors of Karras et al. (2022), Table 1."""
    total = sigma**2 + sigma_data**2
    c_skip, c_out = sigma_data**2 / total, sigma * sigma_data / total.sqrt()
    return c_skip * x + c_out * net(x / total.sqrt(), sigma.log() / 4)


@pytest.mark.parametrize("sigma_data", [0.5, 2.0])
def test_preconditioned_is_edm(lib, sigma_data):
    """Exactly the paper's denoiser where alpha = 1, and elsewhere the paper's at (x / alpha, sigma / alpha)."""
    target = lib.targets.preconditioned() if sigma_data == 0.5 else lib.targets.preconditioned(sigma_data)
    net = lambda x, c: torch.tanh(x + 0.3 * c) + c**2  # noqa: E731
    x0, eps, t = draw()
    for schedule in (lib.schedules.edm(), lib.schedules.cosine(), lib.schedules.flow()):
        alpha, sigma = schedule(t)
        x = alpha * x0 + sigma * eps
        ours = lib.denoisers.denoiser(net, schedule, target)(x, t)
        assert_close(ours, edm_table(x / alpha, sigma / alpha, sigma_data, net), rtol=1e-9, atol=1e-9)


def test_preconditioned_shows_and_asks_unit_variance(lib):
    x0, eps, _ = draw((200_000,))
    target, schedule = lib.targets.preconditioned(0.5), lib.schedules.cosine()
    for t in torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64):
        a, s = schedule(t)
        shown, _ = target.inputs(a * 0.5 * x0 + s * eps, t, a, s)
        asked = target.learn(0.5 * x0, eps, a, s)
        for values in (shown, asked):
            assert abs(values.std().item() - 1) < 5 / (2 * len(values)) ** 0.5  # 5 standard errors


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_preconditioned_is_finite_at_both_ends(lib, dtype):
    """No signal or no noise: c_noise would be infinite, and the denoiser must not be."""
    x, schedule = torch.randn(8, 2, dtype=dtype), lib.schedules.flow()
    denoise = lib.denoisers.denoiser(lambda x, c: x.tanh() + c.cos(), schedule, lib.targets.preconditioned())
    assert_close(denoise(x, torch.zeros((), dtype=dtype)), x)
    assert denoise(x, torch.ones((), dtype=dtype)).isfinite().all()


def test_noise_and_score_say_nothing_where_there_is_no_signal(lib):
    """At t = 1 of `flow` alpha = 0: not a wrong finite number, but no number. DATA, V, VELOCITY go on."""
    T, schedule, end = lib.targets, lib.schedules.flow(), torch.ones(())
    x0, eps = torch.randn(2, 8, 2)
    a, s = schedule(end)
    for target in (T.NOISE, T.SCORE):
        assert not target.x0(torch.randn(8, 2), eps, a, s).isfinite().any()
    for target in (T.DATA, T.V, T.VELOCITY):
        assert_close(target.x0(target.learn(x0, eps, a, s), eps, a, s), x0)
