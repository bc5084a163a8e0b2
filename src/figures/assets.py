"""Site files made from the same sources as the figures."""

from typing import Annotated

from figures.style import PALETTE

_SCHEMES = {"light": ':root, [data-md-color-scheme="default"]', "dark": '[data-md-color-scheme="slate"]'}


def palette() -> Annotated[str, "css"]:
    """The palette as CSS custom properties, one block per colour scheme; paper is always light."""
    light, dark = (_block(selector, PALETTE[theme]) for theme, selector in _SCHEMES.items())
    return f"{light}\n@media screen {{\n{dark}}}\n"


def _block(selector: str, colours: dict[str, str]) -> str:
    rows = "".join(f"  --dl-{name}: {value};\n" for name, value in colours.items())
    return f"{selector} {{\n{rows}}}\n"
