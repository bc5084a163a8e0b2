"""Break one coefficient of a page's code at a time, and see whether the page notices.

A page notices when one of its blocks raises, or prints something other than what the page shows. The blocks before the
change run once; for each change the process is forked, and the broken block and those after it run until one notices.
"""

import ast
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from mutation import broken

from codeblocks import output
from codeblocks.checks import Piece, Program, checks
from codeblocks.fences import parser
from codeblocks.program import clean_process, run_piece, show_sources
from manuscript.lines import Line

ROOT = Path(__file__).parents[2]
LIMIT = 120  # seconds for one change: what hangs is noticed too


@dataclass(frozen=True)
class Verdict:
    """One change to a page's code, and what noticed it."""

    page: str
    line: int  # where the broken block begins
    change: str
    noticed: str  # "" if nothing did

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.change}"


def programs() -> Iterator[tuple[str, Program]]:
    """The programs of all pages."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        name = page.relative_to(ROOT).as_posix()
        for check in checks(parser(ROOT).parse(page), name, [])[0]:
            if isinstance(check, Program):
                yield name, check


def verdicts(name: str, program: Program) -> list[Verdict]:
    """Every change that can be made to a program, with what noticed it."""
    ours, theirs = clean_process().Pipe(duplex=False)
    process = clean_process().Process(target=_walk, args=(name, program, theirs))
    process.start()
    theirs.close()
    found = ours.recv()
    process.join()
    return found


def _walk(name: str, program: Program, pipe) -> None:
    """In a process of its own: run the program block by block, and try every change of a block before running it."""
    import torch

    torch.set_num_threads(1)  # a pool of threads does not survive a fork
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        printed = Path(folder, "printed")
        sys.stdout = open(printed, "w", encoding="utf-8")  # noqa: SIM115
        module = sys.modules["__main__"] = ModuleType("__main__")
        show_sources([line for piece in program.pieces for line in piece.block.lines])
        found = []
        for index, piece in enumerate(program.pieces):
            for change, tree in broken(ast.parse(piece.block.code)):
                pieces = [_changed(piece, tree), *program.pieces[index + 1 :]]
                found.append(Verdict(name, piece.block.opener.number, change, _tried(pieces, module, Path(folder))))
            run_piece(piece, module, 0)
            sys.stdout.flush()
        pipe.send(found)
        pipe.close()


def _tried(pieces: list[Piece], module: ModuleType, folder: Path) -> str:
    """What notices, when these blocks run from here on in a copy of this process."""
    answer = folder / "answer"
    answer.write_text("")
    sys.stdout.flush()
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        return answer.read_text("utf-8") or ("the process died" if status else "")
    signal.alarm(LIMIT)
    try:
        answer.write_text(next((why for piece in pieces if (why := _notices(piece, module, folder))), ""), "utf-8")
    finally:
        os._exit(0)


def _notices(piece: Piece, module: ModuleType, folder: Path) -> str:
    said = folder / "said"
    with open(said, "w", encoding="utf-8") as sys.stdout, open(os.devnull, "w") as sys.stderr:
        try:
            run_piece(piece, module, 0)
        except BaseException as error:
            return f"line {piece.block.opener.number} raises {type(error).__name__}"
    shown = piece.output
    wrong = output.difference(
        shown.code if shown else "", said.read_text("utf-8"), output.tolerance(shown) if shown else 0
    )
    return f"line {(shown or piece.block).opener.number}: {wrong[1]}" if wrong else ""


def _changed(piece: Piece, tree: ast.Module) -> Piece:
    place = piece.block.opener
    lines = tuple(Line(text, place.file, place.number) for text in ast.unparse(tree).split("\n"))
    return Piece(replace(piece.block, lines=lines), piece.output)
