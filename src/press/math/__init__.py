"""TeX in finished pages becomes typeset HTML: no script in the page, and one Node process for all formulas not seen before.

    formulas.py   the formulas of a page, and the page with them typeset
    render.py     formulas -> HTML and the CSS rules each needs, kept in a cache
    node.py       the Node process behind it (typeset.mjs drives MathJax)
    styles.py     the rules of many formulas as one style sheet
    fonts.py      font files cut down to the glyphs a site shows
    publish.py    all of these over a whole site
    plain.py      a formula as a line of text
    locate.py     the line of a Markdown source that a formula stands on
"""
