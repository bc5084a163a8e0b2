"""Samplers step for step against diffusers' schedulers, to 1e-5.

diffusers keeps alphas_cumprod in float32, which alone costs 5e-5 a step: it is overwritten in float64.
Its timestep k is our t = (k + 1) / T.
"""

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
)
from torch.testing import assert_close

DOUBLE = torch.float64
CHAIN = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear"}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}
START = torch.randn(8, 2, generator=torch.Generator().manual_seed(3), dtype=DOUBLE)


def net(x, t):
    """A stand-in for a trained noise network: smooth, bounded, different at each place and time."""
    mix = torch.tensor([[0.8, -0.5], [0.3, 0.9]], dtype=x.dtype)
    return torch.tanh(x @ mix + t) + 0.1 * t


def chain(lib, steps):
    """The schedule, the denoiser, and alpha_bar (steps,), for a DDPM chain."""
    betas = lib.schedules.linear_betas(steps)
    schedule = lib.schedules.ddpm(betas)
    return schedule, lib.denoisers.denoiser(net, schedule, lib.targets.NOISE), torch.cumprod(1 - betas, 0)


def theirs(scheduler, steps, x=START, **kwargs):
    """Every state of their loop, whose network sees our time."""
    states = []
    for k in scheduler.timesteps:
        scale = getattr(scheduler, "scale_model_input", lambda x, k: x)
        out = net(scale(x, k), (k + 1) / steps)
        x = scheduler.step(out, k, x, **kwargs).prev_sample
        states.append(x)
    return torch.stack(states)


def ours(walk):
    return torch.stack(list(walk))


def our_times(scheduler, steps):
    return torch.cat([(scheduler.timesteps.double() + 1) / steps, torch.zeros(1, dtype=DOUBLE)])


def test_ancestral_ddpm(lib):
    """Mean and variance of each step: both are fed the same noise."""
    steps = 60
    schedule, denoise, alpha_bar = chain(lib, steps)
    scheduler = DDPMScheduler(steps, **CHAIN, clip_sample=False, variance_type="fixed_small")
    scheduler.alphas_cumprod = alpha_bar
    scheduler.set_timesteps(steps)
    torch.manual_seed(0)
    walk = ours(lib.samplers.ddim(denoise, schedule, START, our_times(scheduler, steps), eta=1.0))
    torch.manual_seed(0)
    assert_close(walk, theirs(scheduler, steps), **CLOSE)


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
def test_ddim(lib, eta):
    schedule, denoise, alpha_bar = chain(lib, 1000)
    scheduler = DDIMScheduler(1000, **CHAIN, clip_sample=False)
    scheduler.alphas_cumprod = alpha_bar
    scheduler.set_timesteps(20)
    torch.manual_seed(0)
    walk = ours(lib.samplers.ddim(denoise, schedule, START, our_times(scheduler, 1000), eta))
    torch.manual_seed(0)
    assert_close(walk, theirs(scheduler, 1000, eta=eta), **CLOSE)


@pytest.mark.parametrize("steps", [8, 20])
def test_dpmpp_2m(lib, steps):
    schedule, denoise, alpha_bar = chain(lib, 1000)
    scheduler = DPMSolverMultistepScheduler(
        1000, **CHAIN, algorithm_type="dpmsolver++", solver_order=2, solver_type="midpoint", final_sigmas_type="zero"
    )
    scheduler.set_timesteps(steps)
    exact = alpha_bar[scheduler.timesteps]
    scheduler.sigmas = torch.cat([((1 - exact) / exact).sqrt(), torch.zeros(1, dtype=DOUBLE)])
    walk = ours(lib.samplers.dpmpp_2m(denoise, schedule, START, our_times(scheduler, 1000)))
    assert_close(walk, theirs(scheduler, 1000), **CLOSE)


@pytest.mark.parametrize("name, theirs_is", [("euler", EulerDiscreteScheduler), ("heun", HeunDiscreteScheduler)])
def test_euler_and_heun_in_noise_levels(lib, name, theirs_is):
    """Theirs walk x / alpha in sigma / alpha, which is our `edm` schedule; they compute in float32, so the walk stays
    where x is of order one."""
    levels = torch.cat([torch.linspace(4.0, 0.05, 12, dtype=DOUBLE), torch.zeros(1, dtype=DOUBLE)])
    schedule = lib.schedules.edm(4.0)
    denoise = lib.denoisers.denoiser(net, schedule, lib.targets.NOISE)
    walk = ours(getattr(lib.samplers, name)(denoise, schedule, START, levels / 4.0))

    scheduler = theirs_is(1000, **CHAIN)
    scheduler.set_timesteps(12)
    calls = levels[:-1]
    if name == "heun":  # each inner level is visited twice
        calls = torch.cat([levels[:1], levels[1:-1].repeat_interleave(2)])
        scheduler.sigmas = torch.cat([calls, levels[-1:]])
        scheduler.timesteps = torch.arange(len(calls), 0, -1)
    else:
        scheduler.sigmas = levels
    x, states = START, []
    for k, level in zip(scheduler.timesteps, calls, strict=True):
        x = scheduler.step(net(x, level / 4.0), k, x).prev_sample
        states.append(x)
    if name == "heun":
        states = states[1::2] + states[-1:]  # they also report the trial step in between
    assert_close(walk, torch.stack(states), **CLOSE)
