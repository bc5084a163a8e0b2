"""Which device a build computes on: the GPU if there is one, else the CPU; `DIFFUSION_LADDER_DEVICE` overrides.

Found without importing torch, which takes seconds; the worker checks the answer once it has torch.
"""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .errors import PressError

VARIABLE = "DIFFUSION_LADDER_DEVICE"
CLASSES = ("cpu", "cuda", "mps")


def choose(environment=os.environ) -> str:
    """A torch device string: "cpu", "cuda", "cuda:1", "mps".

    Raises:
        PressError: the variable names a device that does not exist, or one that this machine lacks.
    """
    wanted = environment.get(VARIABLE, "").strip().lower()
    if not wanted:
        return next((device for device in ("cuda", "mps") if not lacks(device)), "cpu")
    name, _, index = wanted.partition(":")
    if name not in CLASSES or (index and not index.isdigit()) or (index and name != "cuda"):
        raise PressError(f"{VARIABLE}={wanted}: unknown device; known: {', '.join(CLASSES)}, or cuda:N for the Nth GPU")
    if reason := lacks(name):
        raise PressError(f"{VARIABLE}={wanted}: {reason}; unset it, or set {VARIABLE}=cpu")
    return wanted


def lacks(name: str) -> str:
    """Why this machine has no such device; empty if it has."""
    if name == "cuda":
        if not any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg")):
            return "CUDA was asked for, but this machine shows no NVIDIA GPU"
        if "+cpu" in _torch():
            return f"CUDA was asked for, but torch {_torch()} is built for the CPU only"
    if name == "mps" and (platform.system(), platform.machine()) != ("Darwin", "arm64"):
        return "mps was asked for, but this is not a Mac with an Apple chip"
    return ""


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return "(not installed)+cpu"
