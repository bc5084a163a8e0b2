"""Samplers against flows known in closed form, against their own order, and by the law of what they draw."""

import math

import pytest
import torch
from torch.testing import assert_close

DOUBLE = torch.float64
STD = 0.7


def gaussian(lib, schedule):
    """One Gaussian in the plane, its exact denoiser, and the flow of its ODE from t to s."""
    mix = lib.exact.Mixture(torch.tensor([[1.0, -2.0]], dtype=DOUBLE), torch.ones(1, dtype=DOUBLE), STD)

    def flow(x, t, s):
        (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule(t), schedule(s)
        stretch = (((alpha_s * STD) ** 2 + sigma_s**2) / ((alpha_t * STD) ** 2 + sigma_t**2)).sqrt()
        return alpha_s * mix.means + stretch * (x - alpha_t * mix.means)

    return lib.exact.exact(mix, schedule), flow


def schedules(lib):
    S = lib.schedules
    return [S.flow(), S.cosine(), S.linear(), S.sub_vp(), S.sigmoid(), S.ve(0.05, 3.0), S.edm(3.0)]


@pytest.mark.parametrize("name, order", [("ddim", 1), ("euler", 1), ("heun", 2), ("dpmpp_2m", 2)])
def test_order_of_convergence(lib, name, order):
    """Twice the steps, 1 / 2^order of the error, on every schedule. DPM-Solver++(2M) is of second order although its
    first step is of first: one such step costs no more than all the others. It comes to that order later."""
    x = torch.randn(16, 2, dtype=DOUBLE)
    coarse = 320 if name == "dpmpp_2m" else 80
    for schedule in schedules(lib):
        denoise, flow = gaussian(lib, schedule)
        errors = []
        for steps in (coarse, 2 * coarse):
            times = torch.linspace(0.8, 0.3, steps + 1, dtype=DOUBLE)
            end = lib.samplers.last(getattr(lib.samplers, name)(denoise, schedule, x, times))
            errors.append((end - flow(x, times[0], times[-1])).square().mean().sqrt().item())
        assert abs(math.log2(errors[0] / errors[1]) - order) < 0.1, (name, errors)


@pytest.mark.parametrize("name", ["ddim", "euler", "heun", "dpmpp_2m"])
def test_reaches_the_data_from_pure_noise(lib, name):
    """All the way from t = 1 to t = 0, where alpha or sigma vanish: the sample is where the flow takes it."""
    S = lib.schedules
    for schedule in [S.flow(), S.linear(), S.cosine(), S.sub_vp()]:
        denoise, flow = gaussian(lib, schedule)
        x, times = torch.randn(16, 2, dtype=DOUBLE), torch.linspace(1, 0, 401, dtype=DOUBLE)
        end = lib.samplers.last(getattr(lib.samplers, name)(denoise, schedule, x, times))
        assert_close(end, flow(x, times[0], times[-1]), rtol=0, atol=0.03)


def test_ddim_is_euler_in_the_scaled_noise_level(lib):
    """DDIM is Euler's method for x / alpha, with sigma / alpha as the time; on `edm` the two are one."""
    x = torch.randn(8, 2, dtype=DOUBLE)
    mix = lib.exact.points(torch.randn(20, 2, dtype=DOUBLE))
    times = torch.linspace(0.95, 0.0, 13, dtype=DOUBLE)
    for schedule in schedules(lib):
        denoise = lib.exact.exact(mix, schedule)
        state, expected = x, [x]
        for t, s in zip(times, times[1:], strict=False):
            (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule(t), schedule(s)
            slope = (state / alpha_t - denoise(state, t)) / (sigma_t / alpha_t)  # d (x / alpha) / d (sigma / alpha)
            state = alpha_s * (state / alpha_t + (sigma_s / alpha_s - sigma_t / alpha_t) * slope)
            expected.append(state)
        walk = list(lib.samplers.ddim(denoise, schedule, x, times))
        assert_close(torch.stack(walk), torch.stack(expected[1:]), rtol=1e-9, atol=1e-9)
    edm = lib.schedules.edm(3.0)
    denoise = lib.exact.exact(mix, edm)
    pair = [torch.stack(list(walk(denoise, edm, x, times))) for walk in (lib.samplers.ddim, lib.samplers.euler)]
    assert_close(*pair, rtol=1e-9, atol=1e-9)


def test_one_step_of_ddim_is_the_denoiser(lib):
    flow = lib.schedules.flow()
    denoise, _ = gaussian(lib, flow)
    x, times = torch.randn(8, 2, dtype=DOUBLE), torch.tensor([1.0, 0.0], dtype=DOUBLE)
    for walk in (lib.samplers.ddim, lib.samplers.euler, lib.samplers.heun, lib.samplers.dpmpp_2m):
        assert_close(lib.samplers.last(walk(denoise, flow, x, times)), denoise(x, times[0]))


def test_heun_is_the_trapezoid(lib):
    """Two calls a step, the second at s; one call for a last step to sigma = 0."""
    schedule, calls = lib.schedules.linear(), []
    denoise, _ = gaussian(lib, schedule)
    x, times = torch.randn(8, 2, dtype=DOUBLE), torch.tensor([0.8, 0.5, 0.0], dtype=DOUBLE)
    t, s, _ = times
    v = lambda x, t: lib.denoisers.velocity(denoise, schedule, x, t)  # noqa: E731
    first, final = lib.samplers.heun(lambda x, t: calls.append(t.item()) or denoise(x, t), schedule, x, times)
    assert calls == [0.8, 0.5, 0.5]
    assert_close(first, x + (s - t) * (v(x, t) + v(x + (s - t) * v(x, t), s)) / 2)
    assert_close(final, first - s * v(first, s))


def test_reverse_sde_step(lib):
    """With the noise known, one step is dx = (-beta x / 2 - beta score) dt + sqrt(beta) dw, beta(t) of the VP process;
    and dx = -(d sigma^2 / dt) score dt + sqrt(d sigma^2 / dt) dw of the VE process (its alpha is 1)."""
    x, (t, s) = torch.randn(8, 2, dtype=DOUBLE), torch.tensor([0.7, 0.65], dtype=DOUBLE)
    beta, ratio = 0.1 + 0.7 * 19.9, math.log(3.0 / 0.05)
    g2 = 0.05**2 * 2 * ratio * math.exp(2 * ratio * 0.7)
    for schedule, f, diffusion in [(lib.schedules.linear(), -beta / 2, beta), (lib.schedules.ve(0.05, 3.0), 0, g2)]:
        denoise, _ = gaussian(lib, schedule)
        torch.manual_seed(1)
        step = lib.samplers.last(lib.samplers.reverse_sde(denoise, schedule, x, torch.stack([t, s])))
        torch.manual_seed(1)
        dw = torch.randn_like(x) * math.sqrt(0.05)
        score = lib.denoisers.score(denoise, schedule, x, t)
        assert_close(step, x - 0.05 * (f * x - diffusion * score) + math.sqrt(diffusion) * dw)


@pytest.mark.parametrize("name, kwargs", [("reverse_sde", {}), ("ddim", {"eta": 1.0}), ("ddim", {"eta": 0.5})])
def test_noisy_samplers_draw_the_data_law(lib, name, kwargs):
    """Mean and spread of 20000 samples: 4.5 standard errors, and 0.015 for the finite step (400 of them)."""
    n, schedule = 20_000, lib.schedules.linear()
    denoise, _ = gaussian(lib, schedule)
    x = torch.randn(n, 2)
    end = lib.samplers.last(getattr(lib.samplers, name)(denoise, schedule, x, torch.linspace(1, 0, 401), **kwargs))
    mean, std = end.mean(0), end.std(0)
    assert_close(mean, torch.tensor([1.0, -2.0]), rtol=0, atol=4.5 * STD / math.sqrt(n) + 0.015)
    assert_close(std, torch.tensor([STD, STD]), rtol=0, atol=4.5 * STD / math.sqrt(2 * n) + 0.015)


def test_noisy_ddim_keeps_the_marginal_when_x0_is_known(lib):
    """If the denoiser knows x0, every eta draws x_s from N(alpha_s x0, sigma_s^2), at any step size: Song et al.'s
    Lemma 1 in one step. 4.5 standard errors."""
    n = 100_000
    t, s = torch.tensor([0.8, 0.3])
    for schedule in schedules(lib):
        (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule(t), schedule(s)
        x = alpha_t * 2 + sigma_t * torch.randn(n)
        for eta in (0.0, 0.3, 1.0):
            y = lib.samplers.last(
                lib.samplers.ddim(lambda x, t: torch.full_like(x, 2.0), schedule, x, torch.stack([t, s]), eta)
            )
            assert abs(y.mean() - alpha_s * 2) < 4.5 * sigma_s / n**0.5
            assert abs(y.std() - sigma_s) < 4.5 * sigma_s / (2 * n) ** 0.5


def test_schedule_is_worked_out_once_a_run(lib):
    """For all times together, never at a step. DPM-Solver++ wants log(alpha / sigma) before the table."""
    calls = []
    flow = lib.schedules.flow()
    schedule = lib.schedules.Schedule(lambda t: calls.append(t.shape) or flow.alpha(t), flow.sigma)
    denoise = lib.denoisers.guided(*[lib.denoisers.denoiser(lambda x, t: x, schedule, lib.targets.V)] * 2, 3.0)
    for walk, runs in [(lib.samplers.ddim, 1), (lib.samplers.dpmpp_2m, 2)]:
        calls.clear()
        lib.samplers.last(walk(denoise, schedule, torch.randn(4, 2), torch.linspace(1, 0, 11)))
        assert calls == [(11,)] * runs


def test_karras_times(lib):
    edges = [(80 ** (1 / 7) + i / 9 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(10)] + [0]
    assert_close(80 * lib.samplers.karras(10), torch.tensor(edges), rtol=1e-5, atol=1e-7)
    edges = [(5 ** (1 / 3) + i / 3 * (0.1 ** (1 / 3) - 5 ** (1 / 3))) ** 3 for i in range(4)] + [0]
    assert_close(5 * lib.samplers.karras(4, 0.1, 5.0, 3.0), torch.tensor(edges), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_kept(lib, dtype):
    schedule = lib.schedules.cosine()
    denoise = lib.exact.exact(lib.exact.points(torch.randn(9, 1, 8, 8, dtype=dtype)), schedule)
    x, times = torch.randn(3, 1, 8, 8, dtype=dtype), torch.linspace(0.999, 0, 6, dtype=torch.float64)
    for walk in (lib.samplers.ddim, lib.samplers.euler, lib.samplers.heun, lib.samplers.dpmpp_2m):
        assert lib.samplers.last(walk(denoise, schedule, x, times)).dtype == dtype


def test_few_steps_on_points_end_at_points(lib):
    """From t = 1 on `flow`, alpha = 0 at the start and sigma = 0 at the end: still no NaN, still data."""
    data = torch.randn(9, 16, 2)
    schedule = lib.schedules.flow()
    denoise = lib.exact.exact(lib.exact.points(data), schedule)
    x, times = torch.randn(5, 16, 2), torch.linspace(1, 0, 26)
    for walk in (lib.samplers.ddim, lib.samplers.euler, lib.samplers.heun, lib.samplers.dpmpp_2m):
        end = lib.samplers.last(walk(denoise, schedule, x, times))
        gap = torch.cdist(end.flatten(1), data.flatten(1)).amin(1)
        assert_close(gap, torch.zeros(5), rtol=0, atol=1e-4)
