"""Real photographs that ship inside scikit-image, each with its credit.

    pixel = level / 127.5 - 1,    level = 0 ... 255
"""

from dataclasses import dataclass
from importlib.resources import as_file, files

import torch
from skimage.io import imread
from torch import Tensor


@dataclass(frozen=True)
class Credit:
    """What to print under a photograph: its licence as scikit-image states it, and where that is stated."""

    title: str
    author: str
    licence: str
    source: str
    file: str


_SKIMAGE = "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data."

CREDITS = {
    name: Credit(title, author, licence, _SKIMAGE + name, file)
    for name, title, author, licence, file in [
        ("astronaut", "Eileen Collins", "NASA", "public domain", "astronaut.png"),
        ("camera", "Cameraman", "Lav Varshney", "CC0", "camera.png"),
        ("chelsea", "Chelsea the cat", "Stéfan van der Walt", "CC0", "chelsea.png"),
        ("coffee", "Coffee cup, courtesy of Pikolo Espresso Bar", "Rachel Michetti", "CC0", "coffee.png"),
        ("hubble_deep_field", "Hubble eXtreme Deep Field", "NASA", "public domain", "hubble_deep_field.jpg"),
        ("rocket", "DSCOVR launch on a Falcon 9", "SpaceX", "public domain", "rocket.jpg"),
    ]
}


def photo(name: str, size: int | None = None) -> Tensor:
    """A photograph (3, H, W) in [-1, 1], float32; with `size`, its middle square scaled down to (3, size, size).

    Reads the installed file, so it never reaches for the network. Raises KeyError, naming the known, for another name.
    """
    if name not in CREDITS:
        raise KeyError(f"no photo {name!r}; there are {', '.join(CREDITS)}")
    with as_file(files("skimage.data") / CREDITS[name].file) as path:
        levels = torch.from_numpy(imread(path).copy())
    levels = levels[..., None].expand(-1, -1, 3) if levels.ndim == 2 else levels           # grey -> (H, W, 3)
    image = levels.permute(2, 0, 1).float() / 127.5 - 1
    return image if size is None else _square(image, size)


def _square(image: Tensor, size: int) -> Tensor:
    side = min(image.shape[1:])
    top, left = (image.shape[1] - side) // 2, (image.shape[2] - side) // 2
    middle = image[None, :, top : top + side, left : left + side]
    return torch.nn.functional.interpolate(middle, size=(size, size), mode="area")[0]
