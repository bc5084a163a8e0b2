"""`press finish SITE`: one pass over a rendered site, whichever generator rendered it.

    pictures.py   an image becomes a figure: both colour schemes, caption, badge, seed, source
    programs.py   a code block that continues another says so
    pipeline.py   also has `lesson.dress` say where the page stands on the ladder
    formulas.py   TeX becomes typeset HTML, its faults told by file and line
    policy.py     the page says what it may load and run
    search.py     the index holds formulas as a reader would type them

The pass changes the text of a page at the places it must and leaves every other byte as it was (html.py).
"""

from .pipeline import finish

__all__ = ["finish"]
