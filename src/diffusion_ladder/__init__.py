"""Diffusion models in small readable torch.

Every process is x_t = alpha(t) x0 + sigma(t) eps, with t = 0 data and t = 1 noise.
A denoiser is any function (x, t) -> E[x0 | x_t = x].

Read in this order: `schedules`, `targets`, `denoisers`, `exact`, `samplers`, `training`.
"""
