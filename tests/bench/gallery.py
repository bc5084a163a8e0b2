"""The same figures by sphinx-gallery: a script for each function, drawn cold, built warm, and after a change elsewhere.

Only figures without a trained network, one page of the site for each, on one worker. Theirs draws the light theme alone,
as PNG; ours draws both themes, each for the column and for a phone, as SVG or WebP. Both render a whole site of these
pages. The change is in `src/diffusion_ladder/schedules.py`, which the functions import and the scripts do not name.
"""

import sys
from statistics import median
from textwrap import dedent

from _scratch import checkout, in_turn, run, scratch, table

from press.catalog import Catalog
from press.project import Project

PAGE = "intermediate/noise_schedules"
LIBRARY, OLD, NEW = "src/diffusion_ladder/schedules.py", "offset: float = 0.008)", "offset: float = 0.02)"
WARM = 5
CONF = '''
    import sys
    from sphinx_gallery.scrapers import figure_rst

    sys.path.insert(0, "src")
    sys.dont_write_bytecode = True


    def drawn(block, variables, gallery):
        """Show what the script left in `fig`; no figure of ours is known to pyplot."""
        place = next(variables["image_path_iterator"])
        variables["example_globals"]["fig"].savefig(place, dpi=192)
        return figure_rst([place], gallery["src_dir"])


    project = "Gallery"
    extensions = ["sphinx_gallery.gen_gallery"]
    exclude_patterns = ["src", "docs", "scripts"]
    sphinx_gallery_conf = {
        "examples_dirs": "scripts", "gallery_dirs": "gallery", "image_scrapers": (drawn,), "reset_modules": (),
        "filename_pattern": "plot_",
    }
'''
SCRIPT = '''
    """
    {function}
    {line}

    A figure.
    """
    import numpy, random, torch
    from {module} import {function}
    from figures.style import theme

    random.seed({seed}), numpy.random.seed({seed}), torch.manual_seed({seed})
    with theme("light"):
        fig = {function}()
'''


def pruned(root):
    """A checkout with the chosen figures only, each on a page of its own; their entries."""
    entries = Catalog.scan(Project(root)).figures.values()
    chosen = [one for one in entries if one.name.startswith(f"{PAGE}/") and not one.recipes]
    for file in {one.file for one in entries}:
        lines = file.read_text("utf-8").split("\n")
        for one in (one for one in entries if one.file == file and one not in chosen and one.picture):
            lines[one.line - 1 : one.end] = [""] * (one.end - one.line + 1)
        file.write_text("\n".join(lines), "utf-8")
    for page in (root / "docs").rglob("*.md"):
        page.unlink()
    write(root / "docs/index.md", "# Home\n")
    for one in chosen:
        write(root / f"docs/{one.function}.md", f"# {one.function}\n\n![A figure]({one.outputs[0]})\n")
    config = (root / "mkdocs.yml").read_text("utf-8")
    write(root / "all.yml", config[: config.index("\nnav:")] + config[config.index("\nplugins:") :])
    write(root / "mkdocs.yml", "INHERIT: all.yml\n")
    return chosen


def scripted(root, entries):
    """The files that sphinx-gallery wants."""
    write(root / "conf.py", dedent(CONF))
    write(root / "index.rst", "Home\n====\n\n.. toctree::\n\n   gallery/index\n")
    write(root / "scripts/README.rst", "Gallery\n=======\n")
    for one in entries:
        facts = {"module": one.module, "function": one.function, "seed": one.seed or 0}
        text = SCRIPT.format(line="=" * len(one.function), **facts)
        write(root / f"scripts/plot_{one.function}.py", dedent(text).lstrip())


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def pictures(root, ending):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob(f"*{ending}")}


def main():
    with scratch() as folder:
        root = checkout(folder / "ours", built=False)
        entries = pruned(root)
        scripted(root, entries)
        builds = {
            "ours": lambda: run(root, "press", "build", "--workers", "1") + run(root, "mkdocs", "build", "--quiet"),
            "theirs": lambda: run(root, "sphinx", "-q", "-b", "html", ".", "html"),
        }
        cold, warm = in_turn(builds, 1), in_turn(builds, WARM)
        shown = {
            "ours": (root / ".press/site", "curves.svg"),
            "theirs": (root / "gallery/images", "schedule_curves_001.png"),
        }
        before = {name: pictures(*where) for name, where in shown.items()}
        text = (root / LIBRARY).read_text("utf-8")
        if OLD not in text:
            sys.exit(f"{LIBRARY} no longer holds {OLD!r}")
        write(root / LIBRARY, text.replace(OLD, NEW))
        edit = in_turn(builds, 1)
        noticed = {name: "noticed" if pictures(*where) != before[name] else "missed" for name, where in shown.items()}
    rows = [
        (title, median(times["ours"]), median(times["theirs"]), median(times["ours"]) / median(times["theirs"]))
        for title, times in (("cold build", cold), ("nothing changed", warm), ("a library module changed", edit))
    ]
    table(
        f"{len(entries)} figures, one worker, seconds: ours (two themes, each also for phones), sphinx-gallery (one picture)",
        ("", "ours", "sphinx-gallery", "ratio"),
        *rows,
        ("the change was", noticed["ours"], noticed["theirs"], ""),
    )


if __name__ == "__main__":
    main()
