"""Run the Python blocks that continue one another as one real program.

The program is the `__main__` module of a process of its own, forked from one that has imported torch already. So blocks
may pickle, spawn, exit or hang without harm to others. Each code object carries the file and the line it was written on,
and `inspect` and tracebacks find the source there.
"""

import ast
import doctest
import faulthandler
import linecache
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from types import ModuleType

from manuscript.lines import Line

from .checks import Piece, Program
from .fences import Fence

PRELOAD = ["torch", "numpy", "matplotlib.pyplot", "diffusion_ladder", "codeblocks.program"]
HANG = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
FUTURE = sum(
    getattr(__import__("__future__"), name).compiler_flag for name in __import__("__future__").all_feature_names
)


@dataclass(frozen=True)
class Run:
    """How a program went.

    Attributes:
        printed: what each block printed, as far as the program came.
        failure: what went wrong, or "".
        file: where in the pages; `line` counts from 1.
        trace: the traceback, and what was written to the standard error.
    """

    printed: list[str]
    failure: str = ""
    file: str = ""
    line: int = 0
    trace: str = ""


def run(program: Program, limit: float) -> Run:
    """Run a program in a process and a folder of its own, `limit` seconds at most."""
    with tempfile.TemporaryDirectory(prefix="codeblocks-") as name:
        folder = Path(name)
        ours, theirs = clean_process().Pipe(duplex=False)
        process = clean_process().Process(target=_child, args=(program, folder, limit, theirs), daemon=False)
        process.start()
        theirs.close()
        with ours:
            try:
                outcome = ours.recv() if ours.poll(limit + 10) else None
            except EOFError:
                outcome = None
        process.join(0.5 if outcome else 5)
        _end_group(process.pid)
        process.join()
        return outcome or _silent(program, folder, process.exitcode, limit)


@cache
def clean_process():
    """A clean process forks one child for each program; it has imported what is slow to import."""
    os.environ.setdefault("MPLBACKEND", "agg")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context


def _end_group(pid: int) -> None:
    """End what a program left running."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _silent(program: Program, folder: Path, code: int, limit: float) -> Run:
    """A program that ended without a word: it hung, crashed, or left by the back door."""
    text = (folder / "fault").read_text("utf-8", "replace") if (folder / "fault").is_file() else ""
    files = {str(line.file) for piece in program.pieces for line in piece.block.lines}
    places = [match for match in HANG.finditer(text) if match["file"] in files]
    file, line = (places[0]["file"], int(places[0]["line"])) if places else map(str, program.pieces[0].block.place)
    if "Timeout" in text:
        failure = f"still running after {limit:g} seconds; this is where it was"
    elif "os._exit" in text:
        failure = "the block left with os._exit, and what follows never ran"
    else:
        failure = f"the process ended here, with exit code {code}"
    return Run([], failure, str(file), int(line), text)


def _child(program: Program, folder: Path, limit: float, pipe) -> None:
    """In the new process: be a program that was just started, run, tell."""
    os.setsid()
    os.chdir(folder)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # several programs at once would fight over the cores
    fault = open(folder / "fault", "w")  # noqa: SIM115, it must outlive the program
    faulthandler.enable(fault)
    faulthandler.dump_traceback_later(limit, exit=True, file=fault)
    leave = os._exit

    def exit_quietly(code):
        fault.write("os._exit\n")
        traceback.print_stack(file=fault)
        fault.flush()
        leave(code)

    os._exit = exit_quietly
    with open(os.devnull) as nothing, open(folder / "stdout", "ab") as out, open(folder / "stderr", "ab") as err:
        for target, source in ((0, nothing), (1, out), (2, err)):
            os.dup2(source.fileno(), target)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)
    outcome = _execute(program, folder)
    os._exit = leave
    pipe.send(outcome)
    pipe.close()


def _execute(program: Program, folder: Path) -> Run:
    script = folder / "program.py"
    script.write_text("".join(piece.block.code for piece in program.pieces if piece.block.lang != "pycon"), "utf-8")
    show_sources([line for piece in program.pieces for line in _code(piece.block)])
    module = ModuleType("__main__")
    module.__file__ = str(script)
    sys.modules["__main__"] = module
    sys.argv = [str(script)]
    sys.path.insert(0, str(folder))
    printed: list[str] = []
    flags = 0
    for piece in program.pieces:
        before = os.fstat(1).st_size
        try:
            flags = run_piece(piece, module, flags)
        except BaseException as error:  # a block may raise anything, SystemExit included
            return _failed(program, piece, error, printed)
        sys.stdout.flush()
        with open(folder / "stdout", "rb") as file:
            file.seek(before)
            printed.append(file.read().decode("utf-8", "replace"))
    return Run(printed)


def run_piece(piece: Piece, module: ModuleType, flags: int) -> int:
    """Execute one block; returns the `__future__` features that it and those before it asked for."""
    if piece.block.lang == "pycon":
        for _, lines in examples(piece.block):
            tree = ast.Interactive(_parsed("\n".join(line.text for line in lines), lines).body)
            exec(compile(tree, str(lines[0].file), "single", flags, True), module.__dict__)
            sys.stdout.flush()
        return flags
    for file, body in _by_file(_parsed(piece.block.code, piece.block.lines).body, piece.block.lines):
        code = compile(ast.Module(body, type_ignores=[]), str(file), "exec", flags, True)
        flags |= code.co_flags & FUTURE
        exec(code, module.__dict__)
    return flags


def examples(block: Fence) -> Iterator[tuple[doctest.Example, list[Line]]]:
    """The examples of a `>>>` block, each with the lines of its source, prompts taken off."""
    for example in doctest.DocTestParser().get_examples(block.code):
        count = example.source.count("\n")
        lines = block.lines[example.lineno : example.lineno + count]
        yield (
            example,
            [Line(text, line.file, line.number) for text, line in zip(example.source.split("\n"), lines, strict=False)],
        )


def _code(block: Fence) -> Sequence[Line]:
    """The lines of a block that are code."""
    return [line for _, lines in examples(block) for line in lines] if block.lang == "pycon" else block.lines


def _parsed(code: str, lines: Sequence[Line]) -> ast.Module:
    """The syntax tree, each node on the line it was written on; it may hold the lines of several files."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        line = lines[min(error.lineno or 1, len(lines)) - 1]
        error.filename, error.lineno, error.end_lineno = str(line.file), line.number, line.number
        raise
    for statement in tree.body:
        statement._file = lines[statement.lineno - 1].file
        numbers, number = [], lines[statement.lineno - 1].number
        for line in lines:  # a line from another file counts as the one before it
            number = line.number if line.file == statement._file else number
            numbers.append(number)
        for node in ast.walk(statement):
            if hasattr(node, "lineno"):
                node.lineno = numbers[min(node.lineno, len(numbers)) - 1]
                node.end_lineno = max(node.lineno, numbers[min(node.end_lineno, len(numbers)) - 1])
                if node.end_lineno == node.lineno and node.end_col_offset < node.col_offset:
                    node.end_col_offset = node.col_offset
    return tree


def _by_file(body: list[ast.stmt], lines: Sequence[Line]) -> Iterator[tuple[Path, list[ast.stmt]]]:
    for file, statements in groupby(body, key=lambda statement: statement._file):
        yield file, list(statements)


def show_sources(lines: Sequence[Line]) -> None:
    """Let `inspect` and tracebacks see the program's own lines, and nothing else, in the files they come from."""
    by_file: dict[Path, dict[int, str]] = {}
    for line in lines:
        by_file.setdefault(line.file, {})[line.number] = line.text
    for file, texts in by_file.items():
        source = [f"{texts.get(number, '')}\n" for number in range(1, max(texts) + 1)]
        linecache.cache[str(file)] = (sum(map(len, source)), None, source, str(file))


def _failed(program: Program, piece: Piece, error: BaseException, printed: list[str]) -> Run:
    """The failure, placed at the innermost line that stands on a page."""
    sys.stdout.flush()
    files = {str(line.file) for one in program.pieces for line in one.block.lines}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    ours = [frame for frame in frames if frame.filename in files]
    place = (ours[-1].filename, ours[-1].lineno) if ours else tuple(map(str, piece.block.place))
    if isinstance(error, SyntaxError) and error.filename in files:
        place = (error.filename, error.lineno)
    message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        message = f"SyntaxError: {error.msg}"
    if isinstance(error, SystemExit):
        message = f"the block exits (SystemExit: {error.code}), and what follows would never run"
    error.__traceback__ = _without_ours(error.__traceback__)
    trace = "".join(traceback.format_exception(error))
    with open("stderr", encoding="utf-8", errors="replace") as file:
        said = file.read()
    return Run(printed, message, str(place[0]), int(place[1]), trace + (f"\nstandard error:\n{said}" if said else ""))


def _without_ours(trace):
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
