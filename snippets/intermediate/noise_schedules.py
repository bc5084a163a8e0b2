"""Noise schedules, from plain formulas to the library. One program; the page shows it piece by piece."""

# --8<-- [start:linear]
import torch

steps = 1000
beta = torch.linspace(1e-4, 0.02, steps, dtype=torch.float64)  # β_1 … β_T
linear = torch.cumprod(1 - beta, dim=0)  # ᾱ_1 … ᾱ_T

for t in 1, 100, 500, 1000:
    print(f"t = {t:4d}   ᾱ = {linear[t - 1]:.6f}")
# --8<-- [end:linear]

# --8<-- [start:cosine]
t = torch.arange(steps + 1, dtype=torch.float64) / steps  # 0 = data, 1 = noise


def cosine_curve(t, s):
    f = torch.cos((t + s) / (1 + s) * torch.pi / 2) ** 2
    return f / f[0]


for s in 0.0, 0.008:
    curve = cosine_curve(t, s)
    beta = (1 - curve[1:] / curve[:-1]).clamp(max=0.999)
    print(f"s = {s:.3f}   amplitude of step 1's noise: {beta[0].sqrt():.4f}")

cosine = torch.cumprod(1 - beta, dim=0)
print(f"one pixel level: {1 / 127.5:.4f}")
# --8<-- [end:cosine]

# --8<-- [start:sigmoid]
start, end = torch.tensor([-3.0, 3.0], dtype=torch.float64)
curve = torch.sigmoid(end) - torch.sigmoid(start + t * (end - start))
sigmoid = (curve / curve[0])[1:].clamp(min=1e-9)

halfway = (alpha_bar[499] for alpha_bar in (linear, cosine, sigmoid))
print("ᾱ at t = 500:", *(f"{value:.3f}" for value in halfway))
# --8<-- [end:sigmoid]

# --8<-- [start:snr]
def decibels(alpha_bar):
    return 10 * torch.log10(alpha_bar / (1 - alpha_bar))


schedules = {"linear": linear, "cosine": cosine, "sigmoid": sigmoid}
for name, alpha_bar in schedules.items():
    below = int((alpha_bar > 0.5 - 1e-9).sum()) + 1  # the first step
    end = decibels(alpha_bar[-1])
    print(f"{name:8s} falls below 0 dB at t = {below},  ends at {end:5.1f} dB")
# --8<-- [end:snr]

# --8<-- [start:thirty]
alpha_bar = torch.tensor(0.30, dtype=torch.float64)
alpha, sigma = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
snr, db = alpha_bar / (1 - alpha_bar), decibels(alpha_bar)
print(f"amplitude  {alpha:.3f} signal, {sigma:.3f} noise")
print(f"power      {alpha**2:.2f}  signal, {sigma**2:.2f}  noise")
print(f"SNR        {snr:.3f} = {db:.2f} dB, log-SNR {snr.log():.2f}")

for name in "linear", "cosine":
    there = int((schedules[name] > 0.30).sum()) + 1
    halfway = schedules[name][499]
    print(f"{name} gets there at t = {there}; at t = 500, ᾱ = {halfway:.4f}")
# --8<-- [end:thirty]

# --8<-- [start:bands]
print("          clean middle static")
for name, alpha_bar in schedules.items():
    db = decibels(alpha_bar)
    bands = (db > 20), (db.abs() <= 20), (db < -20)
    shares = (f"{band.double().mean():6.1%}" for band in bands)
    print(f"{name:8s}", *shares)
# --8<-- [end:bands]

# --8<-- [start:frequencies]
from diffusion_ladder.data.photos import photo

cat = photo("chelsea", 64).double()  # (3, 64, 64), from -1 to 1
power = torch.fft.fft2(cat, norm="ortho").abs() ** 2  # white noise has 1
print(f"the photograph's own power: {cat.square().mean():.3f} per pixel")


def above_noise(alpha_bar):
    """Share of the frequencies at which the photograph is louder."""
    return (alpha_bar * power > 1 - alpha_bar).double().mean()


print("above the noise:  linear  cosine")
for t in 20, 100, 200, 500:
    shares = (above_noise(curve[t - 1]) for curve in (linear, cosine))
    print(f"        t = {t:3d}", *(f"{share:7.1%}" for share in shares))
# --8<-- [end:frequencies]

# --8<-- [start:library]
from diffusion_ladder import schedules as library

k = torch.arange(1, steps + 1, dtype=torch.float64) / steps
alpha, sigma = library.ddpm(library.linear_betas(steps))(k)
print("the same ᾱ to twelve digits:", torch.allclose(alpha**2, linear, rtol=1e-12))
# --8<-- [end:library]

# --8<-- [start:alone]
level = torch.linspace(19, -19, steps, dtype=torch.float64)  # dB
ratio = 10 ** (level / 10)
curve = torch.cat([torch.ones(1, dtype=torch.float64), ratio / (1 + ratio)])
beta = 1 - curve[1:] / curve[:-1]
mine = torch.cumprod(1 - beta, dim=0)
level = decibels(mine)
print(f"from {level[0]:.2f} to {level[-1]:.2f} dB")
print(f"middle: {(level.abs() <= 20).double().mean():.1%}")
# --8<-- [end:alone]
