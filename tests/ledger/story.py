"""A short life in a ledger, told in small steps."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.answer import Answer, Outcome
from earnd.domain.capability import Capability
from earnd.domain.closure import Closing, Closure, Instant
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RecordId
from earnd.domain.money import Rate
from earnd.domain.payment import Payment
from earnd.domain.plan import Move
from earnd.domain.product import Product, Tier
from earnd.domain.promise import RULES, Basis, Bounds, Promise
from earnd.domain.reason import Reason
from earnd.domain.regime import Regime
from earnd.domain.snapshot import Balance, Position, Record, RecordKind, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import Opening
from earnd.domain.walletflow import (
    CoinAccount,
    Flow,
    FlowKind,
    FlowOwner,
    Gap,
    Switch,
    WalletAccount,
)
from earnd.ledger.book import Book
from earnd.ledger.engine import RunStart, open_writer

NOON = datetime(2026, 11, 22, 12, 0, 0, 0, UTC)


def opened(path: Path, **changes: Any) -> Book:
    """A ledger of a practice account, with whatever is to be different."""
    run = RunStart(
        changes.pop("prefix", "12345678"),
        changes.pop("started_at", NOON),
        changes.pop("version", "0.1.0"),
        "digest",
    )
    wanted = {"mode": "live", "account_label": "main", "patience_ms": 50, **changes}
    return open_writer(path, run=run, **wanted)


@dataclass
class Life:
    """A book, a moment, and the small steps that stories are made of."""

    book: Book
    now: datetime = NOON
    cycle_id: CycleId = field(init=False)
    records_made: int = 0

    def __post_init__(self) -> None:
        self.cycle_id = self.book.begin_cycle(self.now, trigger="once")

    def later(self, **span: float) -> datetime:
        """Time passes."""
        self.now += timedelta(**span)
        return self.now

    def next_cycle(self, **span: float) -> CycleId:
        """The cycle ends, time passes, another begins."""
        self.book.end_cycle(self.cycle_id, CycleEnd(self.now, CycleOutcome.DONE, 0, 0))
        self.later(**span)
        self.cycle_id = self.book.begin_cycle(self.now, trigger="schedule")
        return self.cycle_id

    def move(
        self,
        amount: str = "100.5",
        coin: str = "USDT",
        verb: Verb = Verb.SUBSCRIBE,
        reason: Reason = Reason.BEST_BAND,
    ) -> Move:
        """What a strategy might want."""
        earn_id = EarnId(f"e-{coin}") if verb is Verb.REDEEM else None
        return Move(
            verb,
            Coin(coin),
            ProductId(f"p-{coin}"),
            Decimal(amount),
            reason,
            earn_id,
            {"apy": "0.05"},
        )

    def planned(
        self,
        amount: str = "100.5",
        coin: str = "USDT",
        verb: Verb = Verb.SUBSCRIBE,
        reason: Reason = Reason.BEST_BAND,
    ) -> RecordedAction:
        """An action in its first state."""
        baseline = Baseline(self.book.known_upto(), Decimal(1000), None)
        move = self.move(amount, coin, verb, reason)
        return self.book.plan_action(self.cycle_id, self.now, move, baseline)

    def sending(self, action: RecordedAction) -> int:
        """Its request is about to leave."""
        return self.book.begin_attempt(action.action_id, self.now, f"POST /x {action.request_no}")

    def answer(self, outcome: Outcome = Outcome.YES, **fields: Any) -> Answer:
        """What came back."""
        return Answer(outcome, self.now, 120, "as received", **fields)

    def answered(
        self, action: RecordedAction, to: State, outcome: Outcome = Outcome.YES, **fields: Any
    ) -> None:
        """Sent once, and answered."""
        attempt = self.sending(action)
        self.book.end_attempt(action.action_id, attempt, self.answer(outcome, **fields), to)

    def record(
        self, amount: str = "100.5", coin: str = "USDT", kind: str = "subscribe", **fields: Any
    ) -> Record:
        """A row of the exchange's history."""
        self.records_made += 1
        return Record(
            record_id=RecordId(fields.pop("record_id", f"r{self.records_made}")),
            kind=RecordKind(kind),
            product_id=ProductId(f"p-{coin}"),
            coin=Coin(coin),
            amount=Decimal(amount),
            at=fields.pop("at", self.now),
            **fields,
        )

    def closed(
        self, endpoint: str = "*", closing: Closing = Closing.BAN, strikes: int = 1
    ) -> Closure:
        """The exchange wants silence for a quarter of an hour."""
        at = Instant(self.now, "monday", self.now - NOON)
        closure = Closure(endpoint, closing, at, timedelta(minutes=15), strikes)
        self.book.record_closure(closure)
        return closure

    def probed(self) -> ActionId:
        """What the exchange showed, and a probe that was sent once more."""
        shown = {Capability.TOTALS: "yes"}
        self.book.record_capabilities(self.cycle_id, self.now, shown)
        probe = self.settled("1", "ETH", reason=Reason.PROBE)
        ((request,),) = self.sql("SELECT request FROM attempt WHERE action_id = ?", probe)
        n = self.book.begin_probe(probe, self.now, request)
        self.book.end_probe(probe, n, self.answer(Outcome.SEEN))
        return probe

    def walleted(self) -> None:
        """The wallet is held against the records; a flow is booked, and something stays open."""
        coin, upto = Coin("USDT"), self.book.known_upto()
        gap = Gap(self.now, self.now, Decimal("-2.5"))
        account = WalletAccount(self.now, upto, 0, {coin: CoinAccount(Decimal(9), (gap,))}, {})
        first = Flow(coin, self.now, self.now, Decimal(9), FlowKind.OPENING, FlowOwner.OPENING)
        switch = Switch(coin, 1, InterestPaid.PRODUCT)
        self.book.keep_wallet(self.cycle_id, account, [first], [switch])

    def paid(
        self, amount: str, *, promised: str, low: str | None = None, basis: Basis = Basis.STEADY
    ) -> int:
        """Interest comes, and it is known what was promised; answers the record's place."""
        seq = self.seen(self.record(amount, kind="interest"))
        end = self.now.replace(minute=0)
        bounds = Bounds(
            Decimal(low or promised), Decimal(promised), Decimal(promised), Decimal(promised)
        )
        payment = Payment(seq, self.now, Decimal(amount), timedelta(days=1))
        promise = Promise(
            payment,
            end - timedelta(days=1),
            end,
            Decimal(100),
            Decimal(100),
            basis,
            dict.fromkeys(RULES, bounds),
        )
        self.book.record_interest(self.cycle_id, self.now, {seq: (promise, RULES[0])}, [])
        return seq

    def pays(self, **found: Any) -> Regime:
        """It turns out how the product pays."""
        regime = Regime(ProductId("p-USDT"), Coin("USDT"), **found)
        self.book.record_interest(self.cycle_id, self.now, {}, [regime])
        return regime

    def lost(self) -> None:
        """A record is gone, and a person has said what was held before the first."""
        seq = self.seen(self.record("4"))
        self.book.record_gone(self.cycle_id, self.now, gone_now=[seq], back=[])
        word = Opening(ProductId("p-OLD"), Coin("OLD"), Decimal(5), "ann")
        self.book.open_with(self.now, word, because="the app shows it")

    def seen(self, *records: Record) -> int:
        """The records turn up in the exchange's history; answers the last one's place."""
        for record in records:
            self.book.record_history(self.cycle_id, self.now, record.kind, [record])
        return self.book.known_upto()

    def settled(
        self, amount: str = "100.5", coin: str = "USDT", reason: Reason = Reason.BEST_BAND
    ) -> ActionId:
        """A move from its plan to its proof."""
        action = self.planned(amount, coin, reason=reason)
        self.answered(action, State.ACCEPTED, http_status=200, code=1000, trace="t-1")
        seq = self.seen(self.record(amount, coin))
        self.enter(action, State.SETTLED, record_seq=seq)
        return action.action_id

    def enter(self, action: RecordedAction, to: State, **more: Any) -> None:
        """One step further."""
        self.book.enter(action.action_id, to, self.now, {}, cycle_id=self.cycle_id, **more)

    def state(self, action_id: int) -> str:
        """As the view says."""
        row = self.sql("SELECT state FROM action_now WHERE action_id = ?", action_id)
        return str(row[0][0])

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What an auditor would get."""
        auditor = sqlite3.connect(f"{self.book.path.as_uri()}?mode=ro", uri=True)
        try:
            return auditor.execute(statement, values).fetchall()
        finally:
            auditor.close()


@dataclass(frozen=True)
class Held:
    """What the ledger keeps of a holding."""

    coin: Coin
    product_id: ProductId
    earn_id: EarnId | None
    amount: Decimal
    verified: bool = True
    why: str = ""


def held(amount: str, coin: str = "USDT", why: str = "") -> Held:
    """A holding, in doubt if there is a `why`."""
    position = EarnId(f"e-{coin}")
    return Held(Coin(coin), ProductId(f"p-{coin}"), position, Decimal(amount), not why, why)


def a_product(coin: str = "USDT", percent: str = "5.00%", **changes: Any) -> Product:
    """An offer of two bands."""
    fields: dict[str, Any] = {
        "product_id": ProductId(f"p-{coin}"),
        "coin": Coin(coin),
        "rate": Rate.from_percent(percent),
        "additional_rate": Rate.from_percent("0.5%"),
        "minimum": Decimal("0.1"),
        "maximum": Decimal(100000),
        "tiers": (
            Tier(Decimal(0), Decimal(1000), Rate.from_percent("10%")),
            Tier(Decimal(1000), Decimal(100000), Rate.from_percent(percent)),
        ),
        "has_tiers": True,
        "tag": "hot",
    }
    return Product(**{**fields, **changes})


def a_position(coin: str = "USDT", profit: str = "1.5") -> Position:
    """A position in that offer."""
    return Position(
        EarnId(f"e-{coin}"),
        ProductId(f"p-{coin}"),
        Coin(coin),
        Rate.from_percent("5%"),
        Rate.from_percent("0%"),
        Decimal(profit),
        auto_subscribe=False,
    )


def a_wallet(**available: str) -> dict[Coin, Balance]:
    """What lies idle, by coin."""
    return {
        Coin(coin): Balance(Coin(coin), Decimal(amount), Decimal(0))
        for coin, amount in available.items()
    }


def a_look(at: datetime, **changes: Any) -> Snapshot:
    """One product, one position, one coin."""
    fields: dict[str, Any] = {
        "products": (a_product(),),
        "positions": (a_position(),),
        "balances": a_wallet(USDT="250.75"),
        "totals": {Coin("USDT"): Decimal(5)},
        "clock_skew_ms": -12,
    }
    return Snapshot(at, **{**fields, **changes})
