"""A formula as one line of text, for the search index and for names: x_t = √ᾱ_t x₀ + σ_t ε.

It reads the TeX of this site and guesses at none: a command without an entry in `symbols.py` shows its own name, which
is right for \\log, \\exp, \\min and their kin.
"""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable

from . import symbols

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
BRACKETS = {"pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||", "Vmatrix": "‖‖", "cases": ("{", "")}
ROWS = {*BRACKETS, "matrix", "smallmatrix", "array", "dcases", "rcases"}
SIGNS = {"−", "+", "±", "∓"}

# An atom is (text, kind). A kind says how the text stands beside its neighbours: "one" sign or letter, "word" of
# several, "operator" (a large one), "relation", "open", "close", "comma", "line" (its end), "sign", or "tight", which
# takes no space.
Atom = tuple[str, str]


def plain(tex: str) -> str:
    """TeX as one line of Unicode text."""
    return _join(_atoms(deque(TOKEN.findall(tex))))


def _atoms(tokens: deque[str]) -> list[Atom]:
    """Read up to a closing brace or the end."""
    atoms: list[Atom] = []
    environments: list[str] = []
    while tokens and (token := tokens.popleft()) != "}":
        name = token.removeprefix("\\")
        if token.isspace():
            continue
        elif token in "_^":
            atoms.append(_scripted(atoms.pop() if atoms else ("", "one"), token, _argument(tokens)))
        elif token == "'":
            atoms.append(_scripted(atoms.pop() if atoms else ("", "one"), "^", [("′", "one")]))
        elif token.isdecimal() and atoms and atoms[-1][0].isdecimal() and atoms[-1][1] == "one":
            atoms.append((atoms.pop()[0] + token, "one"))
        elif token == r"\begin":
            environments.append(_raw(tokens).rstrip("*"))
            if environments[-1] in ("array", "alignat", "alignedat"):
                _raw(tokens)
            atoms.append((BRACKETS.get(environments[-1], ("", ""))[0], "open"))
        elif token == r"\end":
            _raw(tokens)
            atoms.append((BRACKETS.get(environments.pop() if environments else "", ("", ""))[1], "close"))
        elif token == "&":
            atoms += [(",", "comma")] if environments and environments[-1] in ROWS else []
        elif token == "\\\\":
            _optional(tokens)
            atoms.append((";", "comma" if environments and environments[-1] in ROWS else "line"))
        elif name in ("left", "right", "middle"):
            if tokens and tokens[0] == ".":
                tokens.popleft()
        else:
            tokens.appendleft(token)
            atoms += _atom(tokens)
    return [atom for atom in atoms if atom[0] or atom[1] == "open"]


def _atom(tokens: deque[str]) -> list[Atom]:
    """Read one symbol, group, or command with its arguments."""
    token = tokens.popleft()
    if token == "{":
        atoms = _atoms(tokens)
        return [(atoms[0][0], "tight")] if len(atoms) == 1 and atoms[0][1] in ("comma", "relation") else atoms
    if not token.startswith("\\"):
        if token in symbols.RELATIONS:
            return [(symbols.RELATIONS[token], "relation")]
        kinds = {"~": "space", "(": "open", "[": "open", ")": "close", "]": "close", ",": "comma", ";": "comma"}
        return [(token, kinds.get(token, "tight" if token in "|/!." else "one"))]
    name = token[1:]
    if name in symbols.WORDS:
        return [(" ".join(_raw(tokens).replace("$", "").split()), "word")]
    if name in symbols.WRAPPERS:
        atoms = _argument(tokens)
        return [(_join(atoms), "word")] if name.startswith("operatorname") else atoms
    if name in symbols.ALPHABETS:
        return [("".join(_letter(c, *symbols.ALPHABETS[name]) for c in _join(_argument(tokens))), "one")]
    if name in symbols.ACCENTS:
        base = "".join(c + symbols.ACCENTS[name] for c in _join(_argument(tokens)))
        return [_sized(unicodedata.normalize("NFC", base))]
    if name in ("frac", "dfrac", "tfrac"):
        return [(f"{_part(_argument(tokens))}/{_part(_argument(tokens), below=True)}", "word")]
    if name in ("binom", "dbinom", "tbinom"):
        return [(f"({_join(_argument(tokens))} choose {_join(_argument(tokens))})", "word")]
    if name == "sqrt":
        index = plain(_optional(tokens)).translate(symbols.SUPERSCRIPTS)
        return [(f"{index}√{_part(_argument(tokens), below=True)}", "word")]
    if name == "not":
        return [(unicodedata.normalize("NFC", _join(_argument(tokens)) + "\u0338"), "relation")]
    if name in symbols.UNSEEN:
        _raw(tokens)
        return []
    if name in symbols.SILENT:
        return []
    if name in symbols.SPACES:
        return [(" ", "space")]
    if name in symbols.RELATIONS:
        return [(symbols.RELATIONS[name], "relation")]
    if name in symbols.DELIMITERS:
        sign = symbols.DELIMITERS[name]
        return [(sign, "open" if sign in "{⟨⌊⌈[" else "close" if sign in "}⟩⌋⌉]" else "tight")]
    if name in symbols.OPERATORS:
        return [(symbols.OPERATORS[name], "operator")]
    return [_sized(symbols.LETTERS.get(name, name))]


def _argument(tokens: deque[str]) -> list[Atom]:
    while tokens and tokens[0].isspace():
        tokens.popleft()
    return _atom(tokens) if tokens else []


def _raw(tokens: deque[str]) -> str:
    """The characters of a braced argument."""
    while tokens and tokens[0].isspace():
        tokens.popleft()
    depth, read = 0, []
    while tokens:
        read.append(tokens.popleft())
        depth += {"{": 1, "}": -1}.get(read[-1], 0)
        if depth <= 0:
            break
    return "".join(read).removeprefix("{").removesuffix("}")


def _optional(tokens: deque[str]) -> str:
    """The characters of an argument in square brackets, if one follows."""
    read = []
    if tokens and tokens[0] == "[":
        tokens.popleft()
        while tokens and (token := tokens.popleft()) != "]":
            read.append(token)
    return "".join(read)


def _scripted(atom: Atom, mark: str, atoms: list[Atom]) -> Atom:
    base, kind = atom
    kind = "word" if kind == "one" else kind
    script = _join(atoms, tight=True)
    digits = symbols.SUBSCRIPTS if mark == "_" else symbols.SUPERSCRIPTS
    if re.fullmatch(r"\d*" if mark == "_" else r"−?\d*", script):
        return base + script.translate(digits), kind
    if mark == "^" and re.fullmatch("′+|∘", script):
        return base + script.replace("∘", "°"), kind
    return base + mark + (script if len(atoms) == 1 and len(script.split()) == 1 else f"{{{script}}}"), kind


def _part(atoms: list[Atom], below: bool = False) -> str:
    """A part of a fraction or a root, in parentheses if it would fall apart without."""
    text = _join(atoms)
    whole = len(atoms) == 1 and "/" not in text or (len(atoms) == 2 and text[0] in "d∂") or text.isdecimal()
    return text if whole or (not below and " " not in text and "/" not in text) else f"({text})"


def _letter(letter: str, capital: int, small: int, digit: int | None, older: dict[str, str]) -> str:
    if letter in older:
        return older[letter]
    for first, start, size in (("A", capital, 26), ("a", small, 26), ("0", digit, 10)):
        if start and 0 <= ord(letter) - ord(first) < size:
            return chr(start + ord(letter) - ord(first))
    return letter


def _sized(text: str) -> Atom:
    return text, "one" if sum(not unicodedata.combining(c) for c in text) == 1 else "word"


def _join(atoms: Iterable[Atom], tight: bool = False) -> str:
    """Put atoms side by side with the spaces a reader expects; `tight` for scripts."""
    line, before = "", "open"
    for text, kind in atoms:
        sign = text in SIGNS and before in ("open", "relation", "comma", "line", "sign")
        if kind == "relation" and not sign:
            line = line.removesuffix("; ") if before == "line" else line
            line += text if tight and text != "mod" else f" {text} "
        elif kind in ("comma", "line"):
            line = line.rstrip() + (text if tight else f"{text} ")
        elif kind == "space":
            line += " " if before != "open" else ""
            continue
        else:
            factor = before == "one" and line[-1:].isdecimal() and not text[:2].isalpha()  # 2σ², but 10 log x
            line = line.rstrip() if kind == "close" else line
            line += f" {text}" if _apart(before, kind) and not factor else text
        before = "sign" if sign else kind
    return " ".join(line.split())


def _apart(before: str, kind: str) -> bool:
    """Whether a space stands between two neighbours, neither of them a relation or a comma."""
    if before == "operator":
        return True
    seen = ("one", "word", "operator")
    return kind in seen and before in (*seen, "close") and not kind == before == "one"
