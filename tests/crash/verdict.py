"""The sandbox's books and the ledger, side by side, once everything is at rest.

The books know what no API tells: by which request number each record was caused. What is found to
be wrong comes back as sentences; none is the only good answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from earnd.sandbox import Record
from tests.crash.stage import LEFT, RESERVE, SMALLEST, Stage

MOST_SENDS = 4

WRITTEN_NOT_SENT = frozenset(
    {"after commit in ledger.begin_attempt", "after ledger.begin_attempt", "before writer.send"}
)
"""Who dies here has an attempt on record that never left."""


@dataclass(frozen=True, slots=True)
class Told:
    """An action as the ledger tells it, with the outcomes of its attempts (None: unanswered)."""

    number: str
    verb: str
    product_id: str
    amount: Decimal
    state: str
    attempts: tuple[str | None, ...]


def at_rest(account: Stage) -> bool:
    """Whether nothing is open, and everything that should move has moved."""
    is_open = set(account.states()) - {"settled", "rejected", "dropped", "late"}
    idle = account.idle()
    return not is_open and account.books.held(LEFT) == 0 and RESERVE <= idle < RESERVE + SMALLEST


def judged(account: Stage, unsent: Sequence[int]) -> list[str]:
    """All that is wrong with an account; `unsent` are the numbers of attempts that may not have
    left for the way its processes ended.
    """
    told = _told(account)
    return [
        *account.complaints,
        *_states(told),
        *_executions(account, told),
        *_sendings(account, told, unsent),
        *_sums(account),
    ]


def _told(account: Stage) -> dict[str, Told]:
    outcomes: dict[str, list[str | None]] = defaultdict(list)
    for number, outcome in account.sql(
        "SELECT request_no, outcome FROM attempt_log ORDER BY action_id, attempt"
    ):
        outcomes[number].append(outcome)
    rows = account.sql(
        "SELECT request_no, verb, product_id, amount, state FROM action_now ORDER BY action_id"
    )
    return {
        number: Told(number, verb, product, Decimal(amount), state, tuple(outcomes[number]))
        for number, verb, product, amount, state in rows
    }


def _states(told: dict[str, Told]) -> Iterator[str]:
    """Nobody disturbed this account, so nothing may need a person and nothing may be late."""
    for action in told.values():
        if action.state not in {"settled", "rejected", "dropped"}:
            yield f"not at its end: {action}"


def _executions(account: Stage, told: dict[str, Told]) -> Iterator[str]:
    """Settled is what was carried out once, and nothing else was carried out."""
    done: dict[str | None, list[Record]] = defaultdict(list)
    for record in account.books.records():
        if record.kind != "interest":
            done[record.request_no].append(record)
    for number, records in done.items():
        if len(records) > 1:
            yield f"{number} was carried out {len(records)} times"
        if number not in told:
            yield f"{number} was carried out and is not in the ledger"
    for action in told.values():
        records = done[action.number]
        if (action.state == "settled") != bool(records):
            yield f"{action} was carried out as {records}"
        for record in records:
            here = (action.verb, action.product_id, action.amount)
            if (record.kind, record.product_id, record.amount) != here:
                yield f"{action} was carried out as {record}"


def _sendings(account: Stage, told: dict[str, Told], unsent: Sequence[int]) -> Iterator[str]:
    """What arrived is what the ledger says was sent: as often, and with the same bytes."""
    arrived = Counter(request.request_no for request in account.arrived)
    bodies: dict[str | None, set[bytes]] = defaultdict(set)
    for request in account.arrived:
        bodies[request.request_no].add(request.body)
    for number, different in bodies.items():
        if len(different) > 1:
            yield f"{number} arrived with different bodies: {different}"
        if number not in told:
            yield f"{number} arrived and is not in the ledger"
    for action in told.values():
        if len(action.attempts) > MOST_SENDS:
            yield f"sent too often: {action}"
        if arrived[action.number] > len(action.attempts):
            yield f"{action} arrived {arrived[action.number]} times"
    missing = sum(
        sum(outcome != "not_sent" for outcome in action.attempts) - arrived[action.number]
        for action in told.values()
    )
    if missing not in unsent:
        yield f"{missing} attempts never arrived, where the deaths explain {list(unsent)}"


def _sums(account: Stage) -> Iterator[str]:
    """No coin was made or lost, every audit is empty, and the work is done."""
    if not account.books.sums("USDT").balanced:
        yield f"the books do not add up: {account.books.sums('USDT')}"
    for (audit,) in account.sql("SELECT name FROM sqlite_schema WHERE name GLOB 'audit_*'"):
        rows = account.sql(f"SELECT * FROM {audit}")  # noqa: S608 - a name out of the schema
        if rows:
            yield f"{audit}: {rows}"
    if not at_rest(account):
        yield f"not at rest: {account.states()}, {account.idle()} idle"
