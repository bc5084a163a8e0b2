"""One noisy picture, one network's answer and one guidance weight, in the letters of several papers."""

# --8<-- [start:convert]
import torch

from diffusion_ladder import notation

x = torch.tensor([0.80, -0.35], dtype=torch.float64)  # two pixels
a_bar = torch.tensor(0.30, dtype=torch.float64)  # DDPM's level for them

for paper in "ddpm", "ddim", "edm", "vdm", "guidance", "rectified":
    pixels, level = notation.state(x, a_bar, "ddpm", paper)
    print(f"{paper:9s} {level:6.3f}   x = {pixels[0]:.3f} {pixels[1]:.3f}")
# --8<-- [end:convert]

# --8<-- [start:output]
eps = torch.tensor([0.90, -0.50], dtype=torch.float64)  # what DDPM's network said

for paper in "vp", "edm", "rectified":
    said = notation.output(eps, x, a_bar, "ddpm", paper)
    print(f"{paper:9s} {said[0]:6.3f} {said[1]:6.3f}")
# --8<-- [end:output]

# --8<-- [start:weight]
cond, uncond = torch.tensor(1.7), torch.tensor(0.5)
w = 2.0  # as Ho & Salimans count

print(f"their formula: {(1 + w) * cond - w * uncond:.2f}")
w = notation.weight(w, "guidance", "site")
print(f"this site's:   {uncond + w * (cond - uncond):.2f} with w = {w:.2f}")
# --8<-- [end:weight]
