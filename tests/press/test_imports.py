"""What importing a module reads, read from the source alone."""

import pytest

from press.imports import closure

FILES = {
    "a/__init__.py": "",
    "a/b.py": "from . import c\nfrom .d.e import name\n",
    "a/c.py": "import json, os.path\n",
    "a/d/__init__.py": "from .f import thing\n",
    "a/d/e.py": "import h.i as j\n",
    "a/d/f.py": "thing = 1\n",
    "h/i.py": "def late():\n    from a import k\n",  # h is a namespace package: a folder without __init__.py
    "a/k.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import never\nelse:\n    from a import always\n",
    "a/never.py": "",
    "a/always.py": "from a.b import *\n",
}


@pytest.fixture
def src(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_closure_follows_every_form_of_import(src):
    found = {path.relative_to(src).as_posix() for path in closure(src, "a.b")}
    assert found == set(FILES) - {"a/never.py"}


def test_a_leaf_reads_itself_and_its_packages(src):
    assert {p.relative_to(src).as_posix() for p in closure(src, "a.d.f")} == {
        "a/__init__.py",
        "a/d/__init__.py",
        "a/d/f.py",
    }


def test_a_module_from_elsewhere_is_not_ours(src):
    assert closure(src, "json") == set()


def test_an_edit_is_seen_at_once(src):
    (src / "a/c.py").write_text("from a import never\n")
    assert src / "a/never.py" in closure(src, "a.b")
