"""The line of a Markdown source that a formula stands on."""

import re

FENCE = re.compile(r"^([ \t>]*)(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*\2[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MATH = re.compile(
    r"""(?<!\\)(?:
        \$\$(?P<dollars>.+?)\$\$
      | \$(?P<dollar>(?:\\.|[^\\$])+?)\$
      | \\\[(?P<square>.+?)\\\]
      | \\\((?P<round>.+?)\\\)
      | (?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})
    )""",
    re.DOTALL | re.VERBOSE,
)


def locate(source: str, tex: str) -> int | None:
    """The line, counted from 1, where the formula `tex` begins in a page's Markdown.

    Spaces, line breaks and the marks of a block quote do not count; code is skipped. None if the formula is not there:
    a snippet or a caption brought it in.
    """
    for code in (FENCE, COMMENT, CODE):
        source = code.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    for math in MATH.finditer(source):
        kind = next(kind for kind in ("dollars", "dollar", "square", "round", "environment") if math[kind] is not None)
        if _bare(math[kind]) == _bare(tex):
            start = math.start(kind) + len(math[kind]) - len(math[kind].lstrip())
            return source.count("\n", 0, start) + 1
    return None


def _bare(tex: str) -> str:
    return "".join(re.sub(r"^[ \t]*(?:>[ \t]*)+", "", tex, flags=re.MULTILINE).split())
