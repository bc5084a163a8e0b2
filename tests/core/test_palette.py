"""The palette can be read by everyone: contrast by WCAG 2, colour-blind eyes by Machado et al. (2009)."""

import itertools
import tomllib
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from figures import assets, style

ROOT = Path(__file__).parents[2]
PALETTE = tomllib.loads((ROOT / "src/figures/palette.toml").read_text("utf-8"))
ROLES = ("data", "noise", "guess", "truth", "condition", "accent")
TEXT = (*ROLES, "ink", "muted")
SURFACES = ("paper", "panel")
CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
APART = 12.0  # CIEDE2000; 2.3 is a just noticeable difference, colours of 12 have different names side by side

# Machado, Oliveira & Fernandes (2009), Table 1, severity 1.0, on linear RGB
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear_rgb(value: str) -> np.ndarray:
    srgb = np.array([int(value[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear_rgb(value)) for value in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB."""
    xyz = TO_XYZ @ rgb.clip(0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """Colour difference; formula and names as in Sharma, Wu & Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(c7 / (c7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    light, chroma, hue = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    wave = (1 - 0.17 * np.cos(np.radians(hue - 30)) + 0.24 * np.cos(np.radians(2 * hue))
            + 0.32 * np.cos(np.radians(3 * hue + 6)) - 0.20 * np.cos(np.radians(4 * hue - 63)))  # fmt: skip
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * chroma * wave)
    c7 = chroma**7
    twist = np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 - 2 * np.sqrt(c7 / (c7 + 25.0**7)) * twist * dc * dh))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # rows 1, 7, 13 and 25 of Sharma, Wu & Dalal (2005), Table 1
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.0010, 2.4900), (50.0, 0.0009, -2.4900), 4.8045),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_ruler_itself(one, other, expected):
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


def test_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0, abs=0.01)


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", TEXT)
def test_text_can_be_read(theme, surface, name):
    assert contrast(PALETTE[theme][name], PALETTE[theme][surface]) >= CONTRAST


@pytest.mark.parametrize("theme", PALETTE)
def test_text_on_a_filled_bar_can_be_read(theme):
    colours = PALETTE[theme]
    for fill, text in (("data", "paper"), ("noise", "paper"), ("line", "ink")):
        assert contrast(colours[fill], colours[text]) >= CONTRAST, fill


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("eyes", EYES)
def test_roles_stay_apart_for_every_eye(theme, eyes):
    seen = {name: lab(EYES[eyes] @ linear_rgb(PALETTE[theme][name])) for name in ROLES}
    close = {(a, b): d for a, b in itertools.combinations(ROLES, 2) if (d := ciede2000(seen[a], seen[b])) < APART}
    assert not close


def test_both_themes_name_the_same_colours():
    assert set(PALETTE["light"]) == set(PALETTE["dark"]) == {*TEXT, *SURFACES, "line"}


def test_theme_switches_colours_and_settings_and_switches_back():
    before = mpl.rcParams["text.color"]
    with style.theme("dark"):
        assert style.colour("data") == PALETTE["dark"]["data"]
        assert mpl.rcParams["figure.facecolor"] == PALETTE["dark"]["paper"]
        with style.theme("light"):
            assert style.colour("data") == PALETTE["light"]["data"]
        assert style.colour("data") == PALETTE["dark"]["data"]
    assert mpl.rcParams["text.color"] == before


def test_unknown_names_are_told_the_known_ones():
    with pytest.raises(KeyError, match="unknown colour 'red'.*condition"):
        style.colour("red")
    with pytest.raises(KeyError, match="unknown theme 'sepia'.*light, dark"), style.theme("sepia"):
        pass


def test_figures_are_set_in_the_site_typeface(recwarn):
    with style.theme("light"):
        fig, axes = style.figure(1.0)
        assert axes.set_title("Fish").get_fontname() == "Source Sans Pro"
        axes.set_xlabel("$\\bar{\\alpha}_t$")
        fig.draw_without_rendering()
    assert not [str(w.message) for w in recwarn if "font" in str(w.message).lower()]


def test_the_site_gets_every_colour_of_both_schemes():
    css = assets.palette()
    light, dark = css.split('[data-md-color-scheme="slate"]')
    for block, colours in ((light, PALETTE["light"]), (dark, PALETTE["dark"])):
        for name, value in colours.items():
            assert f"--dl-{name}: {value};" in block
