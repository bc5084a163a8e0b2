"""Tables of the notation page, made of `notation.toml`, and what its converter computes with."""

import tomllib
from pathlib import Path

from diffusion_ladder import notation

READS = ["notation.toml"]
HERE = Path(__file__).parent


def letters() -> str:
    """Each paper's equation for a noisy picture."""
    head = "| paper | a noisy picture | says how noisy with | where |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {row['paper']} {row['cite']} | {row['equation']} | {row['variable']} | {row['where']} |\n"
        for row in _papers().values()
        if "equation" in row
    )


def clocks() -> str:
    """Each paper's time, step and network."""
    head = "| paper | time runs | one small step | the network is asked for |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {row['paper']} {row['cite']} | {row['time']} | {row['step']} | {row['network']} |\n"
        for row in _papers().values()
        if "equation" in row
    )


def converter() -> dict:
    """The papers the converter knows, in order, and the constants in their formulas."""
    rows = _papers()
    return {
        "papers": [
            {"name": name, **{key: rows[name][key] for key in ("paper", "sign", "between", "start")}}
            for name in notation.CONVENTIONS
        ],
        "constants": {
            "betaMin": notation.BETA_MIN,
            "betaMax": notation.BETA_MAX,
            "sigmaMin": notation.SIGMA_MIN,
            "sigmaMax": notation.SIGMA_MAX,
            "offset": notation.OFFSET,
            "floor": notation.FLOOR,
            "chain": [1e-4, 0.02, 1000],
        },
        "plain": notation.PLAIN,
    }


def _papers() -> dict[str, dict]:
    return tomllib.loads((HERE / READS[0]).read_text("utf-8"))
