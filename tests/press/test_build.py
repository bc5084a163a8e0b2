"""What a build makes, what it leaves alone, and why."""

import hashlib
import json

from desk import Desk, Inline

from press.build import Press, build
from press.progress import Silent

ALL = {"one/page/parabola", "one/page/dots", "two/page/numbers", "line", "base"}


def test_first_build_makes_every_file(desk):
    assert set(desk.stale().values()) == {"never built"}
    assert desk.build() == len(ALL)
    assert set(desk.published()) == {
        *(f"one/page/parabola{form}.svg" for form in ("", ".dark", ".narrow", ".narrow.dark")),
        *(f"one/page/dots{form}.webp" for form in ("", ".dark", ".narrow", ".narrow.dark")),
        "two/page/numbers.json",
    }
    assert json.loads(desk.published()["two/page/numbers.json"]) == {"slope": 3.0, "half": 0.5}
    assert desk.published()["one/page/parabola.svg"] != desk.published()["one/page/parabola.dark.svg"]
    assert desk.build() == 0


def test_comments_docstrings_and_layout_are_no_change(desk):
    desk.build()
    desk.edit("src/maths/curves.py", '"""Square it."""', '"""Multiply it by itself."""\n    # so to say')
    desk.edit("src/figures/one/page.py", "A parabola.", "Another caption.")
    assert desk.stale() == {}
    assert desk.press().catalog["one/page/parabola"].caption == "Another caption."


def test_an_edit_says_what_it_made_stale_and_why(desk):
    desk.build()
    desk.edit("src/maths/curves.py", "x * x", "x * x * x")
    assert desk.stale() == {
        "one/page/parabola": "src/maths/curves.py changed",
        "one/page/dots": "src/maths/curves.py changed",
    }
    before = desk.published()
    assert desk.build() == 2
    assert desk.published()["one/page/parabola.svg"] != before["one/page/parabola.svg"]


def test_a_change_under_a_recipe_reaches_the_figure(desk):
    desk.build()
    desk.edit("src/maths/other.py", "0.5", "0.75")
    assert desk.stale() == {
        "base": "src/maths/other.py changed",
        "line": "recipe base changed",
        "two/page/numbers": "recipe line changed",
    }
    desk.build()
    assert json.loads(desk.published()["two/page/numbers.json"])["slope"] == 4.0


def test_the_style_and_its_data_belong_to_pictures_only(desk):
    desk.build()
    desk.edit("src/figures/palette.toml", "black", "navy")
    assert set(desk.stale()) == {"one/page/parabola", "one/page/dots"}


def test_the_lock_belongs_to_everything(desk):
    desk.build()
    desk.write("requirements.lock", "torch==2.14.0\n")
    assert set(desk.stale()) == ALL


def test_the_device_belongs_to_what_asks_for_it(desk):
    desk.build()
    stale = {task.name: task.why for task in Press(desk.project, "cuda:1").plan() if task.why}
    assert stale == {"base": "device changed", "line": "recipe base changed", "two/page/numbers": "recipe line changed"}


def test_going_back_costs_nothing(desk):
    desk.build()
    before = desk.published()
    desk.edit("src/maths/curves.py", "x * x", "x + x")
    desk.build()
    desk.edit("src/maths/curves.py", "x + x", "x * x")
    assert desk.build() == 0
    assert desk.published() == before


def test_a_recipe_is_trained_once_for_all_who_ask(desk):
    desk.write("src/recipes/base.py", "import pathlib\n\n\ndef base():\n    return 2.0\n")
    desk.write("src/figures/two/more.py", "def again(base, line) -> dict:\n    return {'sum': base + line['slope']}\n")
    ran = []
    report = type("Report", (Silent,), {"done": lambda self, task, seconds: ran.append(task.name)})()
    build(desk.press(), workers=1, executor=Inline, report=report)
    assert sorted(ran) == sorted(ALL | {"two/more/again"})
    assert json.loads(desk.published()["two/more/again.json"]) == {"sum": 5.0}


def test_a_figure_that_is_gone_is_swept(desk):
    desk.build()
    (desk.project.figures / "two/page.py").unlink()
    desk.build()
    assert "two/page/numbers.json" not in desk.published()


def test_two_empty_stores_give_the_same_bytes(desk, tmp_path):
    other = Desk(tmp_path / "elsewhere" / "deeper")
    desk.build()
    other.build()
    hashes = [{k: hashlib.sha256(v).hexdigest() for k, v in d.published().items()} for d in (desk, other)]
    assert hashes[0] == hashes[1] and len(hashes[0]) == 9


def test_a_seed_draws_the_same_in_both_themes_and_another_seed_another(desk):
    desk.build()
    before = desk.published()["one/page/dots.webp"]
    desk.edit("src/figures/one/page.py", "seed: int = 3", "seed: int = 4")
    desk.build()
    assert desk.published()["one/page/dots.webp"] != before
