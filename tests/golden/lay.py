"""Lays a golden ledger: `python tests/golden/lay.py OUT.sql`, run by the earnd that it is to be of.

A ledger of the past is made by the program of the past, not by what we believe it did. So this is
run in a checkout of that time, with its own steps in place:

    git worktree add /tmp/old REVISION
    ln -s ../migrations /tmp/old/earnd/migrations
    cd /tmp/old && PYTHONPATH=. python .../tests/golden/lay.py .../tests/golden/ledgers/0004.sql

Practice days through the whole cycle come first, with a lost reply, interest and changing rates;
then, step by step, what those days do not bring: every state, every kind of record, a product that
goes. One action is left to a person, one is in each of the other open states.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from earnd.cli import demo
from earnd.cycle import run_cycle
from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence, Outcome
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import Coin, ProductId, RequestNo
from earnd.domain.plan import Hold
from earnd.domain.reason import Reason
from earnd.domain.snapshot import RecordStatus, Snapshot, SubscribeType
from earnd.ledger.book import Book
from earnd.ports import ExchangeReader
from earnd.sandbox import VirtualClock, chapters, practice_world, serve
from tests.ledger.story import Life, a_product

DAYS = 8


def main(out: Path) -> None:
    """Writes the ledger as SQL."""
    with TemporaryDirectory() as folder:
        place = demo._prepare(Path(folder).resolve())
        clock = VirtualClock(demo.BEGINS)
        with (
            serve(practice_world(clock)) as server,
            demo._daemon(place, server, demo.DemoClock(clock)) as here,
        ):
            coming = list(chapters(DAYS))
            for step in range(DAYS * 4):
                clock.advance_to(demo.BEGINS + demo.STEP * step)
                for chapter in demo._due(coming, clock.now()):
                    chapter.happens(server)
                run_cycle(here.parts, "demo")
            book = here.parts.ledger
            if not isinstance(book, Book):
                raise TypeError("the demo writes a book")
            life = Life(book, clock.now() + timedelta(minutes=5))
            _a_product_that_goes(life, here.parts.reader)
            _what_is_over(life)
            _records_of_all_kinds(life)
            _what_is_open(life)
            life.book.end_cycle(
                life.cycle_id,
                CycleEnd(life.now, CycleOutcome.FAILED_LOOK, 0, 1, "no reply: é\u200b"),
            )
        with closing(sqlite3.connect(place / "ledger.db")) as ledger:
            mark = ledger.execute("PRAGMA application_id").fetchone()[0]
            lines = [f"PRAGMA application_id = {mark};", *ledger.iterdump()]
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _a_product_that_goes(life: Life, reader: ExchangeReader) -> None:
    """Listed with its bands in one look, gone in the next."""
    seen = Snapshot(
        life.now,
        products=reader.products(),
        positions=reader.positions(),
        balances=reader.balances(),
        totals=reader.totals(),
        clock_skew_ms=-3,
    )
    more = replace(seen, products=(*seen.products, a_product("SOL")))
    life.book.record_look(life.cycle_id, more)
    life.next_cycle(minutes=5)
    life.book.record_look(life.cycle_id, replace(seen, seen_at=life.now))
    life.book.record_wallet(life.cycle_id, life.now, seen.balances)


def _what_is_over(life: Life) -> None:
    """Each way in which an action ends, more than a week before the last cycle."""
    life.settled("10.5", "SOL")
    refused = life.planned("11", "XRP")
    life.answered(
        refused,
        State.REJECTED,
        Outcome.REFUSED,
        http_status=400,
        code=80006,
        message="over the limit \u00b7 'quoted'",
        trace="t-2",
        consequence=Consequence.HOLD_PRODUCT,
    )
    dropped = life.planned("12", "ADA")
    life.answered(dropped, State.DROPPED, Outcome.NOT_SENT)
    never = life.planned("13", "DOT", Verb.REDEEM)
    life.enter(never, State.DROPPED)
    # Sent again under its number, and found.
    again = life.planned("14", "LTC")
    life.answered(again, State.UNKNOWN, Outcome.UNCLEAR)
    life.book.record_absent_look(again.action_id, life.cycle_id, life.now)
    life.next_cycle(minutes=1)
    life.answered(again, State.UNKNOWN, Outcome.SEEN, http_status=400, code=80013)
    seq = life.seen(life.record("14", "LTC", request_no=again.request_no))
    life.enter(again, State.SETTLED, record_seq=seq)
    # Written off, and then its record appeared.
    late = life.planned("15", "TRX")
    life.answered(late, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(late, State.REJECTED)
    life.next_cycle(hours=2)
    life.enter(late, State.LATE, record_seq=life.seen(life.record("15", "TRX")))
    # A person's word, either way.
    for amount, to in (("16", State.SETTLED), ("17", State.REJECTED)):
        asked = life.planned(amount, "BCH")
        life.answered(asked, State.ACCEPTED, http_status=200, code=1000, trace="t-3")
        life.enter(asked, State.NEEDS_OPERATOR)
        life.book.resolve(asked.action_id, to, life.now, because="seen on the page", who="ann")
    # What the first versions had no tables for.
    if hasattr(life, "closed"):
        life.closed()
        life.closed("/spot/v1/x", strikes=2)
    if hasattr(life, "probed"):
        life.probed()


def _records_of_all_kinds(life: Life) -> None:
    """A person's, the exchange's own, one that failed, one that said more later."""
    life.next_cycle(hours=1)
    mine = life.seen(life.record("21", "SOL", subscribe_type=SubscribeType.NORMAL))
    auto = life.seen(life.record("22", "SOL", subscribe_type=SubscribeType.AUTO))
    life.seen(life.record("23", "SOL", status=RecordStatus.FAILED))
    slow = life.record("24", "SOL", "redeem", status=RecordStatus.PENDING)
    told = life.seen(slow)
    paid = life.seen(life.record("0.00000001", "SOL", "interest"))
    life.next_cycle(minutes=5)
    number = RequestNo("99999999000000000001")
    life.seen(replace(slow, status=RecordStatus.DONE, request_no=number))
    said = (
        (mine, AttributedTo.PERSON),
        (auto, AttributedTo.AUTO_SUBSCRIBE),
        (told, AttributedTo.PERSON),
        (paid, AttributedTo.INTEREST),
    )
    owners = [Attribution(seq, owner) for seq, owner in said]
    life.book.attribute(life.cycle_id, life.now, owners)
    hold = Hold(Coin("SOL"), Reason.PAUSED, ProductId("p-SOL"), detail={"why": "é"})
    life.book.record_decisions(life.cycle_id, life.now, [], [hold, replace(hold, detail={})])


def _what_is_open(life: Life) -> None:
    """Nine days later; one of each, young, and one that waits for a person."""
    life.next_cycle(days=9)
    waits = life.planned("31", "XRP")
    life.answered(waits, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(waits, State.NEEDS_OPERATOR)
    life.planned("32", "ADA")
    life.sending(life.planned("33", "DOT"))
    life.answered(life.planned("34", "LTC"), State.UNKNOWN, Outcome.UNCLEAR, http_status=502)
    life.answered(life.planned("35", "TRX"), State.ACCEPTED, http_status=200, code=1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
