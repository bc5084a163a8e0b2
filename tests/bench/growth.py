"""How cost grows: ten times the pages and figures over the site as it is, beside plain Material's growth.

Nine copies of all pages, with their figures, snippets and places in the navigation, are added under `copy1` … `copy9`.
For the warm build and the preview the store is given the pictures of the copies, so that nothing is drawn. The cold build
draws four curves of one page, and those of its nine copies. Plain Material has the same pages, and as many more of source.
"""

import re
import shutil
from statistics import median

import yaml
from _scratch import Preview, checkout, in_turn, plain, run, scratch, table
from mkdocs.config import load_config

from press.build import Press
from press.catalog import Catalog
from press.project import Project
from press.sources import source_pages

COPIES = [f"copy{number}" for number in range(1, 10)]
PAGE, TEXT = "intermediate/noise_schedules", "docs/intermediate/noise_schedules.md"
CURVES = [
    f"{PAGE}/{name}" for name in ("schedule_curves", "signal_to_noise", "where_time_goes", "surviving_frequencies")
]
HELPERS = ("style.py", "assets.py")


def grown(root, ours):
    """The site `ours` at `root`, ten times over."""
    shutil.copytree(ours, root, symlinks=True, ignore=shutil.ignore_patterns("site", "__pycache__"))
    for copy in COPIES:
        for room, ending in (("docs", "*.md"), ("src/figures", "*.py"), ("snippets", "*.py")):
            for file in sorted((ours / room).rglob(ending)):
                if file.name not in HELPERS:
                    place = root / room / copy / file.relative_to(ours / room)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(_renamed(file.read_text("utf-8"), copy), "utf-8")
    shutil.copyfile(ours / "mkdocs.yml", root / "one.yml")
    nav = load_config(str(ours / "mkdocs.yml"), hooks=[], plugins=[]).nav
    nav += [{copy: _moved(nav, copy)} for copy in COPIES]
    (root / "mkdocs.yml").write_text(yaml.safe_dump({"INHERIT": "one.yml", "nav": nav}), "utf-8")
    _store_copies(root)
    run(root, "press", "build")
    return root


def _renamed(text, copy):
    """A page of a copy includes the copy's snippets, and finds the source one folder up."""
    text = re.sub(r'(--8<-- ")(?=\w+/\w+\.py)', rf"\1{copy}/", text)
    return re.sub(r"(\]\((?:\.\./)*)source/", r"\1../source/", text)


def _moved(nav, copy):
    """The navigation of a copy."""
    if isinstance(nav, str):
        return f"{copy}/{nav}"
    if isinstance(nav, dict):
        return {title: _moved(rest, copy) for title, rest in nav.items()}
    return [_moved(one, copy) for one in nav]


def _store_copies(root):
    """Put the pictures of the originals into the store as those of the copies."""
    press = Press(Project(root))
    for name, entry in press.catalog.figures.items():
        original = press.catalog.figures.get(name.partition("/")[2]) if name.startswith("copy") else None
        if original and (kept := press.store.get(press.task(original).key)):
            files = {suffix: press.store.read(sha) for suffix, sha in kept.files.items()}
            press.store.put(press.task(entry).key, files, kept.facts)


def with_sources(root, ours):
    """Plain Material on the same pages, those of the source included."""
    plain(root, ours)
    for uri, text in source_pages(Project(ours)).items():
        (root / "docs" / uri).parent.mkdir(parents=True, exist_ok=True)
        (root / "docs" / uri).write_text(text, "utf-8")
    if (ours / "one.yml").is_file():
        shutil.copyfile(ours / "one.yml", root / "one.yml")
    return root


def cold(root, names):
    """A build of these figures with two workers and nothing in the store."""

    def build():
        shutil.rmtree(root / ".press")
        return run(root, "press", "build", "--workers", "2", *names)

    return build


def previewed(sites):
    """Seconds from saving prose to seeing it, ours and plain in turn, first at one size and then at the other."""
    found = {}
    for ours, theirs in ((0, 2), (1, 3)):
        with Preview(sites[ours]) as our, Preview(sites[theirs]) as their:
            one = {ours: lambda p=our: p.prose(TEXT, f"{PAGE}/"), theirs: lambda p=their: p.prose(TEXT, f"{PAGE}/")}
            in_turn(one, 1)
            found |= in_turn(one, 7, patience=25)
    return dict(sorted(found.items()))


def main():
    with scratch() as folder:
        one = checkout(folder / "one")
        ten = grown(folder / "ten", one)
        sites = [one, ten, with_sources(folder / "plain one", one), with_sources(folder / "plain ten", ten)]
        pages = [len(list((root / "docs").rglob("*.md"))) for root in sites]
        figures = [len(Catalog.scan(Project(root)).figures) for root in (one, ten)]
        builds = {at: lambda root=root: run(root, "mkdocs", "build", "--quiet") for at, root in enumerate(sites)}
        in_turn(builds, 1)
        warm, prose = in_turn(builds, 5, patience=40), previewed(sites)
        copies = [f"{copy}/{name}" for copy in COPIES for name in CURVES]
        draws = in_turn({0: cold(one, CURVES), 1: cold(ten, CURVES + copies)}, 1)
    rows = []
    for title, times in (("warm build", warm), ("preview of a change of prose", prose), ("cold build", draws)):
        seconds = [median(column) for column in times.values()]
        theirs = [*seconds[2:], seconds[3] / seconds[2]] if len(seconds) == 4 else ["", "", ""]
        rows.append((title, seconds[0], seconds[1], seconds[1] / seconds[0], *theirs))
    table(
        f"growth: {pages[0]} pages and {figures[0]} figures to {pages[1]} and {figures[1]}; plain {pages[2]} to {pages[3]}",
        ("seconds (medians)", "ours 1x", "ours 10x", "10x / 1x", "plain 1x", "plain 10x", "10x / 1x"),
        *rows,
    )


if __name__ == "__main__":
    main()
