"""Schedules against the formulas of their papers, written out a second time."""

import math

import pytest
import torch
from torch.testing import assert_close

T = torch.linspace(0, 1, 41, dtype=torch.float64)
EXACT = {"rtol": 1e-9, "atol": 1e-9}


def both(schedule, t=T):
    return torch.stack(schedule(t))


def vp(log_alpha):
    """(alpha, sigma) of a variance-preserving process."""
    return torch.stack([log_alpha.exp(), (1 - (2 * log_alpha).exp()).sqrt()])


def test_flow(lib):
    assert_close(both(lib.schedules.flow()), torch.stack([1 - T, T]), **EXACT)


def test_edm(lib):
    assert_close(both(lib.schedules.edm()), torch.stack([T**0, 80 * T]), **EXACT)
    assert_close(both(lib.schedules.edm(10.0)), torch.stack([T**0, 10 * T]), **EXACT)


@pytest.mark.parametrize("low, high", [(0.01, 50.0), (0.1, 8.0)])
def test_ve(lib, low, high):
    schedule = lib.schedules.ve() if low == 0.01 else lib.schedules.ve(low, high)
    var = low**2 * (high / low) ** (2 * T)
    assert_close(both(schedule), torch.stack([T**0, (var - var[0]).sqrt()]), rtol=1e-8, atol=1e-9)
    assert schedule(T)[1][0] == 0


@pytest.mark.parametrize("low, high", [(0.1, 20.0), (0.3, 7.0)])
def test_linear_and_sub_vp(lib, low, high):
    log_alpha = -(T**2) * (high - low) / 4 - T * low / 2
    arguments = () if low == 0.1 else (low, high)
    assert_close(both(lib.schedules.linear(*arguments)), vp(log_alpha), **EXACT)
    sub_vp = torch.stack([log_alpha.exp(), 1 - (2 * log_alpha).exp()])
    assert_close(both(lib.schedules.sub_vp(*arguments)), sub_vp, **EXACT)


def f(t, offset):
    return torch.cos((t + offset) / (1 + offset) * math.pi / 2) ** 2


@pytest.mark.parametrize("offset", [0.008, 0.0, 0.1])
def test_cosine(lib, offset):
    schedule = lib.schedules.cosine() if offset == 0.008 else lib.schedules.cosine(offset)
    alpha_bar = f(T, offset) / f(T[:1], offset)
    assert_close(both(schedule) ** 2, torch.stack([alpha_bar, 1 - alpha_bar]), **EXACT)
    assert schedule(T)[0][-1] == 0 and schedule(T)[1][0] == 0


@pytest.mark.parametrize("start, end, tau", [(-3.0, 3.0, 1.0), (0.0, 3.0, 0.7), (-3.3, 1.7, 0.3)])
def test_sigmoid(lib, start, end, tau):
    schedule = lib.schedules.sigmoid() if start == -3.0 else lib.schedules.sigmoid(start, end, tau)
    v_start, v_end = (torch.tensor(v / tau, dtype=T.dtype).sigmoid() for v in (start, end))
    alpha_bar = (v_end - ((T * (end - start) + start) / tau).sigmoid()) / (v_end - v_start)
    assert_close(both(schedule) ** 2, torch.stack([alpha_bar, 1 - alpha_bar]), **EXACT)
    assert schedule(T)[0][-1] == 0 and schedule(T)[1][0] == 0


@pytest.mark.parametrize("betas", [torch.linspace(1e-4, 0.02, 1000).double(), torch.tensor([0.1, 0.3, 0.2]).double()])
def test_ddpm_meets_the_chain_at_every_step(lib, betas):
    k = torch.arange(len(betas) + 1, dtype=torch.float64)
    alpha_bar = torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - betas, 0)])
    assert_close(
        both(lib.schedules.ddpm(betas), k / len(betas)) ** 2,
        torch.stack([alpha_bar, 1 - alpha_bar]),
        rtol=1e-12,
        atol=1e-14,
    )


def test_ddpm_is_a_line_in_log_alpha_bar_between_steps(lib):
    betas = torch.tensor([0.1, 0.3, 0.2]).double()
    alpha = lib.schedules.ddpm(betas).alpha
    t = torch.tensor([0, 1, 2, 3]).double() / 3
    middle = alpha((t[1:] + 3 * t[:-1]) / 4).log()
    assert_close(middle, (alpha(t[1:]).log() + 3 * alpha(t[:-1]).log()) / 4, **EXACT)


def test_betas(lib):
    expected = torch.tensor([1e-4 + (0.02 - 1e-4) * k / 999 for k in range(1000)], dtype=torch.float64)
    assert_close(lib.schedules.linear_betas(), expected, **EXACT)
    k = torch.arange(1001, dtype=torch.float64) / 1000
    expected = (1 - f(k[1:], 0.008) / f(k[:-1], 0.008)).clamp(max=0.999)
    assert_close(lib.schedules.cosine_betas(), expected, rtol=1e-8, atol=1e-10)
    assert lib.schedules.cosine_betas().max() == 0.999


def test_ddpm_linear_end_of_chain(lib):
    """The figures of the errata: alpha_bar_T = 4.04e-5, -43.9 dB; cosine -86 dB."""
    S, end = lib.schedules, torch.ones((), dtype=torch.float64)
    assert_close(S.ddpm(S.linear_betas()).alpha(end).item() ** 2, 4.04e-5, rtol=2e-3, atol=0)
    assert_close(S.decibels(S.snr(S.ddpm(S.linear_betas()), end)).item(), -43.9, rtol=0, atol=0.05)
    assert_close(S.decibels(S.snr(S.ddpm(S.cosine_betas()), end)).item(), -86.0, rtol=0, atol=0.5)


def test_rate_is_the_slope(lib):
    t, h = T[1:-1], 1e-6
    for schedule in (lib.schedules.cosine(), lib.schedules.linear(), lib.schedules.sigmoid(), lib.schedules.ve()):
        for curve in (schedule.alpha, schedule.sigma):
            slope = (curve(t + h) - curve(t - h)) / (2 * h)
            assert_close(lib.schedules.rate(curve, t), slope, rtol=1e-6, atol=1e-7)


def test_signal_to_noise(lib):
    S, t = lib.schedules, T[1:-1]
    schedule = S.flow()
    assert_close(S.snr(schedule, t), ((1 - t) / t) ** 2, **EXACT)
    assert_close(S.log_snr(schedule, t), 2 * torch.log((1 - t) / t), **EXACT)
    assert_close(S.decibels(torch.tensor([1.0, 100.0, 0.001])), torch.tensor([0.0, 20.0, -30.0]))


def test_table_is_worked_out_once_and_forgotten(lib):
    calls = []
    flow = lib.schedules.flow()
    schedule = lib.schedules.Schedule(
        lambda t: calls.append("alpha") or flow.alpha(t), lambda t: calls.append("sigma") or flow.sigma(t)
    )
    times = T.clone()
    rows = schedule.table(times)
    assert calls == ["alpha", "sigma"]
    for (t, alpha, sigma), expected in zip(rows, T, strict=True):
        assert (t, alpha, sigma) == (expected, 1 - expected, expected)
        assert schedule(t) == (alpha, sigma)
    assert_close(both(schedule, times), torch.stack([1 - T, T]))
    assert calls == ["alpha", "sigma"]
    assert schedule(T[3]) == (1 - T[3], T[3]) and len(calls) == 4  # equal, but not the table's own tensor
    assert schedule.table(times[:2].clone())[1] == tuple(torch.stack([T[1], 1 - T[1], T[1]]))
    assert schedule(rows[5][0]) == rows[5][1:] and len(calls) == 8  # the last table is the one that is known
    assert len(schedule._known) == 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_and_shape_are_kept(lib, dtype):
    S, t = lib.schedules, torch.rand(3, 1, 1, dtype=dtype)
    for schedule in (
        S.flow(),
        S.edm(),
        S.ve(),
        S.linear(),
        S.sub_vp(),
        S.cosine(),
        S.sigmoid(),
        S.ddpm(S.linear_betas()),
    ):
        for value in schedule(t):
            assert value.dtype == dtype and value.shape == t.shape
