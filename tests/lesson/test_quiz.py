"""Quizzes as plain HTML: all there without a script, whatever they stand in, and typeset like the page."""

import re
from textwrap import indent

import pytest
from lesson_page import rendered, site
from test_lesson_lint import FILL, MANY, NUMBER, ORDER, PICTURE, PROOF, QUIZ, SOUND

from lesson.answers import number, rounded, shuffled
from lesson.values import SUFFIX

BOXES = {
    "page": lambda text: text,
    "tab": lambda text: f'=== "One"\n\n{indent(text, "    ")}\n\n=== "Two"\n\n    Text.\n',
    "admonition": lambda text: f'!!! note "N"\n\n    Text.\n\n{indent(text, "    ")}\n',
    "fold": lambda text: f'??? note "N"\n\n{indent(text, "    ")}\n',
    "fold in a tab": lambda text: f'=== "One"\n\n    ??? note "N"\n\n{indent(text, " " * 8)}\n',
}


@pytest.fixture
def html(tmp_path):
    """Renders a text; choices and verdicts as they stand in the page."""
    site(tmp_path, {"docs/shelf/box.md": "", f"values/a/b/half_way{SUFFIX}": "259.73"})
    return lambda text: rendered(tmp_path, text)


def ids(page: str) -> list[str]:
    return re.findall(r'id="((?:quiz|proof)-[^"]*)"', page)


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("name", SOUND)
def test_a_block_is_whole_wherever_it_stands(html, name, box):
    page = html(f"Before.\n\n{BOXES[box](SOUND[name])}\n\nAfter.")
    assert "///" not in page and "<p>After.</p>" in page
    assert len(re.findall("</dl-(?:quiz|proof)>", page)) == 1
    assert "<p>After.</p>" in page.split("</dl-")[1]
    wanted = {"quiz": 2, "multiple": 2, "order": 3, "picture": 2, "number": 0, "fill": 0, "proof": 3}
    assert len(set(ids(page))) == len(ids(page)) == wanted[name] + 1
    assert page.count('dl-quiz-verdict"') == {"proof": 0, "number": 1, "fill": 1}.get(name, wanted[name])


def test_choices_and_verdicts(html):
    page = html(QUIZ)
    assert '<dl-quiz class="dl-quiz" data-kind="single" id="quiz-how-much">' in page
    assert '<legend class="dl-quiz-question">How much?</legend>' in page
    assert '<li class="dl-quiz-choice" id="quiz-how-much-1"><span class="dl-quiz-text">Little</span></li>' in page
    wrong, right = re.findall(r"<li class=\"dl-quiz-verdict.*?</li>", page, re.DOTALL)
    assert 'data-right="false"' in wrong and 'data-misconception="takes-less-for-more"' in wrong
    assert '<strong class="dl-quiz-mark">A. No.</strong> <em>Takes less for more</em>: it is more.' in wrong
    assert 'data-right="true"' in right and "data-misconception" not in right
    assert '<strong class="dl-quiz-mark">B. Right.</strong> So it is.' in right
    assert page.index("<details") < page.index("dl-quiz-verdict")  # behind a native disclosure
    assert "<input" not in page and "<button" not in page and "style=" not in page


def test_math_in_titles_choices_and_feedback(html):
    page = html(
        QUIZ.replace("How much?", r"Is $\bar\alpha = 1$?")
        .replace("Much\n", r"$a_1 * b_1$" + "\n")
        .replace("So it is", "$x$ is")
    )
    assert r'<legend class="dl-quiz-question">Is <span class="arithmatex">\(\bar\alpha = 1\)</span>?</legend>' in page
    assert r'<span class="dl-quiz-text"><span class="arithmatex">\(a_1 * b_1\)</span></span>' in page
    assert r'Right.</strong> <span class="arithmatex">\(x\)</span> is.' in page


def test_several_paragraphs(html):
    page = html(
        QUIZ.replace("\n- ( )", "\nThe question goes on.\n\n> And on.\n\n- ( )")
        .replace("it is more.", "it is more.\n\n        Much more.")
        .replace("(x) Much\n", "(x) Much,\n\n    as it were\n")
    )
    assert page.index("goes on.</p>") < page.index("<blockquote>") < page.index("dl-quiz-choices")
    assert page.count('dl-quiz-verdict"') == page.count('dl-quiz-choice"') == 2
    verdict = page[page.index("A. No.") : page.index("B. Right.")]
    assert "<p>Much more.</p>" in verdict
    assert "<p>as it were</p>" in page[: page.index("<details")]


def test_kinds_are_told_by_the_body(html):
    for text, kind in (
        (QUIZ, "single"),
        (MANY, "multiple"),
        (ORDER, "order"),
        (NUMBER, "number"),
        (FILL, "fill"),
        (PICTURE, "picture"),
    ):
        assert f'data-kind="{kind}"' in html(text)
        assert f'data-kind="{kind}"' in html(text.replace("\n\n", f"\n    kind: {kind}\n\n", 1))


def test_order_is_shuffled_and_answers_are_not(html):
    page = html(ORDER)
    shown = re.findall(r'data-place="(\d)"', page)
    assert sorted(shown) == ["1", "2", "3"] != shown
    assert re.findall(r'dl-quiz-mark">(\w+):<', page) == ["One", "Two", "Three"]
    assert re.findall(r'id="quiz-in-order-(\d)"', page) == shown
    assert page == html(ORDER)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_a_shuffle_is_never_in_order(count):
    orders = [shuffled(count, f"quiz-{seed}") for seed in range(200)]
    assert all(sorted(order) == list(range(count)) != order for order in orders)
    assert shuffled(1, "alone") == [0]


def test_a_number_may_be_computed(html):
    page = html(NUMBER.replace("answer: 260", "answer: half_way").replace("- 343:", "- {{ half_way | .1f }}:"))
    assert 'data-answer="259.73" data-tolerance="2"' in page
    assert '<p class="dl-quiz-right">260 steps</p>' in page
    assert re.search(r'<li class="dl-quiz-verdict" data-answer="259.7" data-choice="1"', page)
    assert page.index("It is where half is left") > page.index("<summary>Answer</summary>")


def test_a_typed_number(html):
    page = html(NUMBER.replace("- 343:", "- −3.5e-2:"))
    assert 'data-answer="260" data-tolerance="2"' in page
    assert '<span class="dl-quiz-unit">steps</span>' in page
    assert 'data-answer="−3.5e-2"' in page and 'data-misconception="looks-for-three-tenths"' in page


def test_code_with_a_gap(html):
    page = html(FILL)
    assert 'data-gap="1 | 2 - 1"' in page and "____" in page
    assert '<p class="dl-quiz-right"><code>1</code></p>' in page
    assert page.index("dl-quiz-right") > page.index("<summary>")
    assert '<strong class="dl-quiz-mark"><code>2</code> — no.</strong> <em>Counts from two</em>' in page


def test_pictures(html):
    page = html(PICTURE)
    form, answers = page.split("<details")
    assert '<span class="dl-quiz-text"><img alt="A cat" src="cat.webp" /></span>' in form
    assert '<p><img alt="A dog" src="dog.webp" /></p>' in answers  # where the press hangs it with its caption and badge


def test_a_faulty_block_does_not_stop_the_page(html):
    """A preview goes on; the linter says what is wrong."""
    for text in (QUIZ, MANY, ORDER, NUMBER, FILL, PICTURE, PROOF):
        lines = text.split("\n")
        for index in range(1, len(lines)):
            html("\n".join(lines[:index] + lines[index + 1 :]))


def test_numbers():
    assert [number(text) for text in ("1", "−2.5", "1e-4", 3, 0.5)] == [1, -2.5, 1e-4, 3, 0.5]
    assert [number(text) for text in ("one", "1 dB", True, None, "")] == [None] * 5
    assert [rounded(*pair) for pair in ((259.73, 2), (0.30049, 0.01), (-3.6798, 0.05), (260, 0), (1234.5, 10))] == [
        "260", "0.30", "−3.68", "260", "1234",
    ]  # fmt: skip
