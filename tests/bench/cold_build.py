"""A cold build with two workers over the same with one: figures alone, and with the recipe they need.

The store is empty, or holds the trained networks and nothing else. What is drawn are the figures below, or those
named on the command line, in a scratch copy. The ratio is set against the best that two workers could do with these
jobs: half of their seconds, or the longest chain of jobs, if that takes longer. Starting the workers (each imports
torch) is not in that best.
"""

import json
import shutil
import sys
from statistics import median

from _scratch import checkout, in_turn, ratio, run, scratch, table

from press.catalog import Catalog
from press.project import Project

PAGE = "intermediate/noise_schedules"
CURVES = ("schedule_curves", "signal_to_noise", "where_time_goes", "surviving_frequencies")
FIGURES = [f"{PAGE}/{name}" for name in (*CURVES, "score_fields", "score_fields_learned")]
ROUNDS = 3


def cold(root, names, workers, kept=None):
    """A build from nothing, or from what the folder `kept` holds."""

    def build():
        shutil.rmtree(root / ".press", ignore_errors=True)
        if kept:
            shutil.copytree(kept, root / ".press")
        return run(root, "press", "build", "--workers", str(workers), *names)

    return build


def best(root, figures, recipes):
    """Least time of two workers over that of one, by the seconds that each job of the latest build took."""
    cost = {path.stem: json.loads(path.read_text("utf-8"))["seconds"] for path in _notes(root)}
    needed = {name for entry in figures for name in entry.recipes} if recipes else set()
    total = sum(cost[entry.function] for entry in figures) + sum(cost[name] for name in needed)
    chains = [cost[entry.function] + sum(cost[name] for name in entry.recipes if recipes) for entry in figures]
    return max(total / 2, *chains) / total


def _notes(root):
    return [file for room in ("Figure", "recipe") for file in (root / ".press" / "notes" / room).rglob("*.json")]


def main():
    with scratch() as folder:
        root, kept = checkout(folder / "ours", built=False), folder / "kept"
        catalog = Catalog.scan(Project(root))
        figures = [catalog[name] for name in sys.argv[1:] or FIGURES]
        names, recipes = [one.name for one in figures], sorted({name for one in figures for name in one.recipes})
        run(root, "press", "build", "assets/palette", *recipes)
        shutil.copytree(root / ".press", kept)
        rows = []
        for title, start in (("figures alone", kept), (f"and {', '.join(recipes) or 'no recipe'}", None)):
            runs = {workers: cold(root, names, workers, start) for workers in (1, 2)}
            times = in_turn(runs, ROUNDS)
            ideal = best(root, figures, recipes=start is None)
            rows.append((title, len(times[1]), median(times[1]), median(times[2]), ratio(times[2], times[1]), ideal))
    table(
        f"cold build of {len(figures)} figures, seconds (medians)",
        ("from an empty store", "times", "1 worker", "2 workers", "2 / 1", "at best"),
        *rows,
    )


if __name__ == "__main__":
    main()
