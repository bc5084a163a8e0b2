"""What a sampler costs on top of its network: ours over diffusers', batch 64 x 2.

    overhead = time of a whole run - time of its network calls,    ratio = our overhead / their overhead

Run it with `python -m tests.bench.samplers`. The runs of the three are interleaved, so that a busy machine slows all
of them alike, and the ratio is that of the medians. It prints figures and asserts nothing.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from diffusers import DDIMScheduler, DPMSolverMultistepScheduler  # noqa: E402

from diffusion_ladder import nets, samplers, schedules, targets  # noqa: E402
from diffusion_ladder.denoisers import denoiser  # noqa: E402

STEPS, ROUNDS = 50, 60
CHAIN = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear"}


def bare(net, x):
    """The network calls of a run, and nothing else."""
    t = torch.tensor(0.5)

    def run():
        for _ in range(STEPS):
            net(x, t)

    return run


def ours(net, x, walk, **kwargs):
    schedule = schedules.ddpm(schedules.linear_betas())
    denoise, times = denoiser(net, schedule, targets.NOISE), torch.linspace(1, 0, STEPS + 1)
    return lambda: samplers.last(walk(denoise, schedule, x, times, **kwargs))


def theirs(net, x, scheduler, **kwargs):
    def run():
        scheduler.set_timesteps(STEPS)
        state = x
        for k in scheduler.timesteps:
            state = scheduler.step(net(state, k), k, state, **kwargs).prev_sample

    return run


def seconds(run):
    start = perf_counter()
    run()
    return perf_counter() - start


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net, x = nets.MLP(2), torch.randn(64, 2)
    ddim, dpmpp = DDIMScheduler(1000, **CHAIN, clip_sample=False), DPMSolverMultistepScheduler(1000, **CHAIN)
    rows = {
        "ddim, eta 0": (ours(net, x, samplers.ddim), theirs(net, x, ddim)),
        "ddim, eta 1": (ours(net, x, samplers.ddim, eta=1.0), theirs(net, x, ddim, eta=1.0)),
        "dpmpp_2m": (ours(net, x, samplers.dpmpp_2m), theirs(net, x, dpmpp)),
    }
    print(f"microseconds per step over the bare network, {STEPS} steps, median of {ROUNDS} runs")
    print(f"{'sampler':<12} {'network':>8} {'ours':>8} {'diffusers':>10} {'ratio':>6}")
    for name, pair in rows.items():
        runs = (bare(net, x), *pair)
        for run in runs:
            run()
        times = zip(*[[seconds(run) for run in runs] for _ in range(ROUNDS)], strict=True)
        network, our, their = (1e6 * median(column) / STEPS for column in times)
        ratio = (our - network) / (their - network)
        print(f"{name:<12} {network:8.1f} {our - network:8.1f} {their - network:10.1f} {ratio:6.2f}")


if __name__ == "__main__":
    main()
