"""A small network that has learnt to clean the figure-8 cloud under the cosine schedule."""

import torch

from diffusion_ladder import nets, schedules, targets, training
from diffusion_ladder.data import points


def figure_eight_denoiser(device, seed: int = 0) -> torch.nn.Module:
    """An MLP of four hidden layers, 128 wide, trained to predict v on 8192 points of the figure-8 for 5000 steps."""
    torch.manual_seed(seed)
    x0 = points.figure_eight(8192).to(device)
    net = nets.MLP(dim=2, depth=4).to(device)
    training.train(net, x0, schedules.cosine(), targets.V, steps=5000, batch=512, lr=3e-3)
    return net.cpu().eval()
