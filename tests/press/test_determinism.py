"""The same source gives the same bytes: every figure, from two empty stores, in two folders."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def drawn(root: Path) -> dict[str, str]:
    """Build everything in a fresh copy of the checkout at `root`; file → SHA-256."""
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "DIFFUSION_LADDER_DEVICE": "cpu"}
    done = subprocess.run(
        [sys.executable, "-m", "press", "build"], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    out = root / ".press" / "site"
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_figure_is_the_same_from_two_empty_stores(tmp_path):
    first, second = drawn(tmp_path / "one"), drawn(tmp_path / "another" / "place")
    assert len(first) > 10
    assert first == second
