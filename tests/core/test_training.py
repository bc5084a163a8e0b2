"""Training, networks, data and metrics."""

import math
import socket

import pytest
import torch
from torch.testing import assert_close

from diffusion_ladder import metrics, nets
from diffusion_ladder.data import digits, photos, points

CLOUDS = [points.figure_eight, points.two_moons, points.checkerboard, points.spiral, points.two_modes]


def test_loss_is_the_mean_squared_error_of_the_target(lib):
    x0, eps = torch.randn(2, 64, 2, dtype=torch.float64)
    t, schedule = torch.rand(64, 1, dtype=torch.float64), lib.schedules.flow()
    net = lambda x, t: torch.sin(x + t)  # noqa: E731
    expected = ((torch.sin((1 - t) * x0 + t * eps + t) - (eps - x0)) ** 2).sum() / 128
    assert_close(lib.training.loss(net, schedule, lib.targets.VELOCITY, x0, eps, t), expected)
    edm, target = lib.schedules.edm(), lib.targets.preconditioned()
    shown, clock = target.inputs(x0 + 80 * t * eps, t, *edm(t))
    expected = ((torch.sin(shown + clock) - target.learn(x0, eps, *edm(t))) ** 2).sum() / 128
    assert_close(lib.training.loss(net, edm, target, x0, eps, t), expected)


def test_log_normal_times(lib):
    n = 100_000
    for arguments, sigma_max, mean, std in [((), 80, -1.2, 1.2), ((5.0, 0.5, 0.3), 5, 0.5, 0.3)]:
        levels = torch.log(sigma_max * lib.training.log_normal(*arguments)(n))
        assert abs(levels.mean() - mean) < 4.5 * std / n**0.5
        assert abs(levels.std() - std) < 4.5 * std / (2 * n) ** 0.5


def test_training_learns_the_cloud(lib):
    """A short run leaves the samples near the data, where an untrained network's are far from it."""
    schedule, target, x0 = lib.schedules.cosine(), lib.targets.V, points.two_modes(4000)
    net = nets.MLP(2, width=64)
    denoise = lib.denoisers.denoiser(net, schedule, target)

    def samples():
        return lib.samplers.last(lib.samplers.ddim(denoise, schedule, torch.randn(1000, 2), torch.linspace(1, 0, 21)))

    with torch.no_grad():
        before = metrics.sliced_wasserstein(samples(), points.two_modes(1000))
    losses = lib.training.train(net, x0, schedule, target, steps=800, batch=256)
    with torch.no_grad():
        after = metrics.sliced_wasserstein(samples(), points.two_modes(1000))
    assert losses.shape == (800,) and not losses.requires_grad
    assert losses[-100:].mean() < 0.8 * losses[:10].mean()
    assert after < 0.1 < 0.3 < before


@pytest.mark.parametrize("target", ["NOISE", "SCORE"])
def test_training_can_stay_away_from_the_ends(lib, target):
    times = lambda n: 0.05 + 0.9 * torch.rand(n)  # noqa: E731
    losses = lib.training.train(
        nets.MLP(2),
        points.spiral(500),
        lib.schedules.flow(),
        getattr(lib.targets, target),
        steps=5,
        batch=32,
        times=times,
    )
    assert losses.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nets_take_every_shape_of_time(dtype):
    for net, shape in [
        (nets.MLP(2), (5, 2)),
        (nets.MLP(32, depth=1), (5, 16, 2)),
        (nets.UNet(), (5, 1, 8, 8)),
        (nets.UNet(channels=3, width=16), (5, 3, 16, 16)),
    ]:
        net, x = net.to(dtype), torch.randn(shape, dtype=dtype)
        t = torch.rand(5, *[1] * (len(shape) - 1), dtype=dtype)
        out = net(x, t)
        assert out.shape == x.shape and out.dtype == dtype
        assert_close(out[:1], net(x[:1], t[0].squeeze()), rtol=1e-4, atol=1e-5)  # a scalar time is for all
        assert not torch.allclose(out, net(x, 1 - t))  # the time matters


def test_mlp_answers_a_grid():
    net, grid = nets.MLP(2), torch.randn(6, 7, 2)
    assert_close(net(grid, torch.tensor(0.3))[2, 3], net(grid[2, 3][None], torch.tensor(0.3))[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_clouds(cloud):
    x = cloud(4000)
    assert x.shape == (4000, 2) and x.dtype == torch.float32
    assert 0.2 < x.std(0).min() and x.std(0).max() < 1.3 and x.mean(0).norm() < 0.5
    pair = [cloud(50, generator=torch.Generator().manual_seed(5)) for _ in range(2)]
    assert_close(*pair, rtol=0, atol=0)


def test_clouds_lie_where_their_curves_do():
    x, y = points.figure_eight(1000, noise=0).double().T / math.sqrt(2)
    assert_close(y**2, x**2 * (1 - x**2), rtol=1e-4, atol=1e-6)  # Gerono's lemniscate
    x, y = points.two_moons(1000, noise=0).double().T / 1.2
    to_centres = torch.stack([torch.hypot(x + 0.5, y + 0.25), torch.hypot(x - 0.5, y - 0.25)])
    assert_close((to_centres - 1).abs().amin(0), torch.zeros(1000).double(), rtol=0, atol=1e-6)
    x, y = points.checkerboard(1000).T
    assert ((x.floor() + y.floor()) % 2 == 0).all() and x.abs().max() <= 2 and y.abs().max() <= 2
    x, y = points.spiral(1000, noise=0).double().T
    turn = 3 * math.pi * torch.hypot(x, y) / 2
    assert_close(torch.stack([x, y]), torch.hypot(x, y) * torch.stack([turn.cos(), turn.sin()]), rtol=1e-4, atol=1e-5)
    assert_close(points.two_modes(1000, std=0).abs().mean(0), torch.tensor([1.0, 0.0]))


def test_digits():
    images, labels = digits.digits()
    assert images.shape == (1797, 1, 8, 8) and images.dtype == torch.float32
    assert images.min() == -1 and images.max() == 1
    assert labels.shape == (1797,) and set(labels.tolist()) == set(range(10))


@pytest.mark.parametrize("name", photos.CREDITS)
def test_photos_come_from_the_installed_package(name, monkeypatch):
    def refuse(*_):
        raise AssertionError("a photo reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    image = photos.photo(name)
    assert image.shape[0] == 3 and image.dtype == torch.float32 and min(image.shape[1:]) >= 300
    assert -1 <= image.min() < -0.9 and 0.7 < image.max() <= 1
    assert photos.photo(name, 64).shape == (3, 64, 64)


def test_photo_credits_are_what_scikit_image_says():
    """Each licence stands in the documentation of the function that loads the photograph."""
    import skimage.data

    for name, credit in photos.CREDITS.items():
        words = " ".join(getattr(skimage.data, name).__doc__.split())
        assert credit.licence in words and credit.author.split()[-1] in words, name
        assert credit.source.endswith(f"skimage.data.{name}")


def test_unknown_photo_names_the_known():
    with pytest.raises(KeyError, match="no photo 'dog'; there are astronaut, camera, chelsea"):
        photos.photo("dog")


def test_sliced_wasserstein_of_a_shift_and_of_nothing():
    x = torch.randn(1000, 2)
    shift = torch.tensor([0.3, 0.4])
    expected = 0.5 * 2 / math.pi  # |shift| times the mean of |cos|
    assert_close(metrics.sliced_wasserstein(x[:200], x[:200] + shift, 20_000).item(), expected, rtol=0.02, atol=0)
    assert metrics.sliced_wasserstein(x, x[torch.randperm(1000)]) < 1e-6
    assert_close(metrics.sliced_wasserstein(x[:, :1], x[:, :1] + 0.7), torch.tensor(0.7))
    with pytest.raises(ValueError, match="one shape"):
        metrics.sliced_wasserstein(x, x[:10])


def test_mmd_of_gaussians():
    """E k of two Gaussians is known: MMD^2 = 2 c^d (1 - exp(-|m|^2 / (2 (h^2 + 2)))), c^2 = h^2 / (h^2 + 2)."""
    h, shift = 0.8, torch.tensor([0.5, -1.0])
    truth = 2 * h**2 / (h**2 + 2) * (1 - math.exp(-1.25 / (2 * (h**2 + 2))))
    estimates = torch.stack([metrics.mmd(torch.randn(400, 2), torch.randn(300, 2) + shift, h) for _ in range(30)])
    error = estimates.std() / 30**0.5
    assert abs(estimates.mean() - truth) < 4.5 * error and error < 0.005
    null = torch.stack([metrics.mmd(torch.randn(100, 2), torch.randn(100, 2)) for _ in range(60)])
    assert abs(null.mean()) < 4.5 * null.std() / 60**0.5  # unbiased: 0 on average, so at times below 0
    assert null.min() < 0
