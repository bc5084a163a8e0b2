"""From values to files."""

import io
import json

import numpy as np
import pytest
import torch
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image

from press.render import encode


def line() -> Figure:
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([0, 1])
    return figure


def test_svg_is_the_same_each_time_and_carries_no_date():
    svg = encode(line(), "Figure", "one")["svg"]
    assert svg == encode(line(), "Figure", "one")["svg"]
    assert b'width="216pt" height="144pt"' in svg
    assert b"<metadata" not in svg and b"DOCTYPE" not in svg


def test_webp_has_two_pixels_for_each_css_pixel():
    image = Image.open(io.BytesIO(encode(line(), "Figure webp", "one")["webp"]))
    assert (image.format, image.size) == ("WEBP", (3 * 192, 2 * 192))


def clouds(rows: int) -> Figure:
    figure = Figure(figsize=(7.5, 2.5 * rows), layout="constrained")
    for axes in figure.subplots(rows, 3).flat:
        axes.imshow(np.eye(4))
        axes.set(xticks=[], yticks=[], title="a title")
    return figure


def test_a_phone_gets_the_same_figure_laid_out_for_its_width():
    wide = Figure(figsize=(7.5, 4), layout="constrained")
    wide.subplots().plot([0, 1])
    files = encode(wide, "Figure", "one")
    assert b'width="540pt" height="288pt"' in files["svg"]
    assert b'width="270pt" height="230.4pt"' in files["narrow.svg"]


@pytest.mark.parametrize("rows", [1, 2])
def test_pictures_keep_their_shape_on_a_phone(rows):
    """Little paper is left around them: less than a fifth of the narrow file's height is empty at top and bottom."""
    image = Image.open(io.BytesIO(encode(clouds(rows), "Figure webp", "one")["narrow.webp"])).convert("L")
    assert image.width == 3.75 * 192
    inked = np.flatnonzero((np.asarray(image) < 128).any(axis=1))
    assert inked[-1] - inked[0] > 0.8 * image.height


def test_an_animation_loops_and_leaves_its_last_frame_behind():
    figure = Figure(figsize=(1, 1))
    (dot,) = figure.subplots().plot([0], [0], "o", markersize=40)
    animation = FuncAnimation(figure, lambda i: dot.set_alpha(1 - i / 3), frames=3, interval=120)
    files = encode(animation, "FuncAnimation", "one")
    moving, still = (Image.open(io.BytesIO(files[name])) for name in ("webp", "still.webp"))
    assert (moving.n_frames, moving.info["loop"]) == (3, 0)
    moving.seek(1)
    moving.load()
    assert moving.info["duration"] == 120
    moving.seek(2)
    assert np.abs(np.asarray(moving.convert("RGB"), int) - np.asarray(still.convert("RGB"), int)).mean() < 2
    moving.seek(0)
    assert np.abs(np.asarray(moving.convert("RGB"), int) - np.asarray(still.convert("RGB"), int)).mean() > 2


def test_data():
    value = {"a": torch.arange(3), "b": np.float64(0.5), "c": [1, {"d": torch.tensor(True)}]}
    assert json.loads(encode(value, "dict", "one")["json"]) == {"a": [0, 1, 2], "b": 0.5, "c": [1, {"d": True}]}
    assert (np.load(io.BytesIO(encode(np.eye(2), "ndarray", "one")["npy"])) == np.eye(2)).all()
    assert encode("# é", "str", "one") == {"md": "# é".encode()}
    assert encode("a{}", "str css", "one") == {"css": b"a{}"}


@pytest.mark.parametrize("value", [None, "text", 3])
def test_the_wrong_type(value):
    with pytest.raises(TypeError, match=f"returned a {type(value).__name__}, but its annotation promises Figure"):
        encode(value, "Figure", "one")
