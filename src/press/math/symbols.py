"""What TeX's names look like in plain text."""

LETTERS = {"lambda": "λ"} | dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", varepsilon="ε", zeta="ζ", eta="η", theta="θ",
    vartheta="ϑ", iota="ι", kappa="κ", mu="μ", nu="ν", xi="ξ", pi="π", varpi="ϖ", rho="ρ", varrho="ϱ",
    sigma="σ", varsigma="ς", tau="τ", upsilon="υ", phi="φ", varphi="φ", chi="χ", psi="ψ", omega="ω",
    Gamma="Γ", Delta="Δ", Theta="Θ", Lambda="Λ", Xi="Ξ", Pi="Π", Sigma="Σ", Upsilon="Υ", Phi="Φ", Psi="Ψ", Omega="Ω",
    ell="ℓ", hbar="ℏ", imath="ı", jmath="ȷ", Re="ℜ", Im="ℑ", aleph="ℵ", infty="∞", partial="∂", nabla="∇",
    emptyset="∅", varnothing="∅", forall="∀", exists="∃", neg="¬", top="⊤", bot="⊥", prime="′", dagger="†",
    ldots="…", dots="…", cdots="…", dotsc="…", dotsb="…", vdots="⋮", ddots="⋱", square="□", blacksquare="■",
    degree="°", circ="∘", angle="∠",
)  # fmt: skip

OPERATORS = dict(sum="∑", prod="∏", int="∫", iint="∬", oint="∮", bigcup="⋃", bigcap="⋂", bigoplus="⨁", bigotimes="⨂")

# written with a space on either side
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "+": "+", "-": "−", ":": ":", "*": "∗",
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "lt": "<", "gt": ">",
    "ne": "≠", "neq": "≠", "ll": "≪", "gg": "≫", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅", "equiv": "≡",
    "propto": "∝", "coloneqq": "≔", "triangleq": "≜", "doteq": "≐", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂",
    "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "mid": "|", "parallel": "∥", "perp": "⊥", "to": "→",
    "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "mapsto": "↦",
    "Rightarrow": "⇒", "implies": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "iff": "⇔", "xrightarrow": "→",
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "odot": "⊙", "otimes": "⊗",
    "oplus": "⊕", "cup": "∪", "cap": "∩", "setminus": "∖", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨",
    "bmod": "mod", "uparrow": "↑", "downarrow": "↓",
}  # fmt: skip

DELIMITERS = {
    "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋",
    "lceil": "⌈", "rceil": "⌉", "vert": "|", "lvert": "|", "rvert": "|", "|": "‖", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "lbrack": "[", "rbrack": "]", "backslash": "\\", "%": "%", "$": "$", "#": "#", "&": "&", "_": "_",
}  # fmt: skip

ACCENTS = dict(
    hat="\u0302", widehat="\u0302", check="\u030c", tilde="\u0303", widetilde="\u0303", bar="\u0304", overline="\u0304",
    vec="\u20d7", dot="\u0307", ddot="\u0308", mathring="\u030a", underline="\u0332",
)  # fmt: skip

# one argument, which stands for itself
WRAPPERS = {
    "data", "noise", "guess", "truth", "cond", "condition", "bm", "boldsymbol", "mathbf", "mathrm", "mathit", "mathsf",
    "mathtt", "mathfrak", "mathnormal", "pmb", "text", "textbf", "textit", "textrm", "textsf", "texttt", "mbox",
    "operatorname", "operatorname*", "mathop", "mathrel", "mathbin", "mathord", "mathopen", "mathclose", "mathpunct",
    "boxed", "overbrace", "underbrace", "cancel", "bcancel", "xcancel", "smash", "tag", "tag*", "mathclap", "mathrlap",
    "mathllap", "substack",
}  # fmt: skip
WORDS = {"text", "textbf", "textit", "textrm", "textsf", "texttt", "mbox", "tag", "tag*"}

# the argument is not seen
UNSEEN = {"phantom", "hphantom", "vphantom", "label", "hspace", "hspace*", "vspace", "kern", "mkern", "class", "cssId"}

# no argument and nothing to see
SILENT = {
    "left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl",
    "Biggr", "bigm", "Bigm", "biggm", "Biggm", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "!",
    "hline", "nonumber", "notag", "negthinspace", "allowbreak", "nobreak",
}  # fmt: skip

SPACES = {",", ";", ":", " ", ">", "quad", "qquad", "enspace", "thinspace", "medspace", "thickspace"}

# mathematical alphabets: where capitals, small letters and digits begin, and the letters that Unicode had before
SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ", "e": "ℯ", "g": "ℊ", "o": "ℴ"}
DOUBLE = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
ALPHABETS = {
    "mathbb": (0x1D538, 0x1D552, 0x1D7D8, DOUBLE),
    "mathbbm": (0x1D538, 0x1D552, 0x1D7D8, DOUBLE),
    "mathcal": (0x1D49C, 0x1D4B6, None, SCRIPT),
    "mathscr": (0x1D49C, 0x1D4B6, None, SCRIPT),
}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
