"""From what a function returns to the bytes of files."""

import io
import json
import math
import re
from collections.abc import Iterator

DPI = 192  # two pixels for each CSS pixel
NARROW = 3.75  # inches: the width of a phone, where the same figure is laid out anew so that its text stays readable
QUALITY = 80
HEAVY = 400_000  # bytes of SVG above which a picture is better off as WebP
METADATA = re.compile(r"\s*<metadata>.*?</metadata>|<!DOCTYPE[^>]*>\s*", re.DOTALL)


def encode(value, kind: str, name: str) -> dict[str, bytes]:
    """The files that `value` becomes, by suffix ("svg", "webp", "still.webp", "json", "value", …).

    Args:
        value: what the function returned.
        kind: what its return annotation promised, a key of `catalog.KINDS`.
        name: the figure's name, which also salts the identifiers inside an SVG.

    Raises:
        TypeError: the value is not of the promised kind.
        ValueError: it is, but cannot be published as it is.
    """
    promised = kind.split()[0]
    if promised in ("float", "int"):
        return {"value": json.dumps(_number(value, promised)).encode()}
    if promised not in {cls.__name__ for cls in type(value).__mro__}:
        raise TypeError(f"returned a {type(value).__name__}, but its annotation promises {promised}")
    return {
        "Figure": _svg,
        "Figure webp": _webp,
        "FuncAnimation": _animation,
        "dict": _json,
        "ndarray": _npy,
        "str": lambda text, name: {"md": text.encode()},
        "str css": lambda text, name: {"css": text.encode()},
    }[kind](value, name)


def _svg(figure, name: str) -> dict[str, bytes]:
    import matplotlib

    files = {}
    for suffix in _widths(figure):
        with matplotlib.rc_context({"svg.hashsalt": name}), io.BytesIO() as file:
            figure.savefig(file, format="svg", metadata={"Date": None})
            svg = METADATA.sub("", file.getvalue().decode()).encode()
        if len(svg) > HEAVY:
            hint = "annotate it `-> Annotated[Figure, 'webp']` or draw fewer marks"
            raise ValueError(f"drew {len(svg) / 1000:.0f} kB of SVG; {hint}")
        files[f"{suffix}svg"] = svg
    return files


def _webp(figure, name: str) -> dict[str, bytes]:
    from PIL import Image

    files = {}
    for suffix in _widths(figure):
        with io.BytesIO() as png, io.BytesIO() as webp:
            figure.savefig(png, format="png", dpi=DPI, facecolor="none")  # the page shines through: WebP would tint it
            Image.open(png).save(webp, "webp", quality=QUALITY, method=6)
            files[f"{suffix}webp"] = webp.getvalue()
    return files


def _widths(figure) -> Iterator[str]:
    """Give the figure each of its widths in turn; yields what stands before the suffix of that file."""
    yield ""
    width, height = figure.get_size_inches()
    if width > NARROW:
        figure.set_size_inches(NARROW, _narrow_height(figure, width, height))
    yield "narrow."


def _narrow_height(figure, width: float, height: float) -> float:
    """Curves can be squeezed; pictures and clouds keep their shape, and each row of them its lines of text."""
    shaped = [axes for axes in figure.axes if axes.get_aspect() != "auto"]
    if len(shaped) < len(figure.axes):
        return 0.8 * height
    rows = max((axes.get_subplotspec().get_gridspec().nrows for axes in shaped if axes.get_subplotspec()), default=1)
    words = 0.4 * rows if any(axes.get_title() or axes.get_xlabel() for axes in shaped) else 0.0
    return (height - words) * NARROW / width + words


def _animation(animation, name: str) -> dict[str, bytes]:
    """A looping WebP, and its last frame for print and for readers who asked for less motion."""
    from PIL import Image

    frames = []
    animation._init_draw()
    for state in animation.new_frame_seq():
        animation._draw_next_frame(state, blit=False)
        with io.BytesIO() as png:
            animation._fig.savefig(png, format="png", dpi=DPI)
            frames.append(Image.open(png).convert("RGB"))
    if not frames:
        raise ValueError("returned an animation of no frames")
    interval = int(animation._interval)
    with io.BytesIO() as moving, io.BytesIO() as still:
        frames[0].save(
            moving,
            "webp",
            save_all=True,
            append_images=frames[1:],
            duration=interval,
            loop=0,
            quality=QUALITY,
            method=4,
        )
        frames[-1].save(still, "webp", quality=QUALITY, method=6)
        return {"webp": moving.getvalue(), "still.webp": still.getvalue()}


def _json(value: dict, name: str) -> dict[str, bytes]:
    def plain(thing):
        if hasattr(thing, "tolist"):  # arrays, tensors and their scalars
            return thing.tolist()
        raise TypeError(f"returned a dict holding a {type(thing).__name__}, which JSON has no form for")

    try:
        return {"json": json.dumps(value, default=plain, allow_nan=False, separators=(",", ":")).encode()}
    except ValueError:
        raise ValueError("returned a dict holding NaN or infinity, which JSON has no form for") from None


def _number(value, promised: str) -> float | int:
    """The number in a Python scalar, or in an array or tensor that holds just one."""
    scalar = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    integer = isinstance(scalar, int) and not isinstance(scalar, bool)
    if not (integer or (promised == "float" and isinstance(scalar, float))):
        shape = f" of shape {tuple(value.shape)}" if getattr(value, "ndim", 0) else ""
        raise TypeError(f"returned a {type(scalar).__name__}{shape}, but its annotation promises {promised}")
    if not math.isfinite(scalar):
        raise ValueError(f"returned {scalar}, which is no number to write in a page")
    return float(scalar) if promised == "float" else scalar


def _npy(value, name: str) -> dict[str, bytes]:
    import numpy

    with io.BytesIO() as file:
        numpy.save(file, value, allow_pickle=False)
        return {"npy": file.getvalue()}
