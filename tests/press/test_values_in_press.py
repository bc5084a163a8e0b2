"""Numbers from functions to pages: what the press takes for one, what it refuses, and that the site shows what was computed."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from desk import Inline
from markdown import Markdown
from PIL import Image

from lesson.values import NotBuilt, register
from press.catalog import Catalog
from press.errors import PressError
from press.finish.pipeline import copy
from press.pages import unused
from press.preview import Preview
from press.render import encode

NUMBERS = "src/figures/one/numbers.py"
SOURCE = """
    from maths.curves import square
    from maths.other import HALF


    def quarter() -> float:
        return square(HALF)


    def steps() -> int:
        return len(range(343))


    def slope(line) -> float:
        return line["slope"]
    """


@pytest.fixture
def numbers(desk):
    desk.write(NUMBERS, SOURCE)
    return desk


def page(desk, text: str) -> str:
    md = Markdown()
    register(md, {"values": desk.project.out})
    return md.convert(text)


def fault(desk) -> str:
    with pytest.raises(PressError) as caught:
        desk.build()
    return str(caught.value).replace(str(desk.project.root) + os.sep, "")


# ---- From a value to its file ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (0.25, "float", b"0.25"),
        (4.035829765375694e-05, "float", b"4.035829765375694e-05"),
        (3, "float", b"3.0"),
        (343, "int", b"343"),
        (np.float64(0.1), "float", b"0.1"),
        (np.float32(0.5), "float", b"0.5"),
        (np.int64(7), "int", b"7"),
        (np.array(0.5), "float", b"0.5"),
        (torch.tensor(0.1, dtype=torch.float64), "float", b"0.1"),
        (torch.tensor(7), "int", b"7"),
        (torch.tensor(7), "float", b"7.0"),
    ],
)
def test_a_number_keeps_every_digit(value, kind, written):
    assert encode(value, kind, "one") == {"value": written}
    assert json.loads(written) == float(value)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("0.5", "float", "returned a str, but its annotation promises float"),
        (None, "float", "returned a NoneType, but its annotation promises float"),
        (True, "int", "returned a bool, but its annotation promises int"),
        (torch.tensor(True), "float", "returned a bool, but its annotation promises float"),
        (343.0, "int", "returned a float, but its annotation promises int"),
        (torch.tensor(343.0), "int", "returned a float, but its annotation promises int"),
        (torch.zeros(1), "float", r"returned a Tensor of shape \(1,\), but its annotation promises float"),
        (np.zeros((2, 3)), "float", r"returned a ndarray of shape \(2, 3\), but its annotation promises float"),
        (1j, "float", "returned a complex, but its annotation promises float"),
    ],
)
def test_what_is_no_number(value, kind, said):
    with pytest.raises(TypeError, match=f"^{said}$"):
        encode(value, kind, "one")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), torch.tensor(float("nan"))])
def test_no_number_at_all(value):
    with pytest.raises(ValueError, match="^returned (nan|-?inf), which is no number to write in a page$"):
        encode(value, "float", "one")


# ---- From a function to the page ---------------------------------------------------------------------------------------
def test_values_are_built_like_figures(numbers):
    assert numbers.build() > 3
    out = numbers.published()
    assert [out[f"one/numbers/{name}.value"] for name in ("quarter", "steps", "slope")] == [b"0.25", b"343", b"3.0"]
    assert numbers.build() == 0
    assert page(numbers, "{{ quarter | .0% }} of {{ steps }} at {{ one/numbers/slope | .1f }}") == (
        '<p><data class="dl-value" value="0.25" title="computed by one/numbers/quarter">25\u00a0%</data> of '
        '<data class="dl-value" value="343" title="computed by one/numbers/steps">343</data> at '
        '<data class="dl-value" value="3.0" title="computed by one/numbers/slope">3.0</data></p>'
    )


def test_a_changed_coefficient_changes_the_page(numbers):
    numbers.build()
    numbers.edit("src/maths/other.py", "0.5", "0.75")
    assert numbers.stale()["one/numbers/quarter"] == "src/maths/other.py changed"
    numbers.build()
    assert ">0.5625<" in page(numbers, "{{ quarter }}")


def test_a_deleted_function_takes_its_number_along(numbers):
    numbers.build()
    numbers.edit(NUMBERS, "def steps() -> int:\n    return len(range(343))", "")
    numbers.build()
    with pytest.raises(NotBuilt):
        page(numbers, "{{ steps }}")


def test_numbers_stay_out_of_the_site_and_data_goes_in(numbers, tmp_path):
    numbers.write("src/figures/one/text.py", 'def text() -> str:\n    return "a"\n')
    numbers.build()
    catalog = Catalog.scan(numbers.project)
    copy(numbers.project, catalog, tmp_path / "site")
    files = {file.suffix for file in (tmp_path / "site").rglob("*.*")}
    assert files == {".svg", ".webp", ".json"}
    assert not [path for path in catalog.published() if path.endswith((".value", ".md"))]
    assert "two/page/numbers.json" in catalog.published() and "one/page/parabola.dark.svg" in catalog.published()
    assert Image.open(tmp_path / "site/one/page/dots.webp").size


# ---- What is refused, and where it is told -------------------------------------------------------------------------------
TYPED = "number returns a number that somebody typed; compute it, or write it in the page with its source"


@pytest.mark.parametrize(
    "body",
    [
        "return 0.36",
        "return -0.36",
        '"""A number."""\n    return 1 - 0.64',
        "third = 0.36\n    return third",
        "a, b = 1, 2\n    a += 3\n    return a / b if a > b else (a + b) ** 2",
        'return float("0.36")',
        "return round(0.3617, 2)",
        "return max(0.1, abs(-0.36))",
        "return [0.36][0]",
    ],
)
def test_a_number_that_somebody_typed(desk, body):
    desk.write(NUMBERS, f"HALF = 1\n\n\ndef number() -> float:\n    {body}\n")
    assert fault(desk) == f"{NUMBERS}:4: {TYPED}"


@pytest.mark.parametrize(
    "body",
    [
        "return square(0.6)",
        "return HALF * 2",
        "return math.sqrt(0.5)",
        "import math\n    return math.pi",
        "product = 1.0\n    for step in range(9):\n        product *= 1 - 0.1\n    return product",
        "return sum(0.1 * n for n in (1, 2))",
        "return max(square(2), 3)",
        "return line['slope']",
    ],
)
def test_a_number_that_is_computed(desk, body):
    head = "import math\n\nfrom maths.curves import square\nfrom maths.other import HALF\n\n\n"
    desk.write(NUMBERS, f"{head}def number({'line' if 'line' in body else ''}) -> float:\n    {body}\n")
    assert Catalog.scan(desk.project)["number"].kind == "float"


def test_a_function_of_literals_may_return_what_is_no_number(desk):
    desk.write(NUMBERS, "def words() -> str:\n    return 'a'\n\n\ndef table() -> dict:\n    return {'a': 0.5}\n")
    assert {"one/numbers/words", "one/numbers/table"} < Catalog.scan(desk.project).figures.keys()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("square(HALF)", "square(HALF) / 0", 6, "quarter raised ZeroDivisionError: "),
        ("square(HALF)", "square(float('nan'))", 5, "quarter returned nan, which is no number to write in a page"),
        ("len(range(343))", "square(HALF)", 9, "steps returned a float, but its annotation promises int"),
        ("len(range(343))", "str(HALF)", 9, "steps returned a str, but its annotation promises int"),
    ],
)
def test_a_value_that_cannot_be_computed_names_its_function_and_line(numbers, old, new, line, said):
    numbers.edit(NUMBERS, old, new)
    assert fault(numbers).startswith(f"{NUMBERS}:{line}: {said}")
    with pytest.raises(NotBuilt, match="the value (quarter|steps) is not there; run `press build`"):
        page(numbers, "{{ quarter }} {{ steps }}")
    assert page(numbers, "{{ slope }}")  # the others were built


def test_press_build_says_so_on_the_command_line(numbers):
    numbers.edit(NUMBERS, "square(HALF)", "square(HALF) / 0")
    command = [sys.executable, "-m", "press", "--root", str(numbers.project.root), "build", "one/numbers/quarter"]
    run = subprocess.run(command, cwd=numbers.project.root, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1
    assert f"press: {NUMBERS}:6: quarter raised ZeroDivisionError" in run.stderr


# ---- The live preview ----------------------------------------------------------------------------------------------------
@pytest.fixture
def preview(numbers):
    preview = Preview(numbers.project, workers=1, executor=Inline)
    yield preview
    preview.close()


def rung(preview) -> bool:
    """Whether the bell has rung by the time that there is nothing left to do; it is put away again."""
    for _ in range(600):
        if not any(preview.build.busy(name) for name in preview.press.catalog.figures) and not preview._awaited:
            break
        time.sleep(0.05)
    there = preview.bell.exists()
    preview.bell.unlink(missing_ok=True)
    return there


def test_the_bell_rings_once_when_numbers_have_come(numbers, preview):
    preview.refresh()
    assert rung(preview) and ">343<" in page(numbers, "{{ steps }}")
    preview.refresh()
    assert not rung(preview)  # or pages would be rendered for ever
    numbers.edit(NUMBERS, "range(343)", "range(344)")
    preview.refresh()
    assert rung(preview) and ">344<" in page(numbers, "{{ steps }}")


def test_the_bell_is_silent_for_pictures_and_for_numbers_that_fail(numbers, preview):
    preview.refresh()
    rung(preview)
    numbers.edit("src/figures/one/page.py", "range(4)", "range(5)")
    preview.refresh()
    assert not rung(preview)
    numbers.write(NUMBERS, "def steps() -> int:\n    return len(3)\n")
    preview.refresh()
    assert not rung(preview) and "one/numbers/steps" in preview.build.failed


# ---- What no page uses ---------------------------------------------------------------------------------------------------
def test_numbers_that_no_page_states(numbers):
    def idle() -> list[str]:
        notes = [note.message for note in unused(numbers.project, Catalog.scan(numbers.project))]
        return [note for note in notes if "number" in note]

    note = "no page states this number; write it as {{{{ {} }}}}, or delete it"
    assert idle() == [note.format(name) for name in ("quarter", "steps", "slope")]
    numbers.write("docs/one/page.md", "At {{ quarter | .2f }}.\n\n/// quiz | Q\n    answer: steps\n///\n")
    assert idle() == [note.format("slope")]
    numbers.write("docs/shelf/myths.toml", '[a]\nvalue = "numbers/slope"\n')
    assert idle() == []


def test_a_number_is_no_picture(numbers):
    catalog = Catalog.scan(numbers.project)
    assert catalog["quarter"].number and not catalog["quarter"].picture and catalog["quarter"].badge == ""
    assert not catalog["parabola"].number
