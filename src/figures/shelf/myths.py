"""The numbers of `docs/shelf/myths.toml`."""

import math
from functools import cache

import torch
from torch import Tensor

from diffusion_ladder import denoisers, exact, samplers, schedules
from diffusion_ladder.data import points
from diffusion_ladder.data.photos import photo

STEPS = 1000
LINEAR = schedules.ddpm(schedules.linear_betas(STEPS))
COSINE = schedules.ddpm(schedules.cosine_betas(STEPS))
FAR = exact.Mixture(torch.tensor([[-2.0], [2.0]]), torch.ones(2), std=0.2)  # two modes, far apart
LEFT = exact.Mixture(torch.tensor([[-2.0]]), torch.ones(1), std=0.2)  # one of them
NEAR = exact.Mixture(torch.tensor([[-1.0], [1.0]]).double(), torch.ones(2).double(), std=0.25)
PLAN = 16  # waypoints

# ---- Schedules -------------------------------------------------------------------------------------------------------


@cache
def _power(schedule: schedules.Schedule) -> Tensor:
    """alpha-bar at the steps 0 to 1000."""
    return schedule(torch.arange(STEPS + 1, dtype=torch.float64) / STEPS)[0] ** 2


def _decibels(power: Tensor) -> float:
    return float(schedules.decibels(power / (1 - power)))


def _first(power: Tensor, level: float) -> int:
    return int((power > level).sum())


def _short(scale: float) -> Tensor:
    """alpha-bar at the end of a chain of 100 steps."""
    return torch.prod(1 - schedules.linear_betas(100, scale * 1e-4, scale * 0.02))


def linear_end() -> float:
    """The power that DDPM's schedule leaves."""
    return float(_power(LINEAR)[-1])


def linear_end_decibels() -> float:
    """The same as a signal-to-noise ratio."""
    return _decibels(_power(LINEAR)[-1])


def hundred_steps_end() -> float:
    """The power that is left if its range of beta is walked in 100 steps."""
    return float(_short(1))


def hundred_steps_amplitude() -> float:
    """The same as an amplitude."""
    return float(_short(1).sqrt())


def hundred_steps_scaled_end() -> float:
    """The same with ten times the range."""
    return float(_short(10))


def cosine_end_decibels() -> float:
    """Where code that keeps beta below 0.999 ends the cosine schedule."""
    return _decibels(_power(COSINE)[-1])


def noise_at_999() -> float:
    """The noise's amplitude at step 999 of the linear schedule."""
    return float((1 - _power(LINEAR)[999]).sqrt())


def signal_at_999() -> float:
    """The picture's amplitude there."""
    return float(_power(LINEAR)[999].sqrt())


def dials_at_999() -> float:
    """How many times the noise's amplitude there is the picture's."""
    return noise_at_999() / signal_at_999()


def linear_even_step() -> int:
    """The first step of the linear schedule with no more picture than static."""
    return _first(_power(LINEAR), 0.5)


def cosine_even_step() -> int:
    """The same for cosine."""
    return _first(_power(COSINE), 0.5)


def linear_half_way() -> float:
    """The power left at step 500."""
    return float(_power(LINEAR)[500])


def cosine_half_way() -> float:
    """The same for cosine."""
    return float(_power(COSINE)[500])


def linear_three_tenths_step() -> int:
    """Where 0.30 of the power is left."""
    return _first(_power(LINEAR), 0.3)


def cosine_three_tenths_step() -> int:
    """The same for cosine."""
    return _first(_power(COSINE), 0.3)


def three_tenths_snr() -> float:
    """The signal-to-noise ratio that the linear schedule has where it comes closest to 0.30."""
    power = _power(LINEAR)
    there = power[(power - 0.3).abs().argmin()]
    return float(there / (1 - there))


def one_step_power() -> float:
    """The share of the power that step 500 keeps of what it finds."""
    return float(_power(LINEAR)[500] / _power(LINEAR)[499])


def one_step_amplitude() -> float:
    """The same of the amplitude."""
    return math.sqrt(one_step_power())


def power_at_200() -> float:
    """The power that the linear schedule leaves at step 200."""
    return float(_power(LINEAR)[200])


def decibels_at_200() -> float:
    """The same as a signal-to-noise ratio."""
    return _decibels(_power(LINEAR)[200])


def redundancy_decibels() -> float:
    """What four times the side is worth: the noise of 16 pixels, averaged to one, has a sixteenth of its power."""
    noise = torch.ones(256 // 64, 256 // 64, dtype=torch.float64) / (256 // 64) ** 2  # each pixel's share of the mean
    return float(schedules.decibels(1 / noise.square().sum()))


def _share(schedule: schedules.Schedule, low: float, high: float) -> float:
    power = _power(schedule)[1:]
    level = schedules.decibels(power / (1 - power))
    return float(((level >= low) & (level <= high)).double().mean())


def cosine_middle() -> float:
    """The share of cosine's steps between 20 and -20 dB."""
    return _share(COSINE, -20, 20)


def linear_middle() -> float:
    """The same for linear."""
    return _share(LINEAR, -20, 20)


def cosine_dead() -> float:
    """The share of cosine's steps below -20 dB."""
    return _share(COSINE, -math.inf, -20)


def linear_dead() -> float:
    """The same for linear."""
    return _share(LINEAR, -math.inf, -20)


def _alive(schedule: schedules.Schedule, step: int) -> float:
    """The share of a photograph's waves that are stronger than the noise."""
    waves = torch.fft.fft2(photo("chelsea", 64).double(), norm="ortho").abs() ** 2
    power = _power(schedule)[step]
    return float((power * waves > 1 - power).double().mean())


def cosine_waves_200() -> float:
    """At step 200 of cosine."""
    return _alive(COSINE, 200)


def linear_waves_200() -> float:
    """At step 200 of linear."""
    return _alive(LINEAR, 200)


def cosine_waves_500() -> float:
    """At step 500 of cosine."""
    return _alive(COSINE, 500)


def stable_diffusion_end() -> float:
    """The amplitude that Stable Diffusion's schedule leaves: beta is the square of a straight line there."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, STEPS, dtype=torch.float64) ** 2
    return float(schedules.ddpm(betas).alpha(torch.ones((), dtype=torch.float64)))


def cat_power() -> float:
    """The mean square of a photograph's pixels, which run from -1 to 1."""
    return float(photo("chelsea", 64).double().square().mean())


def cat_power_even() -> float:
    """The mean square once half of the power is noise."""
    return (cat_power() + 1) / 2


# ---- Training --------------------------------------------------------------------------------------------------------


def _circle(count: int) -> exact.Mixture:
    angle = 2 * math.pi * torch.arange(count, dtype=torch.float64) / count
    return exact.points(torch.stack([angle.cos(), angle.sin()], 1))


def _noisy_circle(power: float, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(x0, eps, x, the exact guess of x0) of points on a circle; the circle's own points are dense against the noise."""
    alpha, sigma = math.sqrt(power), math.sqrt(1 - power)
    schedule = schedules.Schedule(lambda t: alpha * torch.ones_like(t), lambda t: sigma * torch.ones_like(t))
    angle = 2 * math.pi * torch.rand(count, dtype=torch.float64)
    x0, eps = torch.stack([angle.cos(), angle.sin()], 1), torch.randn(count, 2, dtype=torch.float64)
    x = alpha * x0 + sigma * eps
    return x0, eps, x, exact.exact(_circle(2048), schedule)(x, torch.ones(count, 1, dtype=torch.float64))


def subtracted_error() -> float:
    """Root-mean-square distance between x_t - eps and x0 on a circle of radius 1, with a tenth of the power left.

    x_t - eps - x0 = (alpha - 1) x0 + (sigma - 1) eps, and eps has two numbers.
    """
    alpha, sigma = math.sqrt(0.1), math.sqrt(0.9)
    circle = _circle(8).means.square().sum(-1).mean()
    return float(((alpha - 1) ** 2 * circle + 2 * (sigma - 1) ** 2).sqrt())


def guess_radius(seed: int = 2) -> float:
    """How far out the best guess of a point on that circle lies, on average, at 0 dB."""
    return float(_noisy_circle(0.5, 4000)[3].norm(dim=-1).mean())


def noise_never_named(seed: int = 3) -> float:
    """Mean square error per number of the best guess of the noise, on the circle, at 40 dB."""
    power = 1 - 1e-4
    _, eps, x, guess = _noisy_circle(power, 4000)
    return float(((x - math.sqrt(power) * guess) / math.sqrt(1 - power) - eps).square().mean())


def one_step_noise() -> float:
    """The amplitude of the noise that step 500 adds."""
    return float(schedules.linear_betas(STEPS)[499].sqrt())


def total_noise() -> float:
    """The amplitude of all noise in the picture there."""
    return float((1 - _power(LINEAR)[500]).sqrt())


def _weights() -> Tensor:
    """DDPM's weight of each step's noise error, with sigma^2 = beta (Ho et al., 2020, Eq. 12)."""
    betas, power = schedules.linear_betas(STEPS), _power(LINEAR)[1:]
    return betas / (2 * (1 - betas) * (1 - power))


def weight_first() -> float:
    """The weight of step 1."""
    return float(_weights()[0])


def weight_least() -> float:
    """The least of all steps."""
    return float(_weights().min())


def weight_early() -> float:
    """The share of the steps 1 to 50 in the sum of all weights."""
    return float(_weights()[:50].sum() / _weights().sum())


def gain_at_end() -> float:
    """By how much an error in the noise grows when it is read as one in the picture, at step 1000."""
    alpha, sigma = LINEAR(torch.ones((), dtype=torch.float64))
    return float(sigma / alpha)


def beta_tilde_second() -> float:
    """The smaller variance against the larger one, at step 2."""
    power = _power(LINEAR)
    return float((1 - power[1]) / (1 - power[2]))


def beta_tilde_middle() -> float:
    """The same at step 500."""
    power = _power(LINEAR)
    return float((1 - power[499]) / (1 - power[500]))


def _elbo(mean: float, std: float, x: float = 1.5) -> float:
    """For z ~ N(0, 1), x given z ~ N(z, 1) and q(z) = N(mean, std^2)."""
    q = torch.distributions.Normal(*torch.tensor([mean, std], dtype=torch.float64))
    prior = torch.distributions.Normal(torch.zeros(()).double(), torch.ones(()).double())
    fit = -0.5 * math.log(2 * math.pi) - ((x - mean) ** 2 + std**2) / 2
    return float(fit - torch.distributions.kl_divergence(q, prior))


def elbo_before() -> float:
    """The bound with the prior in the place of the posterior."""
    return _elbo(0.0, 1.0)


def elbo_after() -> float:
    """The bound with the true posterior."""
    return _elbo(0.75, 0.5**0.5)


def evidence() -> float:
    """log p(x) of that model, the same before and after."""
    wide = torch.distributions.Normal(torch.zeros(()).double(), torch.tensor(2.0).double().sqrt())
    return float(wide.log_prob(torch.tensor(1.5).double()))


def _line(power: float) -> float:
    """The share of the best noise guess's variance that no straight line in x explains, for two modes."""
    alpha, sigma = math.sqrt(power), math.sqrt(1 - power)
    schedule = schedules.Schedule(lambda t: alpha * torch.ones_like(t), lambda t: sigma * torch.ones_like(t))
    side = torch.randint(2, (100_000, 1)).double() * 2 - 1
    x = alpha * (side + NEAR.std * torch.randn_like(side)) + sigma * torch.randn_like(side)
    guess = denoisers.noise(exact.exact(NEAR, schedule), schedule, x, torch.ones_like(x))
    return float(1 - torch.corrcoef(torch.cat([x, guess], 1).T)[0, 1] ** 2)


def line_misses(seed: int = 4) -> float:
    """At 0 dB."""
    return _line(1 / 2)


def line_misses_clean(seed: int = 4) -> float:
    """At 20 dB."""
    return _line(100 / 101)


# ---- Sampling --------------------------------------------------------------------------------------------------------


def _crossing_pairs(paths: Tensor) -> int:
    """Of how many pairs of paths (steps + 1, n, 2) the drawn lines cross, whenever each of the two is there."""

    def side(a, b, c):
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])

    count = 0
    for i in range(paths.shape[1]):
        for j in range(i):
            a, b = paths[:-1, None, i], paths[1:, None, i]
            c, d = paths[None, :-1, j], paths[None, 1:, j]
            crossed = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
            count += bool(crossed.any())
    return count


@cache
def _eight() -> exact.Mixture:
    angle = 2 * math.pi * torch.arange(256) / 256
    return exact.Mixture(points.lemniscate(angle), torch.ones(256), std=0.05)


def _paths(walk, schedule: schedules.Schedule, count: int, steps: int) -> Tensor:
    start = torch.randn(count, 2)
    times = torch.linspace(0.999, 0, steps + 1)
    return torch.stack([start, *walk(exact.exact(_eight(), schedule), schedule, start, times)])


def pairs_of_paths() -> int:
    """How many pairs 60 paths make."""
    return len(torch.combinations(torch.arange(60)))


def crossing_pairs(seed: int = 5) -> int:
    """How many of them cross on paper: 60 paths of the probability-flow ODE to the figure 8, cosine schedule."""
    return _crossing_pairs(_paths(samplers.ddim, schedules.cosine(), 60, 60))


def path_over_chord(seed: int = 6) -> float:
    """Median length of a path over the straight way, for the exact field of straight conditional paths."""
    paths = _paths(samplers.euler, schedules.flow(), 500, 200)
    return float(((paths[1:] - paths[:-1]).norm(dim=-1).sum(0) / (paths[-1] - paths[0]).norm(dim=-1)).median())


def _ends(mixture: exact.Mixture, start: Tensor, steps: int, walk=samplers.ddim, **options) -> Tensor:
    times = torch.linspace(1, 0, steps + 1).to(start)
    return samplers.last(walk(exact.exact(mixture, LINEAR), LINEAR, start, times, **options))


def _quantiles(share: Tensor) -> Tensor:
    """Where that share of the data of `NEAR` lies below, found by halving."""
    low, high = torch.full_like(share, -4), torch.full_like(share, 4)
    normal = torch.distributions.Normal(NEAR.means.squeeze(1), NEAR.std)
    for _ in range(60):
        middle = (low + high) / 2
        below = normal.cdf(middle[:, None]).mean(1) < share
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return low


def _off(walk) -> float:
    """Root-mean-square error of the ends after 20 steps; the exact flow keeps order, so it sends quantile to quantile."""
    share = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000
    start = torch.distributions.Normal(torch.zeros(()).double(), 1).icdf(share)
    ends = _ends(NEAR, start[:, None], 20, walk).squeeze(1)
    return float((ends - _quantiles(share)).square().mean().sqrt())


def ddim_off() -> float:
    """Root-mean-square error of DDIM's ends after 20 steps, for two modes."""
    return _off(samplers.ddim)


def euler_off() -> float:
    """The same for Euler's method in the clock t."""
    return _off(samplers.euler)


def one_step_std(seed: int = 7) -> float:
    """Standard deviation of 20 000 ends after one step, for modes at -2 and 2."""
    return float(_ends(FAR, torch.randn(20_000, 1), 1).std())


def true_std() -> float:
    """The standard deviation of the data."""
    return float((FAR.means.var(correction=0) + FAR.std**2).sqrt())


def _w1(eta: float) -> float:
    truth = FAR.means[torch.randint(2, (40_000,))] + FAR.std * torch.randn(40_000, 1)
    ends = _ends(FAR, torch.randn(40_000, 1), 5, eta=eta)
    return float((ends.sort(0).values - truth.sort(0).values).abs().mean())


def ddim_w1(seed: int = 8) -> float:
    """Wasserstein distance of DDIM's ends to the data after 5 steps."""
    return _w1(0.0)


def ddpm_w1(seed: int = 9) -> float:
    """The same for DDPM."""
    return _w1(1.0)


def one_start_end() -> float:
    """Where DDIM takes the start 0.3, each time."""
    return float(_ends(NEAR, torch.full((1, 1), 0.3, dtype=torch.float64), 1000))


def one_start_left(seed: int = 10) -> float:
    """The share of DDPM's ends on the left, from that one start."""
    ends = _ends(NEAR, torch.full((4000, 1), 0.3, dtype=torch.float64), 250, eta=1.0)
    return float((ends < 0).double().mean())


def back_to_own_mode(seed: int = 11) -> float:
    """The share of 4000 points that come back to the mode they set out from, after noise and way back."""
    side = torch.randint(2, (4000, 1)).double() * 2 - 1
    alpha, sigma = LINEAR(torch.ones((), dtype=torch.float64))
    start = alpha * (side + NEAR.std * torch.randn_like(side)) + sigma * torch.randn_like(side)
    return float((_ends(NEAR, start, 100).sign() == side).double().mean())


@cache
def _guided(weight: float) -> Tensor:
    """4000 ends, guided to the left of two modes."""
    torch.manual_seed(12)
    schedule = schedules.cosine()
    denoise = denoisers.guided(exact.exact(LEFT, schedule), exact.exact(FAR, schedule), weight)
    times = torch.linspace(0.999, 0, 201)
    return samplers.last(samplers.ddim(denoise, schedule, torch.randn(4000, 1), times))


def guided_mean(seed: int = 12) -> float:
    """Where a guidance weight of 7.5 puts the mode that lies at -2."""
    return float(_guided(7.5).median())


def guided_std(seed: int = 12) -> float:
    """How wide it makes that mode."""
    return float(_guided(7.5).std())


def between_modes(seed: int = 12) -> float:
    """The share of ends between the modes, in (-1, 1), without guidance."""
    return float((_guided(0.0).abs() < 1).double().mean())


# ---- Robots ----------------------------------------------------------------------------------------------------------


def segment_clearance() -> float:
    """How near 16 waypoints, each kept 1 away from an obstacle's middle, let the path between them come to it."""
    x = torch.linspace(-10, 10, PLAN, dtype=torch.float64)
    way = torch.stack([x, torch.full_like(x, 0.2)], 1)
    way = way * (1 / way.norm(dim=1, keepdim=True)).clamp(min=1)
    a, step = way[:-1], way[1:] - way[:-1]
    nearest = (-(a * step).sum(1) / (step * step).sum(1)).clamp(0, 1)
    return float((a + nearest[:, None] * step).norm(dim=1).min())
