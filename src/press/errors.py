"""Errors that say where to look."""

from pathlib import Path


class PressError(Exception):
    """Something a contributor can mend, with the file and line to mend it in.

    Args:
        message: what is wrong and what to do, in one or two sentences.
        file: the file to open, if there is one.
        line: the line in it, counted from 1.
    """

    def __init__(self, message: str, file: Path | str | None = None, line: int | None = None):
        super().__init__(message, file, line)
        self.message, self.file, self.line = message, file, line

    def __str__(self) -> str:
        if self.file is None:
            return self.message
        file = Path(self.file)
        if file.is_relative_to(Path.cwd()):  # as people write it, and as editors make it a link
            file = file.relative_to(Path.cwd())
        return f"{file}:{self.line}: {self.message}" if self.line else f"{file}: {self.message}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PressError) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class PressErrors(PressError):
    """Several errors at once, so that one run shows everything there is to mend."""

    def __init__(self, errors: list[PressError]):
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def known(names) -> str:
    """The names a reader could have meant, for the end of an error message."""
    return f"known: {', '.join(sorted(names))}" if names else "there are none yet"
