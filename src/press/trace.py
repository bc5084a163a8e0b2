"""What a run really reads: a record of opened files, kept by the interpreter itself (`sys.addaudithook`)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_records: list[set[str]] = []
_installed = False


class NoNetwork(Exception):
    """A function tried to reach the network; everything shown is computed from what the project holds."""


@contextmanager
def reads() -> Iterator[set[str]]:
    """A set that fills with the absolute paths of files opened for reading inside the block; the network is closed there."""
    global _installed
    if not _installed:
        sys.addaudithook(_hook)  # a hook can never be removed, so it is added once and sleeps outside the block
        _installed = True
    record: set[str] = set()
    _records.append(record)
    try:
        yield record
    finally:
        _records.remove(record)


def _hook(event: str, args: tuple) -> None:
    if not _records:
        return
    if event == "open":
        path, mode, flags = args
        writes = set(mode or "") & set("wax+") or (mode is None and flags & (os.O_WRONLY | os.O_RDWR))
        if isinstance(path, str | bytes | Path) and not writes:
            for record in _records:
                record.add(os.path.abspath(os.fsdecode(path)))
    elif event == "socket.connect" and isinstance(args[1], tuple):
        raise NoNetwork(f"tried to connect to {args[1][0]}")
