"""Proofs as plain HTML: every step, its formula, its reason and its words, with or without blank lines between."""

import re

import pytest
from lesson_page import rendered
from test_lesson_lint import PROOF

from lesson.proof import unproved


@pytest.fixture
def html(tmp_path):
    return lambda text: rendered(tmp_path, text)


def test_every_step_is_there(html):
    page = html(PROOF.replace("One is one\n", "$1$ is one\n"))
    assert (
        '<dl-proof aria-labelledby="proof-one-is-one-title" class="dl-proof" id="proof-one-is-one" role="group">'
        in page
    )
    assert r'id="proof-one-is-one-title"><span class="arithmatex">\(1\)</span> is one</p>' in page
    assert re.findall(r'<li class="dl-proof-step" id="([^"]*)"', page) == ["proof-one-is-one-1", "proof-one-is-one-2"]
    assert '<a aria-label="Step 1" class="dl-proof-number" href="#proof-one-is-one-1">1</a>' in page
    assert r'<div class="arithmatex">\[1 = 1\]</div>' in page
    assert re.findall(r'dl-proof-reason"><strong>Because:</strong> (.*)</p>', page) == [
        "it is so.",
        "we wrote it down.",
    ]
    assert re.findall(r'dl-proof-words"><strong>In words:</strong> (.*)</p>', page) == ["one is one."]
    assert "hidden" not in page and "style=" not in page
    assert "checked by <code>tests/proofs/test_one_is_one.py</code>" in page


def test_blank_lines_change_nothing(html):
    tight = html(PROOF)
    airy = html(re.sub(r"\n(?=    (?:Because|In words)|\d\. )", "\n\n", PROOF))
    spread = html(
        PROOF.replace(" $$1 = 1$$\n", "\n\n    $$\n    1 = 1\n    $$\n\n").replace("Write it down.", "Write it down.  ")
    )
    assert tight == airy
    assert re.findall('class="([^"]*)', tight) == re.findall('class="([^"]*)', spread)


def test_steps_may_hold_anything(html):
    page = html(
        PROOF.replace("So it is.\n", "So *it* is.\n\n    - one\n    - two\n\n    ```python\n    x = 1\n    ```\n")
    )
    step = page[page.index("one-is-one-2") :]
    assert "So <em>it</em> is." in step and "<li>\n<p>one</p>" in step and 'class="language-python highlight"' in step
    assert "we wrote it down" in step


def test_a_price_is_no_formula(html):
    assert "costs $5" in html(PROOF.replace("So it is.", r"It costs \$5."))


def test_what_holds_a_proof():
    through = (
        "def result(x):\n    return x\n\n\ndef near(x):\n    return result(x)\n\n\ndef test_it():\n    assert near(1)\n"
    )
    assert unproved(through) == ""
    assert "calls" in unproved(through.replace("assert near(1)", "assert 1"))
