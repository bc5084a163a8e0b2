"""`mkdocs build` of this site, every figure in the store, over a plain Material build of the same Markdown.

The plain site has the same `mkdocs.yml` without the hooks, and the pictures lie beside its pages as files. Ours also
publishes its source, one page a file. So there are two plain sites: one has the Markdown of those pages too, one has
not. What ours does more in both cases: it checks the store, hangs pictures in two themes with captions, typesets every
formula, writes the policy. The aim is 1.1 at most.
"""

from statistics import median

from _scratch import checkout, in_turn, plain, ratio, run, scratch, table

from press.project import Project
from press.sources import source_pages

ROUNDS = 15


def main():
    with scratch() as folder:
        ours = checkout(folder / "ours")
        pages, sources = len(list((ours / "docs").rglob("*.md"))), source_pages(Project(ours))
        sites = {"ours": ours, "same": plain(folder / "same", ours), "fewer": plain(folder / "fewer", ours)}
        for uri, text in sources.items():
            place = sites["same"] / "docs" / uri
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        runs = {name: lambda root=root: run(root, "mkdocs", "build", "--quiet") for name, root in sites.items()}
        in_turn(runs, 1)  # formulas and bytecode are kept from here on
        times = in_turn(runs, ROUNDS, patience=90)
    titles = {
        "same": f"the pages and their source ({pages} + {len(sources)}), as ours",
        "fewer": f"the pages without their source ({pages})",
    }
    table(
        f"warm build: {median(times['ours']):.2f} s, median of {len(times['ours'])}; the aim is a ratio of 1.1 at most",
        ("plain Material builds", "seconds", "ours / plain"),
        *[(title, median(times[name]), ratio(times["ours"], times[name])) for name, title in titles.items()],
    )


if __name__ == "__main__":
    main()
