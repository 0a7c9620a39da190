"""What arrived at the exchange is what the ledger says was sent: same number, bytes and order.

The real cycle, the real adapter and a real ledger over real sockets, under every fault that the
practice exchange knows and every code that BitMart documents. What became of each action is then
compared with the books, which earnd never sees.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.answer import Outcome
from earnd.domain.ids import Coin
from earnd.domain.snapshot import Balance, Record
from earnd.errors import ExchangeUnavailable
from earnd.exchange.bitmart.client import REDEEM, SUBSCRIBE
from earnd.exchange.bitmart.codes import CODES
from earnd.sandbox import APPLIES, Fault, Received, serve
from tests.support.practice import KEY, Practice, flexible, practice

MINUTE = timedelta(minutes=1)
PATHS = {"subscribe": SUBSCRIBE, "redeem": REDEEM}
OPEN = {"planned", "sending", "unknown", "accepted", "needs_operator"}
DONE = {"settled", "late"}
CERTAIN = {"yes", "seen", "refused", "not_executed"}
OF_LISTINGS = {"shift_pages"}
"""It strikes later pages only, which the answer to a money request does not have."""
BALANCES_BEFORE_SENDING = 2
"""The wallet is asked for in the cycle's look, and again right before the first sending."""
QUICK = ("drop_after", "reset_before", "data_false_after", "redirect", "deliver_twice", "swap")
"""Of these one case each is in the fast suite; the rest is with the slow ones."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One row of the ledger's attempts; `outcome` is `None` where nothing was answered."""

    endpoint: str
    request_no: str
    body: bytes
    outcome: str | None


def sendings(account: Practice) -> list[Sending]:
    """Every attempt of the ledger in the order in which it was begun."""
    rows = account.sql(
        "SELECT a.verb, a.request_no, t.request, r.outcome FROM attempt t"
        " JOIN action a ON a.action_id = t.action_id"
        " LEFT JOIN attempt_answer r ON r.action_id = t.action_id AND r.attempt = t.attempt"
        " ORDER BY t.sent_at, t.action_id, t.attempt"
    )
    found = []
    for verb, request_no, request, outcome in rows:
        method, path, body = request.split(" ", 2)
        assert (method, path) == ("POST", PATHS[verb])
        found.append(Sending(verb, request_no, body.encode(), outcome))
    return found


def arrived_once(account: Practice) -> list[Received]:
    """What arrived, less the copies that the network itself made of a request."""
    kept: list[Received] = []
    copies = [f.endpoint for f in account.server.faults.struck if f.kind == "deliver_twice"]
    for received in account.server.received:
        is_copy = kept and kept[-1].body == received.body and received.endpoint in copies
        if is_copy:
            copies.remove(received.endpoint)
        else:
            kept.append(received)
    return kept


def check_wire_is_ledger(account: Practice) -> None:
    """Number, bytes and order; and a number that has its answer is never sent again."""
    ledger = sendings(account)
    left = [sending for sending in ledger if sending.outcome != "not_sent"]
    wire = arrived_once(account)
    assert [(each.endpoint, each.request_no, each.body) for each in wire] == [
        (each.endpoint, each.request_no, each.body) for each in left
    ]
    posts = [each for each in account.server.arrivals if each.method == "POST"]
    assert [each.endpoint for each in posts] == [each.endpoint for each in left]
    bodies: dict[str, bytes] = {}
    answered: set[str] = set()
    for sending in ledger:
        assert json.loads(sending.body)["requestNo"] == sending.request_no
        assert bodies.setdefault(sending.request_no, sending.body) == sending.body
        assert sending.request_no not in answered
        if sending.outcome in CERTAIN:
            answered.add(sending.request_no)


def check_truth(account: Practice) -> None:
    """No number was carried out twice, and what is over is what the books say it is."""
    made = [row.request_no for row in account.books.records() if row.by == "api"]
    assert len(set(made)) == len(made)
    for number, state in account.sql("SELECT request_no, state FROM action_now"):
        if state not in OPEN:
            assert (state in DONE) == (number in made), (number, state)
    assert None not in made


def watch_what_arrives(account: Practice) -> None:
    """What arrives was in the ledger before; a failure shows when the server is closed."""

    def written_ahead(received: Received) -> None:
        connection = sqlite3.connect(f"file:{account.ledger}?mode=ro", uri=True)
        try:
            (count,) = connection.execute(
                "SELECT count(*) FROM attempt WHERE request = ?",
                (f"POST {PATHS[received.endpoint]} {received.body.decode()}",),
            ).fetchone()
        finally:
            connection.close()
        assert count >= 1, received

    account.server.on_receive = written_ahead


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that was opened once: making its tables takes longer than a cycle."""
    directory = tmp_path_factory.mktemp("empty")
    with practice(directory) as account, account.daemon():
        pass
    return directory / "ledger.db"


Open = Callable[[str], Practice]


@pytest.fixture
def life(tmp_path: Path, empty_ledger: Path) -> Iterator[Open]:
    """An account in which the next cycle subscribes, or redeems, for the first time."""
    with _life(tmp_path, empty_ledger) as account:

        def begin(verb: str) -> Practice:
            if verb == "redeem":
                account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
                account.cycle()
                account.books.change_product("1001", apy=Decimal("0.008"))
            watch_what_arrives(account)
            return account

        yield begin


@contextmanager
def _life(directory: Path, empty: Path) -> Iterator[Practice]:
    shutil.copy(empty, directory / "ledger.db")
    with practice(directory, flexible("1001", "0.05"), flexible("1002", "0.03")) as account:
        yield account


def live_through(account: Practice, *faults: Fault, cycles: int = 5) -> None:
    """Some cycles with these faults; what the network had parked arrives after the first."""
    before = len(account.server.faults.struck)
    account.server.faults.add(*faults)
    account.cycle()
    account.server.deliver_parked()
    account.cycles(cycles - 1, apart=12 * MINUTE)
    assert len(account.server.faults.struck) > before


def of_kind(endpoint: str, kind: str) -> Fault:
    """The fault with what it cannot do without."""
    needs: dict[str, dict[str, Any]] = {
        "code": {"code": 80002},
        "malformed_field": {"path": "code", "value": None},
    }
    return Fault(endpoint, kind, **needs.get(kind, {}))


EVERY_KIND = [
    of_kind(endpoint, kind)
    for kind in APPLIES
    if kind not in OF_LISTINGS
    for endpoint in ("subscribe", "redeem")
]
TURNED_ROUND = [
    replace(fault, apply=not fault.applies) for fault in EVERY_KIND if fault.endpoint == "subscribe"
]
NOT_TRUE: list[object] = [1, "true", None, {}, [True]]
MORE = [
    *(
        Fault("subscribe", "status", status=status, apply=applied)
        for status in (500, 502, 503, 504, 520)
        for applied in (True, False)
    ),
    *(Fault("subscribe", "html", status=status, apply=True) for status in (200, 403, 503)),
    *(Fault("subscribe", "redirect", status=status) for status in (301, 302, 303, 307, 308)),
    *(Fault("subscribe", "data_value", value=value) for value in NOT_TRUE),
    *(Fault("subscribe", "code", code=80013, apply=applied) for applied in (True, False)),
    *(Fault("subscribe", "status", status=200, code=80023, apply=True) for _ in range(1)),
    Fault("subscribe", "drop_after", times=2),
    Fault("subscribe", "drop_before", times=3),
    Fault("redeem", "drop_after", times=2),
]
EVERY_CODE = [
    Fault(endpoint, "code", code=code, status=row.http_status)
    for code, row in CODES.items()
    if code != 1000
    for endpoint in ("subscribe", "redeem")
]


def named(fault: Fault) -> str:
    applied = "" if fault.apply is None else f"-{'done' if fault.apply else 'undone'}"
    detail = f"-{fault.status or ''}-{fault.code or ''}".rstrip("-")
    return f"{fault.endpoint}-{fault.kind}{detail}{applied}"


@pytest.mark.parametrize("kind", QUICK)
def test_the_wire_is_the_ledger_under_a_fault(kind: str, life: Open) -> None:
    """H7, H9, H10, H27, X1: some kinds of every sort; all of them are with the slow tests."""
    account = life("subscribe")
    live_through(account, of_kind("subscribe", kind), cycles=3)

    check_wire_is_ledger(account)
    check_truth(account)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [*EVERY_KIND, *TURNED_ROUND], ids=named)
def test_the_wire_is_the_ledger_under_every_fault_there_is(fault: Fault, life: Open) -> None:
    """H2, H6, H7, H16 to H20, H26 to H30, N2, N3, X1, X2, X9: all in the table of kinds.

    A new kind of fault is tried by being in that table.
    """
    account = life(fault.endpoint)
    live_through(account, fault)

    check_wire_is_ledger(account)
    check_truth(account)


@pytest.mark.slow
@pytest.mark.parametrize("fault", MORE, ids=named)
def test_the_wire_is_the_ledger_under_faults_of_many_shapes(fault: Fault, life: Open) -> None:
    """H10, H11, H20, H26, X1, X2, X4, X9, X10: the statuses, values and repetitions of a kind."""
    account = life(fault.endpoint)
    live_through(account, fault)

    check_wire_is_ledger(account)
    check_truth(account)


@pytest.mark.slow
@pytest.mark.parametrize("fault", EVERY_CODE, ids=named)
def test_the_wire_is_the_ledger_after_every_documented_code(fault: Fault, life: Open) -> None:
    """X5, X11 to X16: a refused number is never sent again, whatever the refusal says."""
    account = life(fault.endpoint)
    is_certain = CODES[fault.code or 0].outcome in (Outcome.REFUSED, Outcome.NOT_EXECUTED)
    live_through(account, fault, cycles=2 if is_certain else 4)

    check_wire_is_ledger(account)
    check_truth(account)


def test_a_redeem_that_was_refused_and_done_all_the_same_is_late_and_told(life: Open) -> None:
    """X5, H27: such a refusal may be the answer to a second delivery.

    Its record is of that very moment; one of a later one would be a person's.
    """
    account = life("redeem")
    live_through(account, Fault("redeem", "code", code=80002, apply=True), cycles=3)

    check_wire_is_ledger(account)
    assert account.states()[1] == "late"
    assert ("redeem", "earnd") in account.sql("SELECT kind, attributed_to FROM movement")
    assert account.held() + account.idle() == 1000
    assert list(account.findings()) == ["audit_late_action"]


@pytest.mark.slow
@pytest.mark.parametrize("lies", ["record", "wallet", "total", "earn", "product", "time"])
def test_the_wire_is_the_ledger_when_the_looks_after_a_lost_answer_fail_too(
    lies: str, life: Open
) -> None:
    """H26, X18: an answer is lost, and for an hour the looks that should tell are broken."""
    account = life("subscribe")
    account.server.faults.add(Fault("subscribe", "drop_after"))
    account.cycle(lambda parts: replace(parts, reader=_Blind(parts.reader)))
    account.server.faults.add(Fault(lies, "cut_close_framed", times=None))
    account.cycles(5, apart=12 * MINUTE)
    check_wire_is_ledger(account)
    account.server.faults.clear()
    account.cycles(5, apart=12 * MINUTE)

    check_wire_is_ledger(account)
    check_truth(account)
    assert account.states() == ["settled"]


@pytest.mark.slow
@pytest.mark.parametrize("is_done", [True, False])
def test_a_yes_that_was_said_before_settles_nothing(is_done: bool, life: Open) -> None:
    """H29, H30: the answer to the last subscribe comes once more as the answer to this one."""
    account = life("subscribe")
    account.cycle()
    account.books.deposit("USDT", "500")
    live_through(account, Fault("subscribe", "stale", apply=is_done))

    check_wire_is_ledger(account)
    check_truth(account)
    second = account.states()[1]
    assert second == "settled" if is_done else second in {"accepted", "needs_operator"}


class _Blind:
    """A reader whose history ends with the cycle's own looks: the one after the sending fails."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def balances(self) -> Mapping[Coin, Balance]:
        self._looks += 1
        found: Mapping[Coin, Balance] = self._reader.balances()
        return found

    def records(self, *asked: Any, **more: Any) -> tuple[Record, ...]:
        if self._looks >= BALANCES_BEFORE_SENDING:
            raise ExchangeUnavailable("the exchange took too long", where="a test", todo="")
        found: tuple[Record, ...] = self._reader.records(*asked, **more)
        return found


class _Departing:
    """A reader after whose wallet the exchange is gone."""

    def __init__(self, reader: Any, leave: Callable[[], None]) -> None:
        self._reader = reader
        self._leave = leave

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def balances(self) -> Mapping[Coin, Balance]:
        found: Mapping[Coin, Balance] = self._reader.balances()
        self._leave()
        return found


def test_what_never_left_never_arrived_and_the_next_request_has_another_number(
    life: Open,
) -> None:
    """H3: the exchange goes away between the last look and the sending, and comes back."""
    account = life("subscribe")
    looks = iter(range(100))
    gone = account.server

    def leave() -> None:
        if next(looks) == BALANCES_BEFORE_SENDING - 1:
            gone.close()

    account.cycle(lambda parts: replace(parts, reader=_Departing(parts.reader, leave)))
    assert [each.outcome for each in sendings(account)] == ["not_sent"]
    assert account.server.arrivals[-1].method == "GET"
    check_wire_is_ledger(account)

    with serve(account.books, keys=(KEY,), port=gone.port) as account.server:
        account.cycles(2, apart=12 * MINUTE)
        outcomes = [each.outcome for each in sendings(account)]
        assert outcomes == ["not_sent", "yes"]
        assert account.states() == ["dropped", "settled"]
        check_wire_is_ledger(account)
        check_truth(account)
