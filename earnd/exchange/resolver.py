"""Names to addresses within a deadline, which `getaddrinfo` does not have."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

Address = tuple[socket.AddressFamily, Any]
"""What `socket.socket` and `connect` need: the family, and the address in the family's form."""

Lookup = Callable[..., Sequence[tuple[socket.AddressFamily, Any, int, str, Any]]]
"""The shape of `socket.getaddrinfo`."""


class Resolver:
    """Resolves one host in a thread of its own, made once.

    At most one lookup runs. A caller who finds one running waits for its result instead of
    queueing behind it, so a resolver that hangs costs each caller only the time it gave.
    """

    def __init__(self, host: str, port: int, *, lookup: Lookup = socket.getaddrinfo) -> None:
        self._host = host
        self._port = port
        self._lookup = lookup
        self._changed = threading.Condition()
        self._asked = 0
        self._answered = 0
        self._found: tuple[Address, ...] | OSError = ()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="earnd-resolver", daemon=True)
        self._thread.start()

    def addresses(self, within: float) -> tuple[Address, ...]:
        """Where the host is, in the system's order of preference.

        Raises `TimeoutError` after `within` seconds, and `socket.gaierror` as the system does.
        """
        with self._changed:
            if self._asked == self._answered:
                self._asked += 1
                self._changed.notify_all()
            ticket = self._asked
            if not self._changed.wait_for(lambda: self._answered >= ticket, timeout=within):
                raise TimeoutError("the name was not resolved in time")
            found = self._found
        if isinstance(found, OSError):
            # A new object: several callers may raise it, each with a traceback of its own.
            raise type(found)(*found.args)
        return found

    def close(self) -> None:
        """Lets the thread end after the lookup that it may be in."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._asked > self._answered)
                if self._closed:
                    return
            found = self._look()
            with self._changed:
                self._found = found
                self._answered = self._asked
                self._changed.notify_all()

    def _look(self) -> tuple[Address, ...] | OSError:
        try:
            rows = self._lookup(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            return error
        except UnicodeError:
            # What `getaddrinfo` raises for a label that is empty or too long.
            return socket.gaierror(socket.EAI_NONAME, "not a host name")
        return tuple((row[0], row[4]) for row in rows)
