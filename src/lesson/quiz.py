"""`/// quiz`: a question, its answers, and what is to be said of each.

The page holds all of it as plain HTML, the verdicts behind a native disclosure. docs/assets/lesson.js makes the choices
answerable and shows the verdict on the answer given. The ids of quiz and choices come from the author's `id` and stay.
"""

import re
from html import unescape
from xml.etree.ElementTree import Element

from .answers import (
    CHOICE,
    CHOSEN,
    KNOWN_CODE,
    KNOWN_NUMBER,
    MISCONCEPTION,
    PICTURE,
    TYPED,
    kind,
    letter,
    number,
    rounded,
    shuffled,
    spellings,
)  # fmt: skip
from .tree import LISTS, LessonBlock, add, head, options, slug, take, words

STASH = re.compile(r"\x02wzxhzdk:(\d+)\x03")


class Quiz(LessonBlock):
    NAME = "quiz"
    TAG = "dl-quiz"
    OPTIONS = options("id", "kind", "answer", "tolerance", "unit")

    def on_end(self, block: Element) -> None:
        body = take(block)
        at = next((index for index, one in enumerate(body) if one.tag in LISTS), len(body))
        listed = list(body[at]) if at < len(body) else []
        gap = next(filter(None, map(self._gap, body)), None)
        first = words(listed[0]) if listed else ""
        ordered = bool(listed) and body[at].tag == "ol"
        self.kind = kind(self.options, first, ordered, gap is not None)
        self.id = f"quiz-{self.options['id']}"
        block.attrib |= {"class": "dl-quiz", "id": self.id, "data-kind": self.kind}

        form = add(block, "fieldset", "dl-quiz-form")
        add(form, "legend", "dl-quiz-question", self.argument or "")
        form.extend(body[:at])
        if self.kind in CHOSEN:
            verdicts = self._chosen(form, listed)
        elif self.kind == "order":
            verdicts = self._ordered(form, listed)
        else:
            verdicts = self._typed(form, listed)
        foot = add(block, "div", "dl-quiz-foot")
        answers = add(foot, "details", "dl-quiz-answers")
        add(answers, "summary", text="Answer" if self.kind not in CHOSEN else "Answers")
        inside = add(answers, "div", "dl-quiz-verdicts")
        solution = add(inside, "div", "dl-quiz-solution") if body[at + 1 :] or self.kind in TYPED else None
        if solution is not None:
            if self.kind == "number":
                add(solution, "p", "dl-quiz-right", self._answer())
            if gap:
                add(solution, "p", "dl-quiz-right", f"`{spellings(gap)[0]}`")
            solution.extend(body[at + 1 :])
        inside.extend(verdicts)

    def _gap(self, element: Element) -> str | None:
        """What goes into the gap of the code that an element stands for: code has been put aside by now."""
        stash = STASH.search(element.text or "")
        html = str(self.md.htmlStash.rawHtmlBlocks[int(stash[1])]) if stash else ""
        found = re.search(r'data-gap="([^"]+)"', html)
        return unescape(found[1]) if found else None

    def _chosen(self, form: Element, listed: list[Element]) -> list[Element]:
        """Lettered choices, one or several of them right."""
        choices = add(form, "ol", "dl-quiz-choices")
        verdicts = Element("ol", {"class": "dl-quiz-list"})
        for index, item in enumerate(listed):
            told = _feedback(item)
            match = CHOICE.match(words(item))
            right = bool(match) and match["mark"][1] == "x"
            text = (match["text"] or "") if match else words(item)
            choice = add(choices, "li", "dl-quiz-choice", id=f"{self.id}-{index + 1}")
            _move(item, add(choice, "span", "dl-quiz-text", text))
            mark = f"{letter(index)}. {'Right.' if right else 'No.'}"
            verdict = self._verdict(verdicts, f"{index + 1}", right, mark, told)
            if self.kind == "picture":
                verdict.insert(0, _paragraph(" ".join(PICTURE.findall(text))))
        return [verdicts]

    def _ordered(self, form: Element, listed: list[Element]) -> list[Element]:
        """Steps that are shown out of order."""
        verdicts, texts = Element("ol", {"class": "dl-quiz-list"}), []
        for index, item in enumerate(listed):
            told = _feedback(item)
            texts.append((item, words(item)))
            said = words(item)
            self._verdict(
                verdicts, f"{index + 1}", True, said if said.endswith((".", "?", "!", ":")) else f"{said}:", told
            )
        choices = add(form, "ol", "dl-quiz-choices")
        for index in shuffled(len(listed), self.id):
            item, text = texts[index]
            choice = add(choices, "li", "dl-quiz-choice", id=f"{self.id}-{index + 1}", data_place=f"{index + 1}")
            _move(item, add(choice, "span", "dl-quiz-text", text))
        return [verdicts]

    def _typed(self, form: Element, listed: list[Element]) -> list[Element]:
        """A field, and the wrong answers one knows what to say about."""
        entry = add(form, "p", "dl-quiz-entry")
        add(entry, "span", "dl-quiz-label", "The gap" if self.kind == "fill" else "Your answer").tail = " "
        add(entry, "span", "dl-quiz-blank").tail = " "
        if self.kind == "number":
            form.attrib |= {
                "data-answer": _written(self._number()),
                "data-tolerance": str(self.options["tolerance"] or 0),
            }
            if self.options["unit"]:
                add(entry, "span", "dl-quiz-unit", str(self.options["unit"]))
        verdicts = Element("ul", {"class": "dl-quiz-list"})
        for index, item in enumerate(listed):
            match = (KNOWN_CODE if self.kind == "fill" else KNOWN_NUMBER).match(words(item))
            if not match:
                continue
            answer = match["answer"]
            head(item).text = match["text"]
            mark = f"`{match['answer']}` — no." if self.kind == "fill" else f"{match['answer']} — no."
            verdict = self._verdict(verdicts, f"{index + 1}", False, mark, [item])
            verdict.set("data-answer", answer)
        return [verdicts] if len(verdicts) else []

    def _number(self) -> float | None:
        """The right number: written in the page, or computed by a function of that name."""
        written = number(self.options["answer"])
        return self.lesson.number(str(self.options["answer"])) if written is None else written

    def _answer(self) -> str:
        right, unit = self._number(), f" {self.options['unit']}" if self.options["unit"] else ""
        return "" if right is None else f"{rounded(right, number(self.options['tolerance'] or 0) or 0)}{unit}"

    def _verdict(self, parent: Element, index: str, right: bool, mark: str, told: list[Element]) -> Element:
        """What is to be said of one answer."""
        verdict = add(parent, "li", "dl-quiz-verdict", data_choice=index, data_right="true" if right else "false")
        for number_, item in enumerate(told):
            text = words(item)
            if not right and (match := MISCONCEPTION.match(text)) and not number_:
                verdict.set("data-misconception", slug(match["what"]))
                text = f"*{match['what'][:1].upper()}{match['what'][1:]}*: {match['rest']}"
            paragraph = _paragraph("" if not number_ else text)
            if not number_:
                add(paragraph, "strong", "dl-quiz-mark", mark).tail = f" {text}"
            verdict.append(paragraph)
            _move(item, verdict)
        return verdict


def _feedback(item: Element) -> list[Element]:
    """The items of the list inside a choice, which the choice then no longer holds."""
    inner = [child for child in item if child.tag in LISTS]
    if not inner:
        return []
    item.remove(inner[-1])
    return list(inner[-1])


def _move(item: Element, target: Element) -> None:
    """What an item holds besides its first words."""
    first = head(item)
    target.extend(child for child in take(item) if child is not first)


def _paragraph(text: str) -> Element:
    paragraph = Element("p")
    paragraph.text = text
    return paragraph


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"
