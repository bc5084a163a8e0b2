"""Denoisers: exact ones against independent formulas, and everything read off them against derivatives."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal
from torch.testing import assert_close

CLOSE = {"rtol": 1e-8, "atol": 1e-8}


def mixture(lib, std=0.3):
    means = torch.tensor([[1.0, -2.0], [0.5, 1.0], [-1.5, 0.0]], dtype=torch.float64)
    return lib.exact.Mixture(means, torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64), std)


def schedules(lib):
    S = lib.schedules
    return [S.flow(), S.cosine(), S.linear(), S.sub_vp(), S.ve(0.01, 5.0), S.edm(5.0)]


def noisy(n=32):
    return torch.randn(n, 2, dtype=torch.float64), torch.rand(n, 1, dtype=torch.float64) * 0.9 + 0.05


def law(mix, alpha, sigma):
    """p_t by torch.distributions, for one time."""
    std = ((alpha * mix.std) ** 2 + sigma**2).sqrt().expand(mix.means.shape)
    return MixtureSameFamily(Categorical(mix.weights), Independent(Normal(alpha * mix.means, std), 1))


def test_log_density_is_the_mixture_law(lib):
    x, t = noisy()
    for std in (0.3, 0.0):
        mix = mixture(lib, std)
        for schedule in schedules(lib):
            expected = torch.stack([law(mix, *schedule(t[i])).log_prob(x[i]) for i in range(len(x))])
            assert_close(lib.exact.log_density(mix, schedule, x, t), expected, **CLOSE)


def test_log_density_normalises_weights(lib):
    x, t = noisy()
    mix = mixture(lib)
    doubled = lib.exact.Mixture(mix.means, 2 * mix.weights, mix.std)
    flow = lib.schedules.flow()
    assert_close(lib.exact.log_density(doubled, flow, x, t), lib.exact.log_density(mix, flow, x, t), **CLOSE)


def test_score_is_the_gradient_of_log_density(lib):
    x, t = noisy()
    for std in (0.3, 0.0):
        mix = mixture(lib, std)
        for schedule in schedules(lib):
            where = x.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(lib.exact.log_density(mix, schedule, where, t).sum(), where)
            ours = lib.denoisers.score(lib.exact.exact(mix, schedule), schedule, x, t)
            assert_close(ours, gradient, rtol=1e-7, atol=1e-7)


def test_exact_is_the_posterior_mean_by_quadrature(lib):
    """E[x0 | x_t] in one dimension, integrated over x0 on a fine grid."""
    mix = lib.exact.Mixture(torch.tensor([[-1.0], [0.5]]).double(), torch.tensor([0.7, 0.3]).double(), 0.2)
    x0 = torch.linspace(-4, 4, 20001, dtype=torch.float64)
    prior = sum(w * torch.exp(Normal(m, 0.2).log_prob(x0)) for w, m in zip(mix.weights, mix.means[:, 0], strict=True))
    x, t = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None], torch.tensor(0.4, dtype=torch.float64)
    for schedule in schedules(lib):
        alpha, sigma = schedule(t)
        joint = prior * torch.exp(Normal(alpha * x0, sigma).log_prob(x))  # (9, 20001)
        expected = (joint * x0).sum(1) / joint.sum(1)
        assert_close(lib.exact.exact(mix, schedule)(x, t)[:, 0], expected, **CLOSE)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(2,), (1, 8, 8), (16, 2)])
def test_exact_at_time_zero_on_any_shape(lib, shape, dtype):
    data = torch.randn(20, *shape, dtype=dtype)
    near = data[torch.arange(6)] + 0.01 * torch.randn(6, *shape, dtype=dtype)
    start = torch.zeros((), dtype=dtype)
    for schedule in schedules(lib):
        denoise = lib.exact.exact(lib.exact.points(data), schedule)
        assert_close(denoise(near, start), data[:6])  # the nearest point
        assert_close(denoise(data, start), data)  # itself
        assert_close(denoise(near, start), denoise(near, start + 1e-6))  # the limit from above
        broad = lib.exact.exact(lib.exact.Mixture(data, torch.ones(20), 0.3), schedule)
        assert_close(broad(near, start), near, rtol=1e-5, atol=2e-6)  # x itself


def test_exact_at_time_zero_shares_ties_by_weight(lib):
    data = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    mix = lib.exact.Mixture(data, torch.tensor([1.0, 3.0, 9.0]))
    middle = torch.zeros(1, 2)
    denoise = lib.exact.exact(mix, lib.schedules.flow())
    assert_close(denoise(middle, torch.zeros(())), torch.tensor([[0.5, 0.0]]))
    assert_close(denoise(middle, torch.tensor(1e-3)), torch.tensor([[0.5, 0.0]]))


def test_exact_has_the_right_slope_where_points_tie(lib):
    """Halfway between two points the posterior turns over fastest: dE[x0 | x] / dx = alpha / sigma^2."""
    denoise = lib.exact.exact(lib.exact.points(torch.tensor([[-1.0], [1.0]])), lib.schedules.edm(1.0))
    x = torch.zeros(1, requires_grad=True)
    (slope,) = torch.autograd.grad(denoise(x, torch.tensor(0.5)).sum(), x)
    assert_close(slope, torch.tensor([4.0]))


def test_exact_does_not_hide_nan(lib):
    denoise = lib.exact.exact(lib.exact.points(torch.randn(5, 2)), lib.schedules.flow())
    assert denoise(torch.full((1, 2), torch.nan), torch.tensor(0.0)).isnan().all()


def test_exact_takes_one_time_per_sample_and_grids(lib):
    data = torch.randn(10, 1, 4, 4, dtype=torch.float64)
    denoise = lib.exact.exact(lib.exact.points(data), lib.schedules.cosine())
    x, t = torch.randn(6, 1, 4, 4, dtype=torch.float64), torch.rand(6, 1, 1, 1, dtype=torch.float64)
    assert_close(denoise(x, t), torch.stack([denoise(x[i], t[i, 0, 0, 0]) for i in range(6)]))
    assert_close(denoise(x.reshape(2, 3, 1, 4, 4), t[0].squeeze()), denoise(x, t[0]).reshape(2, 3, 1, 4, 4))


def test_log_density_takes_grids(lib):
    grid, t = torch.randn(3, 4, 2, dtype=torch.float64), torch.tensor(0.3, dtype=torch.float64)
    mix, schedule = mixture(lib), lib.schedules.cosine()
    ours = lib.exact.log_density(mix, schedule, grid, t)
    assert_close(ours, lib.exact.log_density(mix, schedule, grid.reshape(12, 2), t).reshape(3, 4))


def gaussian_flow(mix, schedule, x, t, s):
    """Where the probability-flow ODE takes x from t to s, for one Gaussian: it keeps the number of deviations."""
    (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule(t), schedule(s)
    stretch = (((alpha_s * mix.std) ** 2 + sigma_s**2) / ((alpha_t * mix.std) ** 2 + sigma_t**2)).sqrt()
    return alpha_s * mix.means + stretch * (x - alpha_t * mix.means)


def test_velocity_is_the_slope_of_the_gaussian_flow(lib):
    mix = lib.exact.Mixture(torch.tensor([[1.0, -2.0]]).double(), torch.ones(1).double(), 0.7)
    x, t = noisy()
    for schedule in schedules(lib):
        ahead, behind = (gaussian_flow(mix, schedule, x, t, t + h) for h in (1e-5, -1e-5))
        velocity = lib.denoisers.velocity(lib.exact.exact(mix, schedule), schedule, x, t)
        assert_close(velocity, (ahead - behind) / 2e-5, rtol=1e-6, atol=1e-6)


def test_noise_and_data_make_up_x(lib):
    x, t = noisy()
    for schedule in schedules(lib):
        alpha, sigma = schedule(t)
        denoise = lib.exact.exact(mixture(lib), schedule)
        assert_close(alpha * denoise(x, t) + sigma * lib.denoisers.noise(denoise, schedule, x, t), x, **CLOSE)


def test_denoiser_reads_a_perfect_network(lib):
    """A network that outputs the target of the exact denoiser is the exact denoiser."""
    T = lib.targets
    x, t = noisy()
    for schedule in schedules(lib):
        alpha, sigma = schedule(t)
        truth = lib.exact.exact(mixture(lib), schedule)(x, t)
        eps = (x - alpha * truth) / sigma
        for target in (T.NOISE, T.DATA, T.V, T.VELOCITY, T.SCORE, T.preconditioned()):
            out = target.learn(truth, eps, alpha, sigma)
            read = lib.denoisers.denoiser(lambda x, t, out=out: out, schedule, target)
            assert_close(read(x, t), truth, rtol=1e-7, atol=1e-7)


def test_guided(lib):
    cond, uncond = (lambda x, t: 3 * x + t), (lambda x, t: x - t)
    x, t = noisy()
    for weight, expected in [(0.0, x - t), (1.0, 3 * x + t), (7.5, x - t + 7.5 * (2 * x + 2 * t))]:
        assert_close(lib.denoisers.guided(cond, uncond, weight)(x, t), expected, **CLOSE)


def test_pinned_trajectory_ends_where_it_must(lib):
    start_and_goal = torch.zeros(16, 1, dtype=torch.bool)
    start_and_goal[[0, -1]] = True
    values = torch.linspace(-1, 1, 16)[:, None].expand(16, 2)
    flow = lib.schedules.flow()
    free = lib.exact.exact(lib.exact.points(torch.randn(50, 16, 2)), flow)
    denoise = lib.denoisers.pinned(free, start_and_goal, values)
    x = lib.samplers.last(lib.samplers.ddim(denoise, flow, torch.randn(4, 16, 2), torch.linspace(1, 0, 9)))
    assert_close(x[:, [0, -1]], values[[0, -1]].expand(4, 2, 2))
    assert not torch.allclose(x[:, 1:-1], values[1:-1].expand(4, 14, 2))
