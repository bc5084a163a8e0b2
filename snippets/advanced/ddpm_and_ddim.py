"""DDPM and DDIM from scratch on a density with two modes. One program; the page shows it piece by piece."""

# --8<-- [start:denoiser]
from itertools import pairwise

import torch

T, std = 1000, 0.25
beta = torch.linspace(1e-4, 0.02, T, dtype=torch.float64)
a_bar = torch.cat([torch.ones(1), (1 - beta).cumprod(0)])  # ᾱ_0 … ᾱ_T


def denoise(x, t):
    """E[x_0 | x_t = x] for half the data around -1, half around 1."""
    alpha, power = a_bar[t].sqrt(), a_bar[t] * std**2 + 1 - a_bar[t]
    mode = torch.tanh(alpha * x / power)  # the mode to expect
    return mode + alpha * std**2 / power * (x - alpha * mode)


def noise_in(x, t):
    """E[eps | x_t = x], for t > 0."""
    signal = a_bar[t].sqrt() * denoise(x, t)
    return (x - signal) / (1 - a_bar[t]).sqrt()


x = torch.tensor([-1.2, 0.1, 0.4, 2.0], dtype=torch.float64)
print("        x", *(f"{v:6.2f}" for v in x))
for t in 1000, 500, 250, 50:
    print(f"t = {t:4d} →", *(f"{v:6.2f}" for v in denoise(x, t)))
# --8<-- [end:denoiser]

# --8<-- [start:worked]
t, s, x = 500, 250, torch.tensor(0.5, dtype=torch.float64)
x0, eps = denoise(x, t), noise_in(x, t)
print(f"ᾱ_t = {a_bar[t]:.4f}, ᾱ_s = {a_bar[s]:.4f}")
print(f"guess of the data {x0:.4f}, of the noise {eps:.4f}")

a = a_bar[t] / a_bar[s]  # the share this stride keeps
on_x0 = a_bar[s].sqrt() * (1 - a) / (1 - a_bar[t])
on_x = a.sqrt() * (1 - a_bar[s]) / (1 - a_bar[t])
mean = on_x0 * x0 + on_x * x
var = (1 - a_bar[s]) / (1 - a_bar[t]) * (1 - a)
print(f"DDPM: {on_x0:.4f} guess + {on_x:.4f} x_t = {mean:.4f},")
print(f"      and fresh noise of standard deviation {var.sqrt():.4f}")

on_x0, on_eps = a_bar[s].sqrt(), (1 - a_bar[s]).sqrt()
end = on_x0 * x0 + on_eps * eps
print(f"DDIM: {on_x0:.4f} guess + {on_eps:.4f} noise = {end:.4f}")
# --8<-- [end:worked]

# --8<-- [start:ddpm]
def grid(steps):
    """The times to visit, from T down to 0, evenly spaced."""
    return torch.linspace(T, 0, steps + 1).round().long()


def ddpm(x, steps):
    for t, s in pairwise(grid(steps)):
        a = a_bar[t] / a_bar[s]  # α_t, if s = t - 1
        b = 1 - a  # β_t
        var = (1 - a_bar[s]) / (1 - a_bar[t]) * b
        x = (x - b / (1 - a_bar[t]).sqrt() * noise_in(x, t)) / a.sqrt()
        x = x + var.sqrt() * torch.randn_like(x)
    return x


def about(x):
    right = x[x > 0]
    return f"{len(right) / len(x):.1%} right, spread there {right.std():.4f}"


torch.manual_seed(1)
start = torch.randn(10_000, dtype=torch.float64)
print("DDPM:", about(ddpm(start, T)))
# --8<-- [end:ddpm]

# --8<-- [start:ddim]
def fresh(t, s, eta):
    """The σ of a step from t to s."""
    var = (1 - a_bar[s]) / (1 - a_bar[t]) * (1 - a_bar[t] / a_bar[s])
    return eta * var.sqrt()


def ddim(x, steps, eta=0.0):
    for t, s in pairwise(grid(steps)):
        x0 = denoise(x, t)
        eps = (x - a_bar[t].sqrt() * x0) / (1 - a_bar[t]).sqrt()
        kept = (1 - a_bar[s] - fresh(t, s, eta) ** 2).sqrt()
        x = a_bar[s].sqrt() * x0 + kept * eps
        if eta > 0:
            x = x + fresh(t, s, eta) * torch.randn_like(x)
    return x


print("DDIM:", about(ddim(start, T)))
print("half:", about(ddim(start, T, eta=0.5)))
# --8<-- [end:ddim]

# --8<-- [start:posterior]
dice = torch.get_rng_state()


def rolled(sampler, *args):
    """Run a sampler with dice that always fall the same way."""
    torch.set_rng_state(dice)
    return sampler(start, *args)


for steps in 10, 100:
    apart = (rolled(ddpm, steps) - rolled(ddim, steps, 1.0)).abs().max()
    print(f"{steps:3d} steps: apart by at most {apart:.0e}")
# --8<-- [end:posterior]

# --8<-- [start:family]
def draw(*shape):
    """Exact samples: what a sampler should give."""
    mode = torch.randint(2, shape) * 2.0 - 1
    return mode + std * torch.randn(shape, dtype=torch.float64)


t, s, x0 = 500, 400, draw(400_000)
print(f"wanted in x_s: noise of {(1 - a_bar[s]).sqrt():.4f}")
for eta in 0.0, 0.5, 1.0:
    eps, z = torch.randn(2, len(x0), dtype=torch.float64)
    kept = (1 - a_bar[s] - fresh(t, s, eta) ** 2).sqrt()
    x_t = a_bar[t].sqrt() * x0 + (1 - a_bar[t]).sqrt() * eps
    x_s = a_bar[s].sqrt() * x0 + kept * eps + fresh(t, s, eta) * z
    noise = (x_s - a_bar[s].sqrt() * x0).std()
    # forwards: the best guess of x_t from x_s and the picture
    both = torch.linalg.lstsq(torch.stack([x_s, x0], 1), x_t).solution
    print(f"η = {eta:.2f}: {noise:.4f}.",
          f"Forwards: {both[0]:.3f} x_s {both[1]:+.3f} x_0")
# --8<-- [end:family]

# --8<-- [start:one_start]
same = torch.full((6,), 0.3, dtype=torch.float64)
print("DDIM", *(f"{v:6.2f}" for v in ddim(same, T)))
print("DDPM", *(f"{v:6.2f}" for v in ddpm(same, T)))

ends = torch.stack([start, ddim(start, T), ddpm(start, T)])
_, by_ddim, by_ddpm = torch.corrcoef(ends)[0]
print(f"start and end correlate: {by_ddim:.3f} and {by_ddpm:.3f}")
# --8<-- [end:one_start]

# --8<-- [start:euler]
level = ((1 - a_bar) / a_bar).sqrt()  # noise over signal


def euler(x, steps):
    y = x / a_bar[T].sqrt()
    for t, s in pairwise(grid(steps)):
        slope = noise_in(a_bar[t].sqrt() * y, t)
        y = y + (level[s] - level[t]) * slope
    return y  # at t = 0 the signal is whole: y is x


for steps in 10, 100:
    apart = (ddim(start, steps) - euler(start, steps)).abs().max()
    print(f"{steps:3d} steps: apart by at most {apart:.0e}")
# --8<-- [end:euler]

# --8<-- [start:inversion]
def encode(x, steps):
    """The same line as in `euler`, taken from less noise to more."""
    for s, t in pairwise(grid(steps).flip(0)):
        # clean data has no noise to name
        slope = noise_in(x, s) if s else torch.zeros_like(x)
        y = x / a_bar[s].sqrt() + (level[t] - level[s]) * slope
        x = a_bar[t].sqrt() * y
    return x


data = draw(2000)
for steps in 10, 50, 200, 1000:
    back = ddim(encode(data, steps), steps)
    rms = (back - data).square().mean().sqrt()
    print(f"{steps:4d} steps there, {steps:4d} back: off by {rms:.4f}")
# --8<-- [end:inversion]

# --8<-- [start:interpolation]
def slerp(a, b, w):
    """From a to b along the arc, not across it."""
    angle = torch.arccos((a * b).sum() / (a.norm() * b.norm()))
    on_a, on_b = torch.sin((1 - w) * angle), torch.sin(w * angle)
    return (on_a * a + on_b * b) / torch.sin(angle)


a, b = torch.randn(2, 784)  # one number for each pixel of a digit
straight, arc = torch.lerp(a, b, 0.25), slerp(a, b, 0.25)
print(f"lengths {a.norm():.2f} and {b.norm():.2f}. A quarter of the way:")
print(f"straight {straight.norm():.2f}, on the arc {arc.norm():.2f}")
# --8<-- [end:interpolation]

# --8<-- [start:distance]
def w1(x, y):
    """The least mean way to carry the samples x to the samples y."""
    return (x.sort().values - y.sort().values).abs().mean()


runs, truth = torch.randn(4, 20_000, dtype=torch.float64), draw(4, 20_000)
floor = w1(draw(4, 20_000), truth)
print("steps  W1 of DDIM   DDPM    std of DDIM   DDPM")
for steps in 1, 5, 10, 20, 50, 100, 1000:
    x, y = ddim(runs, steps), ddpm(runs, steps)
    print(f"{steps:5d} {w1(x, truth):11.3f} {w1(y, truth):6.3f}"
          f" {x.std():14.3f} {y.std():6.3f}")
print(f"exact {floor:11.3f} {floor:6.3f}"
      f" {truth.std():14.3f} {truth.std():6.3f}")
# --8<-- [end:distance]

# --8<-- [start:library]
from diffusion_ladder import exact, samplers, schedules

chain = schedules.ddpm(schedules.linear_betas(T))
modes = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
ideal = exact.exact(exact.Mixture(modes, torch.ones(2), std), chain)
for eta in 0, 1:
    torch.set_rng_state(dice)
    times = grid(50).double() / T
    walk = samplers.ddim(ideal, chain, start[:, None], times, eta)
    apart = samplers.last(walk)[:, 0] - rolled(ddim, 50, eta)
    print(f"η = {eta}: apart by at most {apart.abs().max():.0e}")
# --8<-- [end:library]

# --8<-- [start:alone]
at = torch.tensor([0.1, 0.25, 0.75, 0.9], dtype=torch.float64)
ends = ddim(torch.special.ndtri(at), T)  # the normal's quantiles
print("DDIM", *(f"{v:7.3f}" for v in ends))
print("data", *(f"{v:7.3f}" for v in draw(400_000).quantile(at)))
# --8<-- [end:alone]
