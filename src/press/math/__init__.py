"""TeX in finished pages becomes typeset HTML: no script in the page, one Node process for the formulas that are new.

formulas.py   the formulas of a page, and the page with them typeset
render.py     formulas to HTML and the CSS rules each needs, kept in a cache
node.py       the Node process behind it (typeset.mjs drives MathJax)
styles.py     the rules of many formulas as one style sheet (formula.css holds the site's own)
fonts.py      font files cut down to the characters a site shows
publish.py    all of these over a whole site
plain.py      a formula as a line of text (symbols.py holds the tables)
locate.py     the line of a Markdown source that a formula stands on
"""
