"""Total deadlines for requests: `requests` has none, and a dribbling server can hold it for ever.

One watcher thread serves all calls. It is made once, because a thread that is made per call
cannot be made when the task limit is reached, which is when it is needed.

Sockets live in real time whatever clock the daemon is given, hence `time.monotonic` here.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Call:
    """One request on its way: when it must be over, and whether a byte of it may have left."""

    def __init__(self, seconds: float) -> None:
        self.began_at = monotonic()
        self.ends_at = self.began_at + seconds
        self._lock = threading.Lock()
        self._hold: socket.socket | None = None
        self._expired = False
        self._may_have_left = False

    @property
    def expired(self) -> bool:
        """The deadline passed before the call was over."""
        return self._expired

    @property
    def may_have_left(self) -> bool:
        """False proves that the other side has not received a byte of the request."""
        return self._may_have_left

    def remaining(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.ends_at - monotonic())

    def elapsed_ms(self) -> int:
        """Milliseconds since the call began."""
        return round((monotonic() - self.began_at) * 1000)

    def hold(self, sock: socket.socket) -> None:
        """Lets the deadline reach this connection; the first one only, a call has no other.

        What is kept is a duplicate of the descriptor. `ssl` takes the plain socket away when it
        wraps it, and `SSLSocket.shutdown` drops encryption before it closes the line, so that a
        thread that is sending meanwhile could send in the clear.
        """
        with self._lock:
            if self._hold is None:
                self._hold = socket.socket(fileno=os.dup(sock.fileno()))
            if self._expired:
                self._cut()

    def leave(self) -> None:
        """To be called before each write of request bytes.

        Raises `TimeoutError` if the deadline has passed: what has not left by then never does.
        """
        with self._lock:
            if self._expired or not self.remaining():
                raise TimeoutError("the deadline passed before the request left")
            self._may_have_left = True

    def expire(self) -> None:
        """Ends every read and write on the connection, from whatever thread."""
        with self._lock:
            self._expired = True
            self._cut()

    def release(self) -> None:
        """Gives the duplicate back; the connection itself belongs to others."""
        with self._lock:
            if self._hold is not None:
                self._hold.close()
                self._hold = None

    def _cut(self) -> None:
        if self._hold is not None:
            # It may never have been connected, or be closed by the other side already.
            with suppress(OSError):
                self._hold.shutdown(socket.SHUT_RDWR)


class Watcher:
    """Expires calls that are still running at their deadline."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: set[Call] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="earnd-deadline", daemon=True)
        self._thread.start()

    @contextmanager
    def call(self, seconds: float) -> Iterator[Call]:
        """A call that must be over within `seconds`."""
        call = Call(seconds)
        with self._changed:
            self._calls.add(call)
            self._changed.notify()
        try:
            yield call
        finally:
            with self._changed:
                self._calls.discard(call)
            call.release()

    def close(self) -> None:
        """Ends the thread; no call may be running."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                due = [call for call in self._calls if not call.remaining()]
                self._calls.difference_update(due)
                if not due:
                    nearest = min((call.remaining() for call in self._calls), default=None)
                    self._changed.wait(nearest)
            for call in due:
                call.expire()
