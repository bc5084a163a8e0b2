"""What is wrong with a quiz, told with the line to mend."""

import re
from collections.abc import Callable, Iterator

from manuscript.lines import Fault, Line, known

from .answers import (
    CHOICE,
    CHOSEN,
    KINDS,
    KNOWN_CODE,
    KNOWN_NUMBER,
    MISCONCEPTION,
    PICTURE,
    TYPED,
    kind,
    number,
    spellings,
)
from .shelf import Lesson
from .source import Block, Item, behind, items
from .values import NUMBERS, VALUE, resolve

GAP = re.compile(r"data-gap\s*=\s*(?P<quote>[\"'])(?P<gap>.*?)(?P=quote)")
NO_FEEDBACK = (
    "this answer has no feedback; say below it, as a list item indented by four spaces, why it is right or wrong"
)
NO_MISCONCEPTION = (
    "feedback on a wrong answer begins with the misconception behind it: '*takes the share for the ratio*: …'"
)


def faults(block: Block, lesson: Lesson) -> Iterator[Fault]:
    """What is wrong with one quiz."""
    given = {name: option.value for name, option in block.options.items()}
    listed = list(items(block.body))
    gaps = [line for line in block.fences if "data-gap" in line.text]
    first = listed[0] if listed else None
    here = kind(given, first.text if first else "", bool(first and first.ordered), bool(gaps))
    if here not in KINDS:
        yield block.fault(f"{here!r} is no kind of quiz; {known(KINDS)}", block.options["kind"].line)
        return
    for line in gaps if here != "fill" else []:
        yield block.fault(f"code with a gap makes a quiz of kind 'fill', and this one is {here!r}", line)
    for name in ("answer", "tolerance", "unit"):
        if name in given and here != "number":
            yield block.fault(
                f"{name!r} belongs to a quiz of kind 'number', and this one is {here!r}", block.options[name].line
            )
    if not listed:
        yield block.fault(NONE[here])
    elif here in CHOSEN:
        yield from _chosen(block, listed, here)
    elif here == "order":
        yield from _ordered(block, listed)
    if here in TYPED:
        yield from (_number if here == "number" else _fill)(block, listed, gaps, lesson)
    elif listed and (late := behind(block.body)):
        yield block.fault(
            "nothing stands behind the answers of a quiz; put it before them, or into their feedback", late
        )


NONE = {
    **dict.fromkeys(("single", "picture"), "this quiz has no answers; write a list of '- ( ) wrong' and '- (x) right'"),
    "multiple": "this quiz has no answers; write a list of '- [ ] wrong' and '- [x] right'",
    "order": "this quiz has nothing to put in order; write a numbered list in the right order",
    "number": "this quiz knows no wrong answer; write a list of '- 343: *misconception*: …'",
    "fill": "this quiz knows no wrong answer; write a list of '- `0.9`: *misconception*: …'",
}


def _chosen(block: Block, listed: list[Item], here: str) -> Iterator[Fault]:
    """Lettered choices: marked all in one way, one right or several, each with feedback."""
    rights, texts = [], set()
    marks = "[ ] or [x]" if here == "multiple" else "( ) or (x)"
    for item in listed:
        match = CHOICE.match(item.text)
        if item.ordered or not match:
            yield block.fault(
                f"an answer here begins '- {marks}'; what belongs to it is indented by four spaces", item.line
            )
            continue
        if (match["mark"][0] == "[") != (here == "multiple"):
            why = (
                "[ ] and [x] let the reader choose several" if match["mark"][0] == "[" else "several may be right here"
            )
            yield block.fault(f"{why}; write {marks}", item.line)
            continue
        text = (match["text"] or "").strip()
        if not text:
            yield block.fault("this answer says nothing", item.line)
        elif text in texts:
            yield block.fault("this answer stands here twice", item.line)
        elif here == "picture" and not PICTURE.fullmatch(text):
            yield block.fault("each answer here is a picture: '![what it shows](page/figure.webp)'", item.line)
        texts.add(text)
        right = match["mark"][1] == "x"
        rights += [item.line] if right else []
        yield from _feedback(block, item, wrong=not right)
    if len(listed) < 2:
        yield block.fault("a quiz has two answers or more")
    if not rights:
        yield block.fault(f"no answer of this quiz is right; mark it with {marks[-3:]}")
    if here != "multiple":
        for line in rights[1:]:
            yield block.fault("a second right answer; keep one, or write [ ] and [x] where several are right", line)


def _ordered(block: Block, listed: list[Item]) -> Iterator[Fault]:
    for item in listed:
        if not item.ordered:
            yield block.fault("what is to be put in order is a numbered list, in the right order", item.line)
        else:
            yield from _feedback(block, item, wrong=False)
    if len(listed) < 3:
        yield block.fault("a quiz of this kind has three things to put in order, or more")


def _feedback(block: Block, item: Item, wrong: bool) -> Iterator[Fault]:
    told = next((inner for inner in items(item.inner) if inner.text), None)
    if told is None:
        yield block.fault(NO_FEEDBACK, item.line)
    elif wrong:
        yield from _misconception(block, told.text, told.line)


def _misconception(block: Block, text: str, line: Line) -> Iterator[Fault]:
    match = MISCONCEPTION.match(text)
    if not match:
        yield block.fault(NO_MISCONCEPTION, line)
    elif not match["rest"].strip():
        yield block.fault("behind the misconception, say what holds instead", line)


def _number(block: Block, listed: list[Item], gaps: list[Line], lesson: Lesson) -> Iterator[Fault]:
    answer, tolerance = block.options.get("answer"), block.options.get("tolerance")
    right, margin = None, None
    if answer is None:
        yield block.fault("this quiz lacks its 'answer'; write a number, or the name of a value")
    elif (right := number(answer.value)) is None:
        try:
            right = lesson.number(
                resolve(str(answer.value), [name for name, kind in lesson.kinds.items() if kind in NUMBERS])
            )
        except LookupError as error:
            yield block.fault(f"answer: {error.args[0]}", answer.line)
    if tolerance is None:
        yield block.fault("this quiz lacks its 'tolerance'; write how far off a right answer may be, 0 if not at all")
    elif (margin := number(tolerance.value)) is None or margin < 0:
        yield block.fault(f"tolerance is {tolerance.value!r}; write a number, 0 or more", tolerance.line)

    def clashes(text: str) -> bool:
        wrong = number(text)
        return None not in (wrong, right, margin) and abs(wrong - right) <= margin

    yield from _known(block, listed, _number_or_value, "- 343: *misconception*: …", clashes)
    yield from _solved(block, listed)


def _number_or_value(text: str) -> tuple[str, str] | None:
    if match := KNOWN_NUMBER.match(text):
        return match["answer"], match["text"]
    value = VALUE.match(text)
    return (value[0], text[value.end() + 1 :].strip()) if value and text[value.end() :][:1] == ":" else None


def _code(text: str) -> tuple[str, str] | None:
    match = KNOWN_CODE.match(text)
    return (match["answer"], match["text"]) if match else None


def _fill(block: Block, listed: list[Item], gaps: list[Line], lesson: Lesson) -> Iterator[Fault]:
    if not gaps:
        yield block.fault('this quiz has no code with a gap; write a block {.python data-gap="0.1"} with ____ in it')
    for line in gaps[1:]:
        yield block.fault("a second block with a gap; a quiz has one", line)
    match = GAP.search(gaps[0].text) if gaps else None
    accepted = spellings(match["gap"]) if match else []
    yield from _known(block, listed, _code, "- `0.9`: *misconception*: …", lambda text: text.strip() in accepted)
    yield from _solved(block, listed)


def _known(
    block: Block,
    listed: list[Item],
    read: Callable[[str], tuple[str, str] | None],
    example: str,
    clashes: Callable[[str], bool],
) -> Iterator[Fault]:
    """The wrong answers that a quiz has something to say about."""
    for item in listed:
        if item.ordered or not (found := read(item.text)):
            yield block.fault(f"a known wrong answer here is written {example!r}", item.line)
            continue
        answer, text = found
        if clashes(answer):
            yield block.fault(f"{answer} counts as right", item.line)
        if not text:
            yield block.fault(
                NO_FEEDBACK.replace("below it, as a list item indented by four spaces,", "behind it"), item.line
            )
        else:
            yield from _misconception(block, text, item.line)


def _solved(block: Block, listed: list[Item]) -> Iterator[Fault]:
    if listed and not behind(block.body):
        yield block.fault("this quiz has no worked solution; write it below the wrong answers")
