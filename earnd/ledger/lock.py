"""One writer: an advisory lock on a file beside the ledger, held until the process ends.

The lock file is never removed: whoever removes one lets a third process lock its successor while
the second still holds the first. The system lets go of the lock when its holder dies, however.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from earnd.errors import LedgerBusy, LedgerError
from earnd.ledger.refusal import Purpose, translated

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class WriterLock:
    """Held from construction to `release`, or to the end of the process.

    Raises `LedgerBusy` at once if another process (or another part of this one) holds it.
    """

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.with_name(f"{ledger.name}.lock")
        self._ledger = ledger
        self._descriptor = self._acquire()

    def _acquire(self) -> int:
        while True:
            descriptor = self._open()
            try:
                with translated(self.path, Purpose.WRITE):
                    self._lock(descriptor)
                    if _is_at(self.path, descriptor):
                        os.ftruncate(descriptor, 0)
                        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
                        return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            # Somebody removed the file between our open and our lock: lock the one that is there.
            os.close(descriptor)

    def _open(self) -> int:
        with translated(self.path, Purpose.WRITE):
            try:
                return os.open(self.path, _FLAGS, 0o600)
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
        raise LedgerError(
            "the lock file is a symbolic link",
            where=str(self.path),
            todo="Remove the link; earnd makes the lock file itself.",
        )

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise LedgerBusy(
                f"another earnd holds this ledger (process {holder or 'unknown'})",
                where=str(self._ledger),
                todo="Wait for it, or stop it: `systemctl stop earnd` if it is the service."
                " Commands that only read work meanwhile.",
            ) from None

    def is_held(self) -> bool:
        """Whether the file at the lock's path is still the one that we hold."""
        return self._descriptor >= 0 and _is_at(self.path, self._descriptor)

    def release(self) -> None:
        """Lets another process have the ledger; doing it twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        there = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))
