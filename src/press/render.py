"""From what a function returns to the bytes of files."""

import io
import json
import re

DPI = 192  # two pixels for each CSS pixel
QUALITY = 80
HEAVY = 400_000  # bytes of SVG above which a picture is better off as WebP
METADATA = re.compile(r"\s*<metadata>.*?</metadata>|<!DOCTYPE[^>]*>\s*", re.DOTALL)


def encode(value, kind: str, name: str) -> dict[str, bytes]:
    """The files that `value` becomes, by suffix ("svg", "webp", "still.webp", "json", …).

    Args:
        value: what the function returned.
        kind: what its return annotation promised, a key of `catalog.KINDS`.
        name: the figure's name, which also salts the identifiers inside an SVG.

    Raises:
        TypeError: the value is not of the promised kind.
        ValueError: it is, but cannot be published as it is.
    """
    promised = kind.split()[0]
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

    with matplotlib.rc_context({"svg.hashsalt": name}), io.BytesIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
        svg = METADATA.sub("", file.getvalue().decode()).encode()
    if len(svg) > HEAVY:
        message = (
            f"drew {len(svg) / 1000:.0f} kB of SVG; annotate it `-> Annotated[Figure, 'webp']` or draw fewer marks"
        )
        raise ValueError(message)
    return {"svg": svg}


def _webp(figure, name: str) -> dict[str, bytes]:
    from PIL import Image

    with io.BytesIO() as png, io.BytesIO() as webp:
        figure.savefig(png, format="png", dpi=DPI)
        Image.open(png).save(webp, "webp", quality=QUALITY, method=6)
        return {"webp": webp.getvalue()}


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


def _npy(value, name: str) -> dict[str, bytes]:
    import numpy

    with io.BytesIO() as file:
        numpy.save(file, value, allow_pickle=False)
        return {"npy": file.getvalue()}
