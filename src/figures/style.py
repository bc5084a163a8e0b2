"""One look for every figure: a palette where colour means something, one typeface, few lines.

`with theme("dark"): …` makes that theme current; inside it `colour("data")` is the colour of real data.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import font_source_sans_pro
import matplotlib as mpl
from matplotlib import font_manager, patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

READS = ["palette.toml"]

PALETTE: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "palette.toml").read_text("utf-8"))
"""Theme → name → "#rrggbb"."""

WIDTH = 6.2
"""Inches: the text column. Narrow, so that 10.5 pt is still 8 pixels high on a phone of 360."""

_FONTS = ("SourceSansPro", "SourceSansProIt", "SourceSansProSemibold", "SourceSansProBold")
_current = "light"

for _name in _FONTS:
    font_manager.fontManager.addfont(font_source_sans_pro.font_files_ttf[_name])


def _known(kind: str, name: str, names: dict) -> str:
    if name not in names:
        raise KeyError(f"unknown {kind} {name!r}; known: {', '.join(names)}")
    return name


def colour(name: str) -> str:
    """The colour of that name in the current theme, "#rrggbb"."""
    names = PALETTE[_current]
    return names[_known("colour", name, names)]


def ramp(name: str, start: str = "paper") -> LinearSegmentedColormap:
    """A colour map for densities: from the empty page to the named colour."""
    return LinearSegmentedColormap.from_list(f"{start}-{name}", [colour(start), colour(name)])


def mix(one: str, other: str, share: float) -> tuple[float, float, float]:
    """The colour `share` of the way from one named colour to another, as RGB in [0, 1]."""
    return ramp(other, one)(float(share))[:3]


@contextmanager
def theme(name: str) -> Iterator[None]:
    """Draw in theme `name`, "light" or "dark", until the block ends."""
    global _current
    before, _current = _current, _known("theme", name, PALETTE)
    try:
        with mpl.rc_context(_settings()):
            yield
    finally:
        _current = before


def figure(height: float, width: float = WIDTH, **subplots) -> tuple[Figure, Axes]:
    """A figure of the column's width and its axes; `subplots` goes to `Figure.subplots`."""
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(**subplots)


def bare(axes: Axes) -> Axes:
    """An axes for a picture or a cloud: no ticks, no frame, square units."""
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    return axes


def halo(width: float = 3.0) -> list:
    """Path effects that keep a label readable where it crosses a line."""
    return [patheffects.withStroke(linewidth=width, foreground=colour("paper"))]


def _settings() -> dict:
    ink, muted, line, paper = (colour(name) for name in ("ink", "muted", "line", "paper"))
    return {
        "font.family": "Source Sans Pro",
        "font.size": 11,
        "mathtext.fontset": "custom",
        "mathtext.rm": "Source Sans Pro",
        "mathtext.it": "Source Sans Pro:italic",
        "mathtext.bf": "Source Sans Pro:bold",
        "mathtext.cal": "Source Sans Pro:italic",
        "mathtext.tt": "Source Sans Pro",
        "mathtext.sf": "Source Sans Pro",
        "mathtext.fallback": "stixsans",
        "svg.fonttype": "path",
        "figure.facecolor": paper,
        "axes.facecolor": "none",
        "axes.edgecolor": line,
        "axes.linewidth": 1.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelcolor": muted,
        "axes.labelsize": 11,
        "axes.titlesize": 11.5,
        "axes.titlecolor": ink,
        "axes.titleweight": "semibold",
        "axes.titlelocation": "left",
        "axes.titlepad": 7,
        "axes.grid": False,
        "grid.color": line,
        "grid.linewidth": 0.8,
        "text.color": ink,
        "xtick.color": line,
        "ytick.color": line,
        "xtick.labelcolor": muted,
        "ytick.labelcolor": muted,
        "xtick.labelsize": 10.5,
        "ytick.labelsize": 10.5,
        "xtick.major.size": 3.5,
        "ytick.major.size": 3.5,
        "lines.linewidth": 2.2,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
    }
