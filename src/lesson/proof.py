"""`/// proof`: a derivation, one step at a time, each with its reason.

All steps stand in the page; docs/assets/lesson.js shows them one after another, and a link to a step opens the proof
there. The last line of a proof is computed by `result` in its test, and the tests break every coefficient of that.
"""

import ast
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from manuscript.lines import Fault, Line

from .shelf import Lesson
from .source import Block, Item, behind, items
from .tree import LessonBlock, add, options, take

PART = re.compile(r"^(?P<name>Because|In words):[ ]*(?P<text>.*)$", re.DOTALL)
CUT = re.compile(r"\n(?=(?:Because|In words):)|\n?(?<!\\)(\$\$.*?(?<!\\)\$\$)\n?", re.DOTALL)
ALMOST = re.compile(r"^\W*(?:because|in words)\b\W*:?", re.IGNORECASE)
FOLDER = "tests/proofs"


class Proof(LessonBlock):
    NAME = "proof"
    TAG = "dl-proof"
    OPTIONS = options("id", "test")

    def on_end(self, block: Element) -> None:
        body = take(block)
        name = f"proof-{self.options['id']}"
        block.attrib |= {"class": "dl-proof", "id": name, "role": "group", "aria-labelledby": f"{name}-title"}
        add(block, "p", "dl-proof-title", self.argument or "", id=f"{name}-title")
        add(block, "div", "dl-proof-controls")
        for element in body:
            if element.tag == "ol":
                element.set("class", "dl-proof-steps")
                for number, step in enumerate(element, 1):
                    step.attrib |= {"class": "dl-proof-step", "id": f"{name}-{number}"}
                    self._step(step, number, name)
            block.append(element)
        if self.options["test"]:
            checked = add(block, "p", "dl-proof-test", "The last line is checked by ")
            add(checked, "code", text=str(self.options["test"])).tail = "."

    def _step(self, step: Element, number: int, name: str) -> None:
        text, step.text = step.text, None
        children = take(step)
        link = add(step, "a", "dl-proof-number", f"{number}", href=f"#{name}-{number}")
        link.set("aria-label", f"Step {number}")
        holder = add(step, "div", "dl-proof-line")
        if text and text.strip():
            self._parts(holder, text)
        for child in children:
            if child.tag == "p" and child.text and not len(child):
                self._parts(holder, child.text)
            else:
                holder.append(child)

    def _parts(self, holder: Element, text: str) -> None:
        """The reason and the words apart from the line itself, and a displayed formula in a paragraph of its own."""
        for part in (part.strip() for part in CUT.split(text) if part and part.strip()):
            if match := PART.match(part):
                kind = "dl-proof-reason" if match["name"] == "Because" else "dl-proof-words"
                paragraph = add(holder, "p", kind)
                add(paragraph, "strong", text=f"{match['name']}:").tail = f" {match['text']}"
            else:
                self.parse(holder, part)


def faults(block: Block, lesson: Lesson) -> Iterator[Fault]:
    """What is wrong with one proof."""
    steps = [item for item in items(block.body) if item.ordered]
    if len(steps) < 2:
        yield block.fault("a proof has two steps or more, as a numbered list: '1. …', with its reason indented below")
    for item in items(block.body):
        if not item.ordered:
            message = (
                "a step of a proof is an item of a numbered list; what belongs to a step is indented by four spaces"
            )
            yield block.fault(message, item.line)
    if late := behind(block.body):
        yield block.fault(
            "nothing stands behind the steps of a proof; indent it by four spaces if it belongs to one", late
        )
    for step in steps:
        yield from _step_faults(block, step)
    if "test" in block.options and "id" in block.options:
        yield from _test_faults(block, lesson)


def _step_faults(block: Block, step: Item) -> Iterator[Fault]:
    found: dict[str, list[Line]] = {"Because": [], "In words": []}
    for line in step.inner:
        if match := PART.match(line.text):
            found[match["name"]].append(line)
            if not match["text"].strip():
                yield block.fault(f"nothing is said behind '{match['name']}:'", line)
        elif almost := ALMOST.match(line.text):
            if (
                almost[0].strip(" *_").lower().rstrip(":*_") in ("because", "in words")
                and almost[0].rstrip(" *_")[-1:] == ":"
            ):
                yield block.fault("write 'Because:' or 'In words:', without stars, at the start of the line", line)
    if not found["Because"]:
        yield block.fault("this step has no reason; give it a paragraph that begins 'Because:'", step.line)
    for name, lines in found.items():
        for line in lines[1:]:
            yield block.fault(f"this step has a second '{name}:'; make it one, or two steps", line)


def _test_faults(block: Block, lesson: Lesson) -> Iterator[Fault]:
    """Whether the test of a proof is there, and tests its result."""
    option = block.options["test"]
    wanted = f"{FOLDER}/test_{str(block.options['id'].value).replace('-', '_')}.py"
    file = lesson.root / wanted
    if option.value != wanted:
        yield block.fault(f"the test of this proof is {wanted}, not {option.value}", option.line)
    elif not file.is_file():
        yield block.fault(
            f"there is no file {wanted}; write `result` there, the last line as code, and its tests", option.line
        )
    elif message := unproved(file.read_text("utf-8")):
        yield block.fault(f"{wanted}: {message}", option.line)


def unproved(source: str) -> str:
    """What the test of a proof lacks; "" if nothing."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return f"line {error.lineno} is not Python"
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if "result" not in functions:
        return "it has no function `result` that computes the last line of the proof"
    tests = [node for name, node in functions.items() if name.startswith("test_")]
    if not any(_calls(test, functions, set()) for test in tests):
        return "none of its tests calls `result`"
    return ""


def _calls(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    """Whether a function calls `result`, itself or through another of its module."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} - seen
    if "result" in names:
        return True
    return any(_calls(functions[name], functions, seen | names) for name in names & set(functions))
