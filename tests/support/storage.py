"""A disk that fails on command, for one thread only and without any privilege.

The kernel itself refuses the system call (a seccomp filter), so that SQLite sees exactly what it
would see of a full or a broken disk. A filter can never be taken off again: it ends with its
thread, and no other thread notices it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

NUMBERS = {
    "x86_64": {"pwrite64": 18, "fsync": 74, "fdatasync": 75, "ftruncate": 77},
    "aarch64": {"pwrite64": 68, "fsync": 82, "fdatasync": 83, "ftruncate": 46},
}
"""The system calls by which SQLite and earnd write and sync, by their numbers."""

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_OFFSET_ARGUMENT = 16 + 3 * 8
"""Where a filter finds the fourth argument, low half: of `pwrite64`, the place in the file."""


@dataclass(frozen=True)
class Breakage:
    """System calls that fail from now on, and how; `pwrite64` only from a place in the file on."""

    calls: tuple[str, ...]
    error: int
    beyond: int = 0

    def __str__(self) -> str:
        return f"{errno.errorcode[self.error]}-{'+'.join(self.calls)}"


FULL = Breakage(("pwrite64",), errno.ENOSPC)
OVER_QUOTA = Breakage(("pwrite64",), errno.EDQUOT)
WRITES_FAIL = Breakage(("pwrite64",), errno.EIO)
SYNCS_FAIL = Breakage(("fdatasync", "fsync"), errno.EIO)


def strike(breakage: Breakage) -> None:
    """From here on the calling thread's disk is broken, for as long as the thread lives."""
    numbers = NUMBERS[platform.machine()]
    refuse = _REFUSE | breakage.error
    program = [(_LOAD, 0, 0, 0)]
    for call in breakage.calls:
        if call == "pwrite64":
            # if it is another call, or a place before `beyond`: on to the next rule
            program += [
                (_EQUAL, 0, 4, numbers[call]),
                (_LOAD, 0, 0, _OFFSET_ARGUMENT),
                (_AT_LEAST, 0, 1, breakage.beyond),
                (_RETURN, 0, 0, refuse),
                (_LOAD, 0, 0, 0),
            ]
        else:
            program += [(_EQUAL, 0, 1, numbers[call]), (_RETURN, 0, 0, refuse)]
    program.append((_RETURN, 0, 0, _ALLOW))
    _install(b"".join(struct.pack("HBBI", *step) for step in program))


def _install(program: bytes) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    rules = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        or libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, rules, 0, 0) != 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def on_a_disk_of_its_own(work: Callable[[], T]) -> T:
    """Does the work in a thread of its own, so that what it breaks is whole again afterwards."""
    ended: list[tuple[T | None, BaseException | None]] = []

    def run() -> None:
        try:
            ended.append((work(), None))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            ended.append((None, error))

    thread = Thread(target=run)
    thread.start()
    thread.join()
    result, error = ended[0]
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # there was no error, so there is a result


def while_broken(breakage: Breakage, work: Callable[[], T]) -> T:
    """Does the work in a thread whose disk is broken from the start."""

    def run() -> T:
        strike(breakage)
        return work()

    return on_a_disk_of_its_own(run)


def can_break() -> bool:
    """Whether this machine lets a thread break its own disk."""
    if platform.machine() not in NUMBERS:
        return False

    def attempt() -> bool:
        read, write = os.pipe()
        try:
            strike(SYNCS_FAIL)
            os.fsync(write)
        except OSError as error:
            return error.errno == errno.EIO
        finally:
            os.close(read)
            os.close(write)
        return False

    return on_a_disk_of_its_own(attempt)


class Watched:
    """A ledger that tells before and after each of its writes, and is otherwise the one given."""

    READS = frozenset(
        {
            "watermark",
            "known_upto",
            "records",
            "open_actions",
            "written_off",
            "settled_since",
            "sent_since",
            "refusals_since",
            "recent_amounts",
            "anchor",
            "anchor_trouble",
            "restored_from",
            "must_reread",
            "wallet_account",
            "wallet_news",
            "flows_since",
            "redeems_before",
        }
    )

    def __init__(
        self,
        ledger: Any,
        *,
        before: Callable[[str], object] = lambda _: None,
        after: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._ledger, self._before, self._after = ledger, before, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._ledger, name)
        if name in self.READS or not callable(found):
            return found

        def told(*arguments: Any, **named: Any) -> Any:
            self._before(name)
            answer = found(*arguments, **named)
            self._after(name)
            return answer

        return told
