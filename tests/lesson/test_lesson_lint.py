"""Faults sown into pages, one at a time and wherever a block may stand: each is told by exact file and line."""

from textwrap import dedent, indent

import pytest
from lesson_page import PLACES, places, said, site

QUIZ = """\
/// quiz | How much?
    id: how-much

- ( ) Little
    - *takes less for more*: it is more.
- (x) Much
    - So it is.
///"""
MANY = QUIZ.replace("( )", "[ ]").replace("(x)", "[x]").replace("///\n", "").replace("how-much", "how-many")
ORDER = """\
/// quiz | In which order?
    id: in-order

1. One
    - First.
2. Two
    - Second.
3. Three
    - Third.
///"""
NUMBER = """\
/// quiz | How many?
    id: how-many
    answer: 260
    tolerance: 2
    unit: steps

- 343: *looks for three tenths*: look for half.

It is where half is left.
///"""
FILL = """\
/// quiz | What goes into the gap?
    id: the-gap

```{.python data-gap="1 | 2 - 1"}
print(____)
```

- `2`: *counts from two*: count from one.

One is one.
///"""
PICTURE = """\
/// quiz | Which one?
    id: which-one

- ( ) ![A cat](cat.webp)
    - *takes cats for dogs*: it has whiskers.
- (x) ![A dog](dog.webp)
    - It barks.
///"""
PROOF = """\
/// proof | One is one
    id: one-is-one
    test: tests/proofs/test_one_is_one.py

1. Write it down. $$1 = 1$$
    Because: it is so.
    In words: one is one.
2. So it is.

    Because: we wrote it down.
///"""
TEST = "def result(x):\n    return 1 - x\n\n\ndef test_result():\n    assert result(1) == 0\n"
SOUND = {
    "quiz": QUIZ,
    "multiple": MANY,
    "order": ORDER,
    "number": NUMBER,
    "fill": FILL,
    "picture": PICTURE,
    "proof": PROOF,
}


def but(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


DEEP = indent(but(QUIZ, "much?", "much?⟨HERE⟩"), "    ")

# name → (the block with ⟨HERE⟩ on the line to mend, words of the message)
FAULTS = {
    # blocks that pymdownx.blocks would pass over in silence
    "unknown block": (but(QUIZ, "quiz |", "quizz |⟨HERE⟩"), "there is no block 'quizz'; did you mean quiz?"),
    "quite unknown block": (but(QUIZ, "quiz |", "exam |⟨HERE⟩"), "there is no block 'exam'; known: myth, myths, proof"),
    "no bar": (but(QUIZ, "quiz |", "quiz⟨HERE⟩"), "a block begins with a line '/// name | title'"),
    "two slashes": (but(QUIZ, "/// quiz |", "// quiz |⟨HERE⟩"), "three slashes"),
    "no question": (but(QUIZ, "| How much?", "|⟨HERE⟩"), "lacks its question"),
    "unknown option": (
        but(QUIZ, "    id: how-much", "    id: how-much\n    hint: no⟨HERE⟩"),
        "unknown option 'hint'; known: answer",
    ),
    "misspelt option": (but(NUMBER, "unit:", "units:⟨HERE⟩"), "unknown option 'units'; known: answer, id, kind"),
    "option without colon": (
        but(QUIZ, "id: how-much", "id: how-much\n    single⟨HERE⟩"),
        "an option is a line 'name: value'",
    ),
    "option not YAML": (but(NUMBER, "steps", "%⟨HERE⟩"), "put a value with special signs in quotes"),
    "option without value": (but(NUMBER, "unit: steps", "unit:⟨HERE⟩"), "unit has no value"),
    "unknown kind": (
        but(QUIZ, "how-much", "how-much\n    kind: trick⟨HERE⟩"),
        "'trick' is no kind of quiz; known: fill",
    ),
    "bad id": (but(QUIZ, "how-much", "How much⟨HERE⟩"), "write small letters and digits"),
    "no id": (but(QUIZ, "?\n    id: how-much", "?⟨HERE⟩"), "this quiz lacks its 'id'"),
    "option not indented": (but(QUIZ, "    id: how-much", "id: how-much⟨HERE⟩"), "'id' is not read here"),
    "option after a blank": (but(QUIZ, "    id: how-much", "\n    id: how-much⟨HERE⟩"), "'id' is not read here"),
    "bad tolerance": (
        but(NUMBER, "tolerance: 2", "tolerance: some⟨HERE⟩"),
        "tolerance is 'some'; write a number, 0 or more",
    ),
    "negative tolerance": (
        but(NUMBER, "tolerance: 2", "tolerance: -2⟨HERE⟩"),
        "tolerance is -2; write a number, 0 or more",
    ),
    "no tolerance": (
        but(NUMBER, "How many?", "How many?⟨HERE⟩").replace("    tolerance: 2\n", ""),
        "lacks its 'tolerance'",
    ),
    "unknown value": (but(NUMBER, "answer: 260", "answer: half_way⟨HERE⟩"), "answer: no value is called 'half_way'"),
    "unclosed": (
        but(QUIZ, "much?", "much?⟨HERE⟩").removesuffix("///"),
        "this quiz is never closed; end it with a line ///",
    ),
    "closed with too much": (
        but(QUIZ, "much?", "much?⟨HERE⟩").removesuffix("///") + "////⟨HERE⟩",
        ("this quiz is never closed", "there is no block to end"),
    ),
    "unclosed before another": (
        but(QUIZ, "much?", "much?⟨HERE⟩").removesuffix("///") + "\n" + ORDER,
        "this quiz is never closed; end it with a line ///",
    ),
    "closed twice": (QUIZ + "\n\n///⟨HERE⟩", "there is no block to end here"),
    # where a block cannot be
    "in a quiz": (
        but(QUIZ, "\n- ( )", f"\n{but(PROOF, 'One is one', 'One is one⟨HERE⟩')}\n\n- ( )"),
        "a proof cannot stand inside a quiz",
    ),
    "in a proof": (
        but(PROOF, "\n1. ", f"\n{but(QUIZ, 'much?', 'much?⟨HERE⟩')}\n\n1. "),
        "a quiz cannot stand inside a proof",
    ),
    "in a list": ("- An item\n\n" + DEEP, "in a list item"),
    "in a numbered list": (
        "1. An item\n\n" + DEEP,
        "in a list item",
    ),
    "in a footnote": (
        "Text[^1]\n\n[^1]:\n    Note\n\n" + DEEP,
        "in a footnote",
    ),
    "in nothing": ("Text.\n\n" + DEEP, "code by indentation"),
    # answers
    "no feedback": (but(QUIZ, "Much\n    - So it is.", "Much⟨HERE⟩"), "this answer has no feedback"),
    "empty feedback": (but(QUIZ, "Much\n    - So it is.", "Much⟨HERE⟩\n    -"), "this answer has no feedback"),
    "feedback by two": (
        but(QUIZ, "(x) Much\n    - So", "(x) Much⟨HERE⟩\n  - So⟨HERE⟩"),
        ("has no feedback", "an answer here begins '- ( ) or (x)'"),
    ),
    "no misconception": (
        but(QUIZ, "*takes less for more*: it is more.", "It is more.⟨HERE⟩"),
        "begins with the misconception behind it",
    ),
    "misconception in bold": (
        but(QUIZ, "*takes less for more*:", "**takes less**:⟨HERE⟩"),
        "begins with the misconception",
    ),
    "misconception alone": (but(QUIZ, ": it is more.", ":⟨HERE⟩"), "behind the misconception, say what holds instead"),
    "no right answer": (
        but(QUIZ, "How much?", "How much?⟨HERE⟩").replace("(x)", "( )").replace("So", "*so*: So"),
        "no answer of this quiz is right",
    ),
    "nothing right of many": (
        but(MANY, "much?", "much?⟨HERE⟩")
        .replace("id: how-many", "id: how-many\n    kind: multiple")
        .replace("[x]", "[ ]")
        .replace("So", "*so*: So"),
        "no answer of this quiz is right; mark it with [x]",
    ),
    "two right answers": (but(QUIZ, "(x) Much", "(x) Much\n    - So.\n- (x) More⟨HERE⟩"), "a second right answer"),
    "mixed marks": (
        but(QUIZ, "(x) Much", "(x) Much\n    - So.\n- [ ] More⟨HERE⟩"),
        "let the reader choose several; write ( ) or (x)",
    ),
    "round in square": (
        but(MANY, "[x] Much", "[x] Much\n    - So.\n- (x) More⟨HERE⟩"),
        "several may be right here; write [ ] or [x]",
    ),
    "no mark": (but(QUIZ, "(x) Much", "(x) Much\n    - So.\n- More⟨HERE⟩"), "an answer here begins '- ( ) or (x)'"),
    "capital mark": (but(QUIZ, "(x) Much", "(x) Much\n    - So.\n- (X) More⟨HERE⟩"), "an answer here begins"),
    "same answer": (
        but(QUIZ, "(x) Much", "(x) Much\n    - So.\n- ( ) Much⟨HERE⟩\n    - *again*: it is."),
        "stands here twice",
    ),
    "empty answer": (but(QUIZ, "( ) Little", "( )⟨HERE⟩"), "this answer says nothing"),
    "one answer": ("/// quiz | Yes?⟨HERE⟩\n    id: just-one\n\n- (x) Yes\n    - Yes.\n///", "two answers or more"),
    "no answers": ("/// quiz | Yes?⟨HERE⟩\n    id: none\n\nWell?\n///", "this quiz has no answers"),
    "text behind": (but(QUIZ, "it is.\n///", "it is.\n\nMore.⟨HERE⟩\n///"), "nothing stands behind the answers"),
    "order without feedback": (but(ORDER, "Two\n    - Second.", "Two⟨HERE⟩"), "this answer has no feedback"),
    "order of two": (
        but(ORDER, "order?", "order?⟨HERE⟩").replace("3. Three\n    - Third.\n", ""),
        "three things to put in order, or more",
    ),
    "order with dashes": (but(ORDER, "3. Three", "- Three⟨HERE⟩"), "a numbered list, in the right order"),
    "words for a picture": (but(PICTURE, "![A dog](dog.webp)", "A dog⟨HERE⟩"), "each answer here is a picture"),
    "known answer unread": (
        but(NUMBER, "343:", "about 343:⟨HERE⟩"),
        "a known wrong answer here is written '- 343: *misconception*: …'",
    ),
    "known answer right": (but(NUMBER, "343:", "261:⟨HERE⟩"), "261 counts as right"),
    "known answer without words": (
        but(NUMBER, "343: *looks for three tenths*: look for half.", "343:⟨HERE⟩"),
        "no feedback; say behind it",
    ),
    "known answer unnamed": (
        but(NUMBER, "*looks for three tenths*: look", "look⟨HERE⟩"),
        "begins with the misconception",
    ),
    "nothing known": (
        but(NUMBER, "many?", "many?⟨HERE⟩").replace("- 343: *looks for three tenths*: look for half.\n\n", ""),
        "knows no wrong answer",
    ),
    "no solution": (
        but(NUMBER, "many?", "many?⟨HERE⟩").replace("\nIt is where half is left.\n", ""),
        "no worked solution",
    ),
    "answer without kind": (
        but(QUIZ, "how-much", "how-much\n    kind: single\n    unit: dB⟨HERE⟩"),
        "'unit' belongs to a quiz of kind 'number'",
    ),
    "no gap": (
        but(FILL, "gap?", "gap?⟨HERE⟩\n    kind: fill").replace(' data-gap="1 | 2 - 1"', ""),
        "has no code with a gap",
    ),
    "two gaps": (
        but(FILL, "\n- `2`", '\n```{.python data-gap="2"}⟨HERE⟩\nprint(____)\n```\n\n- `2`'),
        "a second block with a gap",
    ),
    "gap elsewhere": (
        but(QUIZ, "\n- ( )", '\n```{.python data-gap="2"}⟨HERE⟩\nprint(____)\n```\n\n- ( )').replace(
            "how-much", "how-much\n    kind: single"
        ),
        "makes a quiz of kind 'fill'",
    ),
    "wrong code is right": (but(FILL, "`2`", "`2 - 1`⟨HERE⟩"), "2 - 1 counts as right"),
    "wrong code unread": (but(FILL, "`2`", "2⟨HERE⟩"), "a known wrong answer here is written '- `0.9`"),
    # proofs
    "no test": (
        but(
            PROOF, "one\n    id: one-is-one\n    test: tests/proofs/test_one_is_one.py", "one⟨HERE⟩\n    id: one-is-one"
        ),
        "this proof lacks its 'test'",
    ),
    "other test": (
        but(PROOF, "test_one_is_one.py", "test_one.py⟨HERE⟩"),
        "the test of this proof is tests/proofs/test_one_is_one.py, not",
    ),
    "test not there": (
        but(PROOF.replace("one_is_one", "two_is_two"), "id: one-is-one", "id: two-is-two").replace(
            "two.py", "two.py⟨HERE⟩"
        ),
        "there is no file tests/proofs/test_two_is_two.py",
    ),
    "no reason": (
        but(PROOF, "So it is.\n\n    Because: we wrote it down.", "So it is.⟨HERE⟩"),
        "this step has no reason",
    ),
    "empty reason": (but(PROOF, "Because: we wrote it down.", "Because:⟨HERE⟩"), "nothing is said behind 'Because:'"),
    "reason in bold": (
        but(PROOF, "So it is.", "So it is.⟨HERE⟩").replace("Because: we", "**Because:**⟨HERE⟩ we"),
        ("without stars", "has no reason"),
    ),
    "two reasons": (but(PROOF, "wrote it down.", "wrote it down.\n\n    Because: yes.⟨HERE⟩"), "a second 'Because:'"),
    "two wordings": (
        but(PROOF, "In words: one is one.", "In words: one is one.\n    In words: it is.⟨HERE⟩"),
        "a second 'In words:'",
    ),
    "one step": (
        "/// proof | One⟨HERE⟩\n    id: one-is-one\n    test: tests/proofs/test_one_is_one.py\n\n1. One.\n    Because: so.\n///",
        "two steps or more",
    ),
    "step with a dash": (but(PROOF, "2. So", "2. Yes.\n    Because: yes.\n- So⟨HERE⟩"), "an item of a numbered list"),
    "text behind a proof": (but(PROOF, "down.\n///", "down.\n\nSo.⟨HERE⟩\n///"), "nothing stands behind the steps"),
    # myths
    "unknown myth": ("/// myth | gone⟨HERE⟩\n///", "there is no myth 'gone' in myths.toml; known: elsewhere, here"),
    "unnamed myth": ("/// myth⟨HERE⟩\n///", "this myth lacks its name"),
    "myth elsewhere": ("/// myth | elsewhere⟨HERE⟩\n///", "this box stands on other, not here"),
    "myth with text": ("/// myth | here\n\nText.⟨HERE⟩\n///", "stands in myths.toml; leave this block empty"),
    "list elsewhere": ("/// myths⟨HERE⟩\n///", "the list of all myths stands on a page in shelf/"),
    "list of what": ("/// sources | mine⟨HERE⟩\n///", "nothing stands behind '/// sources'"),
}

MYTHS = """
    [here]
    said = "One is two."
    holds = "One is one."
    page = "page"

    [elsewhere]
    said = "Two is one."
    holds = "Two is two."
    page = "other"
"""
SHELF = {
    "docs/shelf/myths.toml": dedent(MYTHS),
    "docs/shelf/box.md": "Nothing.\n",
    "tests/proofs/test_one_is_one.py": TEST,
}


def faults(tmp_path, files):
    """What is said of a page, apart from the myth that not every page can show."""
    files = {**SHELF, **files}
    told = said(tmp_path, site(tmp_path, files))
    return [one for one in told if "does not show this myth" not in one[1]]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_file_and_line(tmp_path, name, place):
    text, words = FAULTS[name]
    files = PLACES[place](text)
    told = faults(tmp_path, files)
    assert sorted({where for where, _ in told}) == sorted(places(files)), told
    for part in (words,) if isinstance(words, str) else words:
        assert any(part in message for _, message in told), told


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_block_is_left_in_peace(tmp_path, name, place):
    assert faults(tmp_path, PLACES[place](SOUND[name])) == []


@pytest.mark.parametrize("fence", ["````markdown", "~~~~ {.markdown}"])
@pytest.mark.parametrize("name", FAULTS)
def test_what_code_shows_is_no_block(tmp_path, name, fence):
    text = FAULTS[name][0].replace("⟨HERE⟩", "")
    assert faults(tmp_path, PLACES["plain"](f"{fence}\n{text}\n{fence[:4]}")) == []
    assert faults(tmp_path, PLACES["tab"](f"{fence}\n{text}\n{fence[:4]}")) == []


def test_comments_and_code_spans_are_no_blocks(tmp_path):
    assert faults(tmp_path, PLACES["plain"](f"<!--\n{QUIZ.removesuffix('///')}\n-->\n\nWrite `/// quiz` there.")) == []


def test_a_block_in_a_quotation(tmp_path):
    files = {"docs/page.md": "> /// quiz | Yes?⟨HERE⟩\n>     id: yes\n"}
    assert faults(tmp_path, files) == [("docs/page.md:1", "a block cannot stand in a quotation")]


def test_ids_are_unique_over_all_pages(tmp_path):
    files = {"docs/a.md": QUIZ + "\n", "docs/b.md": f"Text.\n\n{but(QUIZ, 'how-much', 'how-much⟨HERE⟩')}\n"}
    assert faults(tmp_path, files) == [(places(files)[0], "another quiz has the id 'how-much': a.md, line 2")]


def test_a_quiz_and_a_proof_may_share_an_id(tmp_path):
    assert faults(tmp_path, PLACES["plain"](f"{but(QUIZ, 'how-much', 'one-is-one')}\n\n{PROOF}")) == []


@pytest.mark.parametrize(
    "source, words",
    [
        ("def results(x):\n    return x\n", "no function `result`"),
        ("def result(x):\n    return x\n\n\ndef test_it():\n    assert 1\n", "none of its tests calls `result`"),
        ("def result(x:\n", "line 1 is not Python"),
    ],
)
def test_a_proof_is_held_by_its_test(tmp_path, source, words):
    files = {**PLACES["plain"](but(PROOF, "one.py", "one.py⟨HERE⟩")), "tests/proofs/test_one_is_one.py": source}
    ((where, message),) = faults(tmp_path, files)
    assert where == places(files)[0] and words in message
    assert message.startswith("tests/proofs/test_one_is_one.py: ")
