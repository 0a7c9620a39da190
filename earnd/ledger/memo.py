"""Answers that the ledger gave, kept until something is written in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from earnd.ledger.store import Store

T = TypeVar("T")


@dataclass(slots=True)
class Memo:
    """A cycle asks the same questions many times between two writes; each is answered once.

    `Store.moment` tells of every write, ours or a stranger's, so nothing is ever out of date.
    Only for answers that nobody can change.
    """

    _moment: tuple[int, int] = (-1, -1)
    _found: dict[Hashable, Any] = field(default_factory=dict)

    def answer(self, store: Store, key: Hashable, ask: Callable[[Connection], T]) -> T:
        """What `ask` answers at this moment of the ledger."""
        moment = store.moment()
        if moment != self._moment:
            self._found.clear()
            self._moment = moment
        if key not in self._found:
            with store.reading() as connection:
                self._found[key] = ask(connection)
        return cast(T, self._found[key])
