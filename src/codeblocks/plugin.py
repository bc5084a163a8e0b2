"""The pytest plugin: every Markdown file it meets becomes tests, one for each program, script and block of data.

It takes the place of pytest-codeblocks' own collector, which runs only fences that say exactly `python`, `sh` or `bash`
and says nothing of the rest. Plain `pytest` and `pytest --codeblocks` do the same.
"""

from pathlib import Path

import pytest
import pytest_codeblocks.plugin as codeblocks
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from . import output, program, shell
from .checks import Data, Excused, Program, Reviewed, Script, Twin, blocks, checks, fillings, parsed, reviewed
from .fences import Fence, parser

_updates: list[output.Rewrite] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("codeblocks")
    group.addoption("--update-outputs", action="store_true", help="write what the blocks print into the pages")
    parser.addini("codeblocks_timeout", "seconds that the blocks of one program may take together", default="300")
    parser.addini("codeblocks_reviewed", "the list of blocks that are not run, each with its reason", default="")


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.is_registered(codeblocks):
        config.pluginmanager.unregister(codeblocks)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "Page | None":
    if file_path.suffix == ".md":
        return Page.from_parent(parent, path=file_path)
    return None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gather the changes to the pages; under xdist this runs in the process that sees all the reports."""
    for name, value in report.user_properties:
        if name == "output":
            file, *rest, text = value
            _updates.append(output.Rewrite(Path(file), *rest, tuple(text)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.option.update_outputs and not hasattr(session.config, "workerinput"):
        output.apply(_updates)
        _updates.clear()


class Page(codeblocks.MarkdownFile):
    """A Markdown file. What is wrong with its fences fails as tests of its own, so that nothing else is lost."""

    def collect(self):
        root = self.config.rootpath
        name = self.path.relative_to(root).as_posix() if self.path.is_relative_to(root) else self.path.name
        found, faults = checks(parser(root).parse(self.path), name, _exceptions(self.config))
        for fault in faults:
            yield Broken.from_parent(self, name=f"fault in line {fault.line}", obj=fault)
        for check in found:
            if not isinstance(check, Excused | Twin):
                lines = [fence.opener.number for fence in blocks(check) if fence.lang != "output"]
                yield Block.from_parent(self, name=f"line {', '.join(map(str, lines))}", obj=check)


class Mistake(Exception):
    """Something to mend in a page: a message, and the file and line."""

    def __init__(self, message: str, file: Path | str, line: int, more: str = ""):
        super().__init__(message, str(file), line, more)
        self.message, self.file, self.line, self.more = message, Path(file), line, more


class _Item(codeblocks.TestBlock):
    def repr_failure(self, excinfo, style=None):
        if not isinstance(excinfo.value, Mistake):
            return pytest.Item.repr_failure(self, excinfo, style)
        mistake, root = excinfo.value, self.config.rootpath
        file = mistake.file.relative_to(root) if mistake.file.is_relative_to(root) else mistake.file
        where = f"{file.as_posix()}:{mistake.line}"
        told = f"{where}: {mistake.message}\n{mistake.more}".rstrip().replace(f"{root}/", "").split("\n")
        crash = ReprFileLocation(str(mistake.file), mistake.line, f"{where}: {mistake.message.splitlines()[0]}")
        entry = ReprEntryNative([f"{line}\n" for line in told])
        return ReprExceptionInfo(ReprTraceback([entry], None, "native"), crash)

    def reportinfo(self):
        return self.path, self.line - 1, self.name


class Broken(_Item):
    """A fault of a fence."""

    @property
    def line(self) -> int:
        return self.obj.line

    def runtest(self):
        raise Mistake(self.obj.message, self.obj.file, self.obj.line)


class Block(_Item):
    """A program, a script, or data."""

    @property
    def line(self) -> int:
        return blocks(self.obj)[0].opener.number

    def runtest(self):
        if isinstance(self.obj, Data):
            if fault := parsed(self.obj.block):
                raise Mistake(fault.message, fault.file, fault.line)
            return
        limit = float(self.config.getini("codeblocks_timeout"))
        if not isinstance(self.obj, Program):
            self._judge(self.obj, shell.run(self.obj, self.config.rootpath, limit))
            return
        for text, one in fillings(self.obj):
            if text and self.config.option.update_outputs:
                break  # what else fits a gap is compared, not written
            try:
                self._judge(one, program.run(one, limit))
            except Mistake as mistake:
                said = f"with {text} in the gap: " if text else ""
                raise Mistake(f"{said}{mistake.message}", mistake.file, mistake.line, mistake.more) from None

    def _judge(self, check: Program | Script, outcome: program.Run) -> None:
        """Whether each block printed what the page shows, and none failed."""
        pieces = check.pieces if isinstance(check, Program) else [check]
        for piece, printed in zip(pieces, outcome.printed, strict=False):
            if outcome.failure and piece is pieces[-1] and not isinstance(check, Program):
                break
            self._compare(piece.block, piece.output, printed)
        if outcome.failure:
            raise Mistake(outcome.failure, outcome.file, outcome.line, outcome.trace)

    def _compare(self, block: Fence, shown: Fence | None, printed: str) -> None:
        """Whether a block printed what the page shows."""
        if block.lang == "pycon":
            return self._compare_examples(block, printed)
        if shown is None:
            if not printed.strip() or not isinstance(self.obj, Program):
                return None
            message = "this block prints, but the page does not show what; add an ```output fence"
            where, more, change = block.opener, printed, lambda: output.insertion(block, printed)
        elif difference := output.difference(shown.code, printed, output.tolerance(shown)):
            index, message = difference
            where = shown.lines[index] if index < len(shown.lines) else shown.closer
            more, change = f"\nprinted was\n{printed}", lambda: output.rewrite(shown, printed)
        else:
            return None
        if not self.config.option.update_outputs:
            raise Mistake(
                message, where.file, where.number, more + "\n`pytest --update-outputs` writes it into the page"
            )
        try:
            one = change()
        except ValueError as error:
            raise Mistake(str(error), where.file, where.number) from None
        self.user_properties.append(("output", (str(one.file), one.first, one.end, list(one.text))))
        return None

    def _compare_examples(self, block: Fence, printed: str) -> None:
        wanted = [(example, lines) for example, lines in program.examples(block)]
        text = "".join(example.want for example, _ in wanted)
        if difference := output.difference(text, printed):
            answers = [line for line in block.lines if not line.text.startswith((">>>", "...")) and line.text.strip()]
            line = answers[min(difference[0], len(answers) - 1)] if answers else block.opener
            raise Mistake(difference[1], line.file, line.number)


def _exceptions(config: pytest.Config) -> list[Reviewed]:
    name = config.getini("codeblocks_reviewed")
    return reviewed(config.rootpath / name) if name else []
