"""What a later life must know beyond the actions: what the exchange showed, and what it closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from earnd.domain.action import Verb
from earnd.domain.answer import Answer
from earnd.domain.capability import Capability
from earnd.domain.closure import Closure
from earnd.domain.ids import ActionId, CycleId
from earnd.ledger import closures, learnt, reading
from earnd.ledger.sealing import Sealed


@dataclass(frozen=True, slots=True)
class Memory(Sealed):
    """The part of `earnd.ledger.book.Book` that is about the exchange and not about money."""

    def slowest_record(self, verb: Verb, since: datetime) -> timedelta:
        """The longest that a record of an action settled since then is known to have been away."""
        with self.store.reading() as connection:
            return reading.slowest_record(connection, verb, since)

    def record_capabilities(
        self, cycle_id: CycleId, at: datetime, shown: Mapping[Capability, str]
    ) -> None:
        """What the exchange has shown of itself; written where it differs from what was known."""
        before = self.capabilities()
        if all(before.get(name) == value for name, value in shown.items()):
            return
        with self.store.writing() as connection:
            learnt.record(connection, cycle_id, at, shown)

    def capabilities(self) -> Mapping[str, str]:
        """The newest word about each thing that the exchange has shown of itself."""
        with self.store.reading() as connection:
            return learnt.known(connection)

    def begin_probe(self, action_id: ActionId, at: datetime, request: str) -> int:
        """A settled probe is sent once more; durable before the wire; answers its number."""
        with self.store.writing(step=True) as connection:
            return learnt.begin_probe(connection, action_id, at, request)

    def end_probe(self, action_id: ActionId, n: int, answer: Answer) -> None:
        """What came back."""
        with self.store.writing() as connection:
            learnt.end_probe(connection, action_id, n, answer)

    def record_closure(self, closure: Closure) -> None:
        """The exchange wants silence."""
        with self.store.writing() as connection:
            closures.record(connection, self.run_id, closure)

    def closures(self) -> tuple[Closure, ...]:
        """The last word about each endpoint and kind of closing, over or not."""
        with self.store.reading() as connection:
            return closures.newest(connection)
