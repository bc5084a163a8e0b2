"""Break one coefficient at a time, in the library and in the pages' code, and report which test notices.

    make mutants                        everything, some minutes
    make mutants ONLY=samplers          one module of src/diffusion_ladder, or pages whose path holds the word

Each line shows a change and the first test that goes red. At least 95 of 100 changes must be noticed; the status says so.
"""

import argparse
import sys
from pathlib import Path

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS / "core"), str(TESTS / "pages")]

import mutation  # noqa: E402
import snippet_mutants  # noqa: E402
import test_mutants  # noqa: E402

ENOUGH = 0.95


def library(only: str):
    """(change, test that notices or "") of every change to the library."""
    for module in (name for name in mutation.MODULES if only in name):
        watchers = list(test_mutants.checks(module))
        for mutant in mutation.mutants(module):
            yield f"src/diffusion_ladder/{module}.py: {mutant}", test_mutants.killer(mutant, watchers) or ""


def pages(only: str):
    """(change, line of the page that notices or "") of every change to the code of the pages."""
    for name, program in snippet_mutants.programs():
        if only in name:
            for verdict in snippet_mutants.verdicts(name, program):
                yield str(verdict), verdict.noticed and f"{name}, {verdict.noticed}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("only", nargs="?", default="", help="a word that the module or the page holds")
    only, total, survivors = arguments.parse_args().only, 0, []
    for source in (library, pages):
        for change, noticed in source(only):
            total += 1
            if not noticed:
                survivors.append(change)
            print(
                f"{'noticed ' if noticed else 'SURVIVED'}  {change}{'  <- ' + noticed if noticed else ''}", flush=True
            )
    if not total:
        print(f"no module and no page holds {only!r}")
        return 2
    share = 1 - len(survivors) / total
    print(f"\n{total - len(survivors)} of {total} changes noticed ({share:.1%})", *survivors, sep="\n  not: ")
    return share < ENOUGH


if __name__ == "__main__":
    sys.exit(main())
