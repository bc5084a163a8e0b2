"""Trained models: what they learnt, and that it does not hang on the machine they learnt it on."""

import io
from pathlib import Path

import pytest
import torch

from diffusion_ladder import exact, metrics, samplers, schedules, targets
from diffusion_ladder.data import points
from diffusion_ladder.denoisers import denoiser
from press.build import Press, build
from press.project import Project
from recipes.figure_eight_denoiser import figure_eight_denoiser

TOLERANCE = 0.02  # RMS difference of two trainings' outputs, as a share of the outputs' RMS


def press_value(name: str):
    """What the press has in store for a recipe; trained now if it is not there."""
    press = Press(Project(Path(__file__).parents[2]), "cpu")
    build(press, [name])
    content = press.store.read(press.store.get(press.task(press.catalog[name]).key).files["value"])
    return torch.load(io.BytesIO(content), weights_only=False)


@pytest.fixture(scope="module")
def trained() -> torch.nn.Module:
    return press_value("figure_eight_denoiser")


@torch.no_grad()
def test_the_figure_eight_network_knows_the_exact_denoiser(trained):
    """Its error over the exact posterior mean is small against what there is to know, at every noise level."""
    torch.manual_seed(5)
    schedule, cloud = schedules.cosine(), points.figure_eight(4096)
    truth = exact.exact(exact.points(cloud), schedule)
    guess = denoiser(trained, schedule, targets.V)
    for time in (0.2, 0.4, 0.6, 0.8):
        t = torch.tensor(time)
        alpha, sigma = schedule(t)
        x = alpha * points.figure_eight(500) + sigma * torch.randn(500, 2)
        error = (guess(x, t) - truth(x, t)).square().sum(-1).mean().sqrt()
        assert error < 0.12 * cloud.square().sum(-1).mean().sqrt(), f"t = {time}: {error}"


@torch.no_grad()
def test_its_samples_are_nearly_as_close_to_the_data_as_data_is(trained):
    torch.manual_seed(6)
    schedule = schedules.cosine()
    times = torch.linspace(0.999, 0, 65)
    walk = samplers.ddim(denoiser(trained, schedule, targets.V), schedule, torch.randn(2000, 2), times)
    one, other = points.figure_eight(2000), points.figure_eight(2000)
    floor = metrics.sliced_wasserstein(one, other)
    static = metrics.sliced_wasserstein(torch.randn(2000, 2), other)
    distance = metrics.sliced_wasserstein(samplers.last(walk), other)
    assert distance < 4 * floor and distance < 0.15 * static, (distance, floor, static)


DEVICES = [("cpu", 2), *([("cuda", 1)] if torch.cuda.is_available() else [])]


@pytest.mark.slow
@pytest.mark.parametrize(("device", "threads"), DEVICES)
def test_training_agrees_across_threads_and_devices(trained, device, threads):
    """The press trains with one thread on one device; another machine must come to the same network."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        other = figure_eight_denoiser(torch.device(device))
    finally:
        torch.set_num_threads(before)
    draw = torch.Generator().manual_seed(1)
    x, t = 1.2 * torch.randn(4000, 2, generator=draw), 0.01 + 0.98 * torch.rand(4000, 1, generator=draw)
    with torch.no_grad():
        mine, theirs = trained(x, t), other(x, t)
    assert (mine - theirs).square().mean().sqrt() < TOLERANCE * mine.square().mean().sqrt()
