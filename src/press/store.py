"""A content-addressed store: what a key became, kept as blobs named by their own hash.

    entries/<key>.json     {"digest": …, "body": {"files": {name: sha256}, "facts": {…}}}
    blobs/<sha256>         bytes
    locks/<key>.lock       held by whoever is making that key

Every file is written beside its place and renamed into it, so a reader sees a whole file or none. Every read checks the
hash; what fails the check is set aside and counts as absent, so it is made again and nothing wrong is ever served.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import PressError


@dataclass(frozen=True)
class Kept:
    """One entry: its files by name, and facts about how it was made (seconds, device)."""

    files: dict[str, str]
    facts: dict


class Store:
    """A store in `folder`, shared safely by any number of builds."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, key: str) -> Kept | None:
        """What `key` became, every byte of it checked; None if it is absent or damaged."""
        path = self._entry(key)
        try:
            entry = json.loads(path.read_text("utf-8"))
            if entry["digest"] != _digest(entry["body"]):
                raise ValueError("digest")
            kept = Kept(entry["body"]["files"], entry["body"]["facts"])
            for sha in kept.files.values():
                self.read(sha)
        except FileNotFoundError:
            if path.exists():  # the entry is whole, a blob is gone
                self._set_aside(path)
            return None
        except (ValueError, KeyError, TypeError):
            self._set_aside(path)
            return None
        return kept

    def read(self, sha: str) -> bytes:
        """The bytes of a blob.

        Raises:
            FileNotFoundError: it is not there.
            ValueError: it was damaged; it has been set aside.
        """
        path = self.blob(sha)
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha:
            self._set_aside(path)
            raise ValueError(f"blob {sha} is damaged")
        return content

    def put(self, key: str, files: dict[str, bytes], facts: dict) -> Kept:
        """Keep `files` under `key`.

        Raises:
            PressError: the disk is full or not writable; the store is as it was.
        """
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        for name, sha in hashes.items():
            if not self._whole(sha):
                write(self.blob(sha), files[name])
        body = {"files": hashes, "facts": facts}
        write(self._entry(key), json.dumps({"digest": _digest(body), "body": body}, sort_keys=True).encode())
        return Kept(hashes, facts)

    def lock(self, key: str) -> FileLock | None:
        """The right to make `key`, or None while another build holds it. The system frees it if its holder dies."""
        path = self.folder / "locks" / f"{key}.lock"
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                return None
        return lock

    def blob(self, sha: str) -> Path:
        """Where the blob of that hash lies."""
        return self.folder / "blobs" / sha[:2] / sha

    def prune(self, keep: set[str], days: float) -> tuple[int, int]:
        """Drop entries not in `keep` and older than `days`, then blobs no entry names; returns (entries, bytes) dropped."""
        dropped, size, used = 0, 0, set()
        for path in sorted((self.folder / "entries").glob("*/*.json")):
            if path.stem not in keep and time.time() - path.stat().st_mtime > days * 86400:
                path.unlink()
                dropped += 1
            elif (kept := self.get(path.stem)) is not None:
                used.update(kept.files.values())
        for path in (self.folder / "blobs").glob("*/*"):
            # a blob younger than an hour may belong to an entry that another build is about to write
            if path.name not in used and (days == 0 or time.time() - path.stat().st_mtime > 3600):
                size += path.stat().st_size
                path.unlink()
        return dropped, size

    def damaged(self) -> list[str]:
        """Keys of entries that fail their check (each is set aside as it is found)."""
        keys = [path.stem for path in sorted((self.folder / "entries").glob("*/*.json"))]
        return [key for key in keys if self.get(key) is None]

    def _entry(self, key: str) -> Path:
        return self.folder / "entries" / key[:2] / f"{key}.json"

    def _whole(self, sha: str) -> bool:
        try:
            self.read(sha)
        except (FileNotFoundError, ValueError):
            return False
        return True

    def _set_aside(self, path: Path) -> None:
        """Move a damaged file out of the way; another build may have done so already."""
        with contextlib.suppress(OSError):
            (self.folder / "damaged").mkdir(exist_ok=True)
            path.replace(self.folder / "damaged" / f"{path.name}.{time.time_ns()}")


def prune_files(folder: Path, days: float) -> int:
    """Drop the files under `folder` that are older than `days`; returns the bytes dropped."""
    size = 0
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if time.time() - path.stat().st_mtime > days * 86400:
            size += path.stat().st_size
            path.unlink()
    return size


def write(path: Path, content: bytes, lasting: bool = True) -> None:
    """Write a file so that readers see the old one or the whole new one.

    Args:
        lasting: whether it must survive a power cut the moment this returns; not what the next build makes again.

    Raises:
        PressError: the disk is full or not writable; the old file still stands.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


@contextlib.contextmanager
def _explained(path: Path):
    """Turn a failed write into words about this disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            free = shutil.disk_usage(_existing(path)).free / 2**20
            hint = f"the disk is full ({free:.0f} MiB free); make room, or run `press clean`"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "no permission to write there"
        else:
            hint = error.strerror or str(error)
        raise PressError(f"cannot write: {hint}", path) from error


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _digest(body: dict) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
