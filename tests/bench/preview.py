"""`mkdocs serve`: from saving a change to its being served, over plain Material's for a change of prose.

Both previews run at once on scratch copies and are edited in turn. They wait alike for the half second in which MkDocs
looks for changed files once, and for the tenth in which it waits for more. A change of code is put back before the next
one, and what it had set going is let end. The page is asked for as a browser would, so its figures are drawn first. The
change in the library touches every figure with a schedule in it, and the trained networks; counted is the time to the
first picture of the page that is looked at. The aim is 2 seconds for prose.
"""

import random
import time
from statistics import median

from _scratch import Preview, checkout, plain, ratio, scratch, table

from press.catalog import Catalog
from press.project import Project

TEXT, PAGE = "docs/intermediate/noise_schedules.md", "intermediate/noise_schedules/"
PICTURE = f"{PAGE}schedule_curves.svg"
PROSE, SNIPPET, FIGURE, LIBRARY = 9, 5, 4, 2  # how often each is changed
IN_FIGURE = "src/figures/intermediate/noise_schedules.py", '"step $t$"'
IN_LIBRARY = "src/diffusion_ladder/schedules.py", "def cosine(offset: float = 0.008)"
IN_SNIPPET = "snippets/intermediate/noise_schedules.py", "import torch"


def seen(preview, change, shown, pictures):
    """Seconds from a change of a file to the moment it is shown; afterwards the file is as it was, and all is quiet."""
    (name, old), new = change
    file = preview.root / name
    text = file.read_text("utf-8")
    if old not in text:
        raise SystemExit(f"{name} no longer holds {old!r}; choose another place to change")
    file.write_text(text.replace(old, new, 1), "utf-8")
    seconds = preview.until(shown)
    file.write_text(text, "utf-8")
    preview.until(lambda: not shown())
    for path in pictures:
        preview.get(path)
    return seconds


def drawn_again(preview, change, pictures):
    before = preview.get(PICTURE)
    return seen(preview, change, lambda: preview.get(PAGE) and preview.get(PICTURE) != before, pictures)


def snippet(preview, number):
    mark = f"# change {number}"
    return seen(preview, (IN_SNIPPET, f"import torch  {mark}"), lambda: mark.encode() in preview.get(PAGE), [])


def paused(run):
    """A run after a pause of no fixed length: files are looked at every half second."""
    time.sleep(0.5 + random.random() / 2)
    return run()


def main():
    with scratch() as folder:
        ours = checkout(folder / "ours")
        theirs = plain(folder / "plain", ours)
        pictures = [path for path, entry in Catalog.scan(Project(ours)).by_output().items() if entry.picture]
        with Preview(ours) as our, Preview(theirs) as their:
            pairs = [[paused(lambda p=p: p.prose(TEXT, PAGE)) for p in (our, their)] for _ in range(1 + PROSE)][1:]
            prose, base = map(list, zip(*pairs, strict=True))
            snippets = [paused(lambda k=k: snippet(our, k)) for k in range(SNIPPET)]
            label = [(IN_FIGURE, f'"step $t$, {k}"') for k in range(FIGURE + 1)]
            first, *figures = [paused(lambda change=change: drawn_again(our, change, pictures)) for change in label]
            offset = [(IN_LIBRARY, f"def cosine(offset: float = 0.0{k})") for k in (20, 30, 40)[:LIBRARY]]
            library = [paused(lambda change=change: drawn_again(our, change, pictures)) for change in offset]
    against = median(base)
    table(
        "preview: seconds from saving to seeing (medians), over plain Material's for prose in the same run",
        ("what is changed", "times", "seconds", "ratio"),
        ("plain Material: prose", PROSE, against, 1.0),
        ("prose (the aim is 2 s)", PROSE, median(prose), ratio(prose, base)),
        ("a snippet", SNIPPET, median(snippets), median(snippets) / against),
        ("a figure, the first one: its workers start", 1, first, first / against),
        ("a figure", FIGURE, median(figures), median(figures) / against),
        ("a library module, until the first figure is seen", LIBRARY, median(library), median(library) / against),
    )


if __name__ == "__main__":
    main()
