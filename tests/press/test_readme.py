"""The README shows what the code draws, and says what is so."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from press.build import Press, build
from press.project import Project

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["journey.webp", "journey.dark.webp"])
def test_its_picture_is_the_one_the_code_draws(name):
    """Pixel by pixel, but for what training on another machine may change; `make readme` brings it up to date."""
    press = Press(Project(ROOT))
    build(press, ["index/journey"])
    drawn, shown = (
        Image.open(path).convert("L") for path in (press.project.out / "index" / name, ROOT / ".github" / name)
    )
    assert drawn.size == shown.size
    blurred = [np.asarray(image.reduce(8), float) for image in (drawn, shown)]
    assert np.abs(blurred[0] - blurred[1]).max() < 40 and np.abs(blurred[0] - blurred[1]).mean() < 1.5
    assert f".github/{name}" in README


def test_the_map_of_the_tree_is_the_tree():
    rooms = [
        room for row in re.findall(r"^\| (`.*?) \|", README, re.MULTILINE) for room in re.findall(r"`(.*?)/`", row)
    ]
    assert len(rooms) >= 8
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_its_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z-]+)", README)) - {"and"} <= targets
