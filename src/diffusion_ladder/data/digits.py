"""Handwritten digits, 8 x 8 pixels with 17 grey levels, from scikit-learn's own copy.

    pixel = level / 8 - 1,    level = 0 ... 16
"""

import torch
from sklearn.datasets import load_digits
from torch import Tensor


def digits() -> tuple[Tensor, Tensor]:
    """Images (1797, 1, 8, 8) in [-1, 1], float32, ink is 1; labels (1797,), int64 (UCI test set, Alpaydin & Kaynak)."""
    images, labels = load_digits(return_X_y=True)
    return torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 8 - 1, torch.tensor(labels)
