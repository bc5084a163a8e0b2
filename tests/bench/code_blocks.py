"""Testing the code blocks of the pages: our collector over plain pytest-codeblocks.

Plain pytest-codeblocks reads neither includes nor `.continues`, so the two meet on scratch pages: each program of the
real pages in one `python` block, includes expanded, what it prints in one `output` block after it. Ours runs each program
in a process of its own, forked from one that has imported torch, and compares the output; theirs runs all in its own
process and compares nothing. torch computes on one thread in both. `-p no:code_blocks` sets ours aside. The last row is
ours on the pages as they are, the checks of every fence included.
"""

from statistics import median

from _scratch import ROOT, checkout, in_turn, ratio, run, scratch, table

from codeblocks.checks import Program, checks
from codeblocks.fences import Parser

ROUNDS = 5
PLAIN = ("-p", "no:code_blocks", "--codeblocks")


def joined(root, place):
    """Write the programs of the pages in `root` as pages at `place`; the number of them."""
    parser, count = Parser(root), 0
    for file in sorted((root / "docs").rglob("*.md")):
        found, _ = checks(parser.parse(file), str(file.relative_to(root)), [])
        blocks = []
        for program in (one for one in found if isinstance(one, Program)):
            code = "".join(piece.block.code for piece in program.pieces)
            shown = "".join(piece.output.code for piece in program.pieces if piece.output)
            blocks.append(
                f"```python\n{code}```\n\n" + f'```{{.output data-tolerance="0.99"}}\n{shown}```\n' * bool(shown)
            )
        if blocks:
            count += len(blocks)
            page = place / "docs" / file.relative_to(root / "docs")
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("# Blocks\n\n" + "\n".join(blocks), "utf-8")
    return count


def main():
    with scratch() as folder:
        real, same = checkout(folder / "real", built=False), folder / "same"
        count = joined(real, same)
        config = (ROOT / "mkdocs.yml").read_text("utf-8")
        (same / "mkdocs.yml").write_text("site_name: Blocks\n" + config[config.index("\nmarkdown_extensions") :])
        (same / "pytest.ini").write_text("[pytest]\n")
        (same / "src").symlink_to(real / "src")

        def tests(root, *options):
            return lambda: run(root, "pytest", "-q", "-p", "no:cacheprovider", "docs", *options, OMP_NUM_THREADS="1")

        found = in_turn(
            {"ours": tests(same, "--collect-only"), "theirs": tests(same, "--collect-only", *PLAIN)}, ROUNDS
        )
        runs = {"ours": tests(same), "theirs": tests(same, *PLAIN)}
        runs |= {
            "ours -n 2": tests(same, "-n", "2"),
            "theirs -n 2": tests(same, "-n", "2", *PLAIN),
            "real": tests(real),
        }
        times = in_turn(runs, ROUNDS)
    times |= {f"{name} found": column for name, column in found.items()}
    seconds = {name: median(column) for name, column in times.items()}

    def row(title, more=""):
        ours, theirs = f"ours{more}", f"theirs{more}"
        return title, seconds[ours], seconds[theirs], ratio(times[ours], times[theirs])

    table(
        f"{count} programs of the pages, tested; seconds, median of {len(times['ours'])}",
        ("", "ours", "pytest-codeblocks", "ratio"),
        row("same pages: find the blocks", " found"),
        row("same pages: run them"),
        row("same pages: run them, -n 2", " -n 2"),
        ("the real pages: run them", seconds["real"], "cannot", ""),
    )


if __name__ == "__main__":
    main()
