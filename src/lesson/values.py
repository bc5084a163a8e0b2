"""Numbers in the text: `{{ linear_end | .5f }}` stands for what the function `linear_end` computed.

The press writes each number to a file `<full name>.value`. A value may be named by its full name,
`intermediate/noise_schedules/linear_end`, or by as much of its end as no other shares. Behind the bar stands a format of
Python's; in prose a minus is set as −, 1e-05 as 1 × 10⁻⁵ and 36% as 36 %.

    preprocessor    before blocks are told apart, each value becomes a token, or its bar would cut a table's row in two
    treeprocessor   in headings tokens become text before the table of contents is made of them
    postprocessor   in the finished HTML, what stands around a token says how to write it
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from html import escape
from pathlib import Path

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from manuscript.lines import Fault, Line, known
from manuscript.prose import CODE, COMMENT, HIDDEN, blanked, without_fences

from .citations import CITED, FORMULA

SUFFIX = ".value"
NUMBERS = {"float": 0.5, "int": 2}  # what a value function may return → a number to try a format on
VALUE = re.compile(r"\{\{[ \t]+(?P<name>[\w/.-]+)(?:[ \t]*\|[ \t]*(?P<format>[^{}|\n]*?))?[ \t]+\}\}")
OPTION = re.compile(r"^[ \t]*(?:answer:|value[ \t]*=)[ \t]*[\"']?([\w/.-]*[a-z_][\w/.-]*)", re.MULTILINE)
NEARLY = re.compile(r"\{\{[^{}\n]*\}\}")
FORMAT = re.compile(r"[-+]?[,_]?(?:\.\d+)?[defg%]?")
FORMATTED = re.compile(r"(?P<sign>[-+]?)(?P<digits>[\d,_]+(?:\.\d+)?)(?:e(?P<power>[-+]\d+))?(?P<percent>%?)")
OPEN, CLOSE = "\ue000", "\ue001"  # for private use: no other extension gives them a meaning
TOKEN = re.compile(f"{OPEN}value:(\\d+){CLOSE}")
RAISED = str.maketrans("-+0123456789", "⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹")

# Where a token stands in finished HTML: in a formula, in code, inside a tag, or else in prose.
PLACES = re.compile(
    rf"""(?P<formula><(?P<f>span|div)\b[^>]*\bclass="arithmatex"[^>]*>.*?</(?P=f)>)
      |  (?P<code><(?P<c>code|pre|script|style|textarea)\b[^>]*>.*?</(?P=c)>)
      |  (?P<tag><!--.*?-->|</?[a-z][^\s/>]*(?:[^>"']+|"[^"]*"|'[^']*')*>)
      |  (?P<prose>{TOKEN.pattern})""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

# What is no number of the author's, though it has the shape of one.
MATH = re.compile(r"\$\$.*?\$\$|\\\[.*?\\\]|\\begin\{.*?\\end\{", re.DOTALL)
MARKUP = re.compile(
    r"""<[^>\n]*>                                  # HTML
      | (?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)  # where a link leads
      | ^[ ]{0,3}\[[^\]\n]+\]:.*$                  # the same, given elsewhere
      | \{[:#.][^}\n]*\} | \{[ \t]+[#.:][^}\n]*\}  # attributes
      | https?://\S+ | \b(?:arXiv|doi):\S+
      | (?:§|\b(?:Secs?|Eqs?|Figs?|App|Table)\.?)[ ]?[A-Z]?[.]?\d[\d.]*""",
    re.VERBOSE | re.MULTILINE,
)
OPTIONS = re.compile(r"(?<=\n)(?:[ \t]{4,}[\w-]+:[^\n]*(?:\n|\Z))+")
OPENER = re.compile(r"^[ \t]*/{3,}[ \t]*[\w-]+[^\n]*$", re.MULTILINE)
NUMBER = re.compile(
    r"(?<![\w.])\d[\d,]*(?:\.\d+)?[ \u00a0]?(?:\\,)?(?:\\?%|per[ ]?cent\b)|(?<![\w.])(?:\d[\d,]*)?\.\d+(?!\w|\.\d)"
)
EXCUSE = re.compile(r"<!--\s*number:[ \t]*(?P<reason>.*?)\s*-->")
BY_HAND = (
    "{} typed by hand: write {{{{ name | format }}}} for a number that a function computes, cite the source of somebody "
    "else's on the same line, or say there why it stands in the text, <!-- number: reason -->"
)


class NotBuilt(LookupError):
    """A page asks for a number that is not there."""


class Values:
    """The numbers below a folder, as the press wrote them."""

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """The full names of all that are there."""
        files = self.folder.rglob(f"*{SUFFIX}")
        return sorted(file.relative_to(self.folder).as_posix().removesuffix(SUFFIX) for file in files)

    def __getitem__(self, name: str) -> tuple[str, float | int]:
        """Full name and number.

        Raises:
            NotBuilt: there is none of that name, or more than one.
        """
        try:
            full = resolve(name, self.names())
            return full, json.loads((self.folder / f"{full}{SUFFIX}").read_text("utf-8"))
        except (LookupError, FileNotFoundError, ValueError):
            raise NotBuilt(f"the value {name} is not there; run `press build`") from None


def resolve(name: str, names: Collection[str]) -> str:
    """The full name among `names` that `name` is, or is the end of.

    Raises:
        LookupError: no name fits, or more than one.
    """
    ends = [full for full in names if full == name or full.endswith(f"/{name}")]
    if name in ends or len(ends) == 1:
        return name if name in ends else ends[0]
    if ends:
        raise LookupError(f"{name!r} may be any of {', '.join(sorted(ends))}; write more of its name")
    last = {full.rpartition("/")[2]: full for full in names}
    close = [last[one] for one in get_close_matches(name.rpartition("/")[2], last, n=3)]
    hint = f"did you mean {' or '.join(close)}?" if close else known(names)
    raise LookupError(f"no value is called {name!r}; {hint}")


def written(number: float | int, form: str = "", place: str = "plain") -> str:
    """The number as text.

    Args:
        form: a format of Python's, without width or fill; `g` if empty.
        place: "prose" for HTML, "plain" for text that can hold no markup, "formula" for TeX.

    Raises:
        ValueError: the format is not one for such a number.
    """
    if not FORMAT.fullmatch(form):
        raise ValueError(f"{form!r} is no format for a number")
    match = FORMATTED.fullmatch(format(number, form or "g"))
    sign, digits, power = match["sign"], match["digits"], match["power"]
    if not digits.strip("0.,_"):
        sign = sign.replace("-", "")  # there is no minus nought
    if place == "formula":
        raised = rf"\times 10^{{{int(power)}}}" if power else ""
        percent = r"\,\%" if match["percent"] else ""
        return f"{sign}{digits.replace(',', '{,}').replace('_', '')}{raised}{percent}"
    minus = str(int(power)).replace("-", "−") if power else ""
    raised = f"<sup>{minus}</sup>" if place == "prose" else minus.replace("−", "-").translate(RAISED)
    percent = "\u00a0%" if match["percent"] else ""
    return sign.replace("-", "−") + digits.replace("_", "\u202f") + (f" × 10{raised}" if power else "") + percent


def register(md: Markdown, config: Mapping) -> None:
    """Teach a Markdown reader values.

    Args:
        config: `values`, the folder that the press writes to; `pending`, what stands for a number that is not there yet
            (a live preview says "…"; if empty, such a page fails with `NotBuilt`).
    """
    values = _Page(Values(config["values"]), config.get("pending") or "")
    md.preprocessors.register(_Tokens(md, values), "lesson-values", 22)  # after includes and fences, before raw HTML
    md.treeprocessors.register(_Headings(md, values), "lesson-values", 6)  # after inline markup, before the contents
    md.postprocessors.register(_Written(md, values), "lesson-values", 1)


def tokens(md: Markdown, text: str) -> str:
    """A piece of Markdown that does not come from the page itself, ready for the page's block parser."""
    return "\n".join(md.preprocessors["lesson-values"].tokens(text.split("\n")))


class _Page:
    """The values of the page that is being read."""

    def __init__(self, values: Values, pending: str):
        self.values, self.pending = values, pending
        self.sources: list[str] = []

    def token(self, match: re.Match) -> str:
        self.sources.append(match[0])
        return f"{OPEN}value:{len(self.sources) - 1}{CLOSE}"

    def write(self, place: str) -> Callable[[re.Match], str]:
        return lambda token: self._written(self.sources[int(token[1])], place)

    def source(self, token: re.Match) -> str:
        return escape(self.sources[int(token[1])], quote=False)

    def _written(self, source: str, place: str) -> str:
        match = VALUE.fullmatch(source)
        try:
            name, number = self.values[match["name"]]
            text = written(number, match["format"] or "", place)
        except (NotBuilt, ValueError):
            if not self.pending:
                raise
            if place != "prose":
                return self.pending
            about = f"{match['name']} is not computed yet"
            return f'<span class="dl-value dl-value--pending" title="{escape(about)}">{escape(self.pending)}</span>'
        if place != "prose":
            return text
        title = f"computed by {name}"
        return f'<data class="dl-value" value="{json.dumps(number)}" title="{escape(title)}">{text}</data>'


class _Tokens(Preprocessor):
    def __init__(self, md: Markdown, page: _Page):
        super().__init__(md)
        self.page = page

    def run(self, lines: list[str]) -> list[str]:
        self.page.sources.clear()
        return self.tokens(lines)

    def tokens(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        hidden = [match.span() for match in HIDDEN.finditer(text)]

        def token(match: re.Match) -> str:
            inside = any(start <= match.start() < end for start, end in hidden)
            return match[0] if inside else self.page.token(match)

        return VALUE.sub(token, text).split("\n")


class _Headings(Treeprocessor):
    def __init__(self, md: Markdown, page: _Page):
        super().__init__(md)
        self.page = page

    def run(self, root) -> None:
        for heading in (one for one in root.iter() if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")):
            for part in heading.iter():
                part.text = TOKEN.sub(self.page.write("plain"), part.text or "")
                part.tail = part.tail if part is heading else TOKEN.sub(self.page.write("plain"), part.tail or "")


class _Written(Postprocessor):
    def __init__(self, md: Markdown, page: _Page):
        super().__init__(md)
        self.page = page

    def run(self, text: str) -> str:
        return PLACES.sub(self._place, text) if OPEN in text else text

    def _place(self, match: re.Match) -> str:
        if match["prose"]:
            return self.page.write("prose")(TOKEN.fullmatch(match[0]))
        if match["code"]:
            return TOKEN.sub(self.page.source, match[0])
        place = "formula" if match["formula"] else "plain"
        return TOKEN.sub(self.page.write(place), match[0])


def used(text: str) -> set[str]:
    """The values that a text names, as it names them: in braces, or as an option of a block or of a table of the shelf."""
    return {match["name"] for match in VALUE.finditer(text)} | set(OPTION.findall(text))


def faults(lines: Sequence[Line], kinds: Mapping[str, str]) -> list[Fault]:
    """What is wrong with the numbers of a page.

    Args:
        lines: the page, as `manuscript.lines.read` gives it.
        kinds: full name → what that function returns, of every figure function; those that return float or int are values.
    """
    lines, _ = without_fences(lines)
    text = "\n".join(line.text for line in lines)
    plain = blanked(HIDDEN, text)
    return [
        *_misspelt(lines, plain, kinds),
        *_bad(lines, plain, kinds),
        *_by_hand(lines, text, plain),
    ]


def _bad(lines: Sequence[Line], plain: str, kinds: Mapping[str, str]) -> Iterator[Fault]:
    """Values that no function computes, and formats that are none."""
    for line, part in zip(lines, plain.split("\n"), strict=True):
        for match in VALUE.finditer(part):
            if message := _wrong(match["name"], match["format"] or "", kinds):
                yield Fault(message, line.file, line.number)


def _wrong(said: str, form: str, kinds: Mapping[str, str]) -> str:
    """What is wrong with one value; "" if nothing is."""
    try:
        name = resolve(said, [name for name, kind in kinds.items() if kind in NUMBERS])
    except LookupError as error:
        other = [name for name, kind in kinds.items() if f"/{name}".endswith(f"/{said}") and kind not in NUMBERS]
        known_as_number = any(f"/{name}".endswith(f"/{said}") for name in kinds.keys() - {*other})
        if other and not known_as_number:
            return f"{other[0]} returns {kinds[other[0]]}, which is not a number"
        return error.args[0]
    try:
        written(NUMBERS[kinds[name]], form)
    except ValueError:
        hint = "for two decimals write .2f, for a share .1%, for a whole number d"
        return f"{form!r} is no format for {name}, which returns {kinds[name]}; {hint}"
    return ""


def _misspelt(lines: Sequence[Line], plain: str, kinds: Mapping[str, str]) -> Iterator[Fault]:
    """Braces that were meant for a value. In a formula, `{{n}}` is TeX."""
    prose = blanked(FORMULA, plain).split("\n")
    last = {name.rpartition("/")[2] for name in kinds}
    for line, part, outside in zip(lines, plain.split("\n"), prose, strict=True):
        for match in NEARLY.finditer(part):
            inside = match[0][2:-2].strip()
            meant = outside[match.start() : match.end()].strip() or "|" in inside or inside in last
            if meant and not VALUE.fullmatch(match[0]):
                message = f"{match[0]} is not how a value is written; write {{{{ name | format }}}}, with blanks inside"
                yield Fault(message, line.file, line.number)


def _by_hand(lines: Sequence[Line], text: str, plain: str) -> Iterator[Fault]:
    """Decimals and percentages that nothing vouches for."""
    code = re.compile(CODE, re.DOTALL)
    comments = blanked(code, text).split("\n")  # excuses are comments, but not those shown as code
    cited = blanked(re.compile(COMMENT, re.DOTALL), "\n".join(comments)).split("\n")
    bare = plain
    for opener in OPENER.finditer(plain):
        if options := OPTIONS.match(plain, opener.end() + 1):
            bare = bare[: options.start()] + re.sub(r"[^\n]", " ", options[0]) + bare[options.end() :]
    for pattern in (VALUE, CITED, MATH, MARKUP):
        bare = blanked(pattern, bare)
    for line, part, comment, source in zip(lines, bare.split("\n"), comments, cited, strict=True):
        numbers, excuse = [match[0].strip() for match in NUMBER.finditer(part)], EXCUSE.search(comment)
        message = ""
        if excuse and not excuse["reason"]:
            message = "this comment does not say why the number stands in the text: <!-- number: reason -->"
        elif excuse and not numbers:
            message = "this comment excuses a number, and there is none on its line; move it there, or delete it"
        elif numbers and not excuse and not CITED.search(source):
            message = BY_HAND.format(f"{', '.join(numbers)} {'is' if len(numbers) == 1 else 'are'}")
        if message:
            yield Fault(message, line.file, line.number)
