"""What the command line reads of a ledger."""

from __future__ import annotations

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.ids import Coin
from earnd.domain.plan import Hold
from earnd.domain.reason import Reason
from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from tests.ledger.story import Life, a_look, held


def test_the_status_of_a_ledger_without_a_cycle_is_empty(life: Life) -> None:
    life.book.close()
    with open_reader(life.book.path) as reader:
        status = queries.status(reader)
    assert status.ledger["account_label"] == "main"
    assert (status.holdings, status.balances, status.open_actions) == ([], [], [])


def test_the_status_has_what_matters_as_text(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_holdings(life.cycle_id, life.now, [held("5.5", why="the total says 6")])
    life.settled()
    life.answered(life.planned(coin="BTC"), State.UNKNOWN, Outcome.UNCLEAR, code=80016)
    life.next_cycle(minutes=15)
    life.book.record_look(life.cycle_id, a_look(life.now, products=()))
    for source in (life.book, open_reader(life.book.path)):
        with source:
            status = queries.status(source)
        assert status.last_cycle is not None
        assert status.last_cycle["cycle_id"] == 2
        assert status.rates == []
        assert [row["available"] for row in status.balances] == ["250.75"]
        assert [(row["amount"], row["verified"], row["why"]) for row in status.holdings] == [
            ("5.5", 0, "the total says 6")
        ]
        assert [(row["coin"], row["state"], row["code"]) for row in status.open_actions] == [
            ("BTC", "unknown", 80016)
        ]


def test_rates_are_those_of_the_offers_that_are_listed(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    (rate,) = queries.status(life.book).rates
    assert (rate["coin"], rate["apy"], rate["minimum"]) == ("USDT", "0.05", "0.1")


def test_actions_are_listed_newest_first_and_by_coin_and_state(life: Life) -> None:
    for coin in ("A", "B", "A", "C"):
        life.settled(coin=coin)
    life.planned(coin="B")

    def ids(**wanted: str) -> list[object]:
        return [row["action_id"] for row in queries.actions(life.book, limit=9, **wanted)]

    assert ids() == [5, 4, 3, 2, 1]
    assert ids(coin="A") == [3, 1]
    assert ids(state="planned") == [5]
    assert ids(coin="B", state="settled") == [2]
    assert len(queries.actions(life.book, limit=2)) == 2


def test_an_action_can_be_told_from_its_plan_to_its_end(life: Life) -> None:
    action_id = life.settled()
    row = queries.action(life.book, action_id)
    assert row is not None
    assert (row["state"], row["attempts"], row["code"], row["trace"]) == ("settled", 1, 1000, "t-1")
    assert row["settled_at"] == row["since"]
    states = [event["to_state"] for event in queries.events(life.book, action_id)]
    assert states == ["planned", "sending", "accepted", "settled"]
    (attempt,) = queries.attempts(life.book, action_id)
    assert (attempt["outcome"], attempt["http_status"]) == ("yes", 200)
    assert queries.action(life.book, 99) is None


def test_decisions_are_those_of_the_cycle_asked_for_or_of_the_newest(life: Life) -> None:
    assert queries.decisions(life.book) == []
    life.book.record_decisions(life.cycle_id, life.now, [life.move()], [])
    life.next_cycle(minutes=15)
    holds = [Hold(Coin("A"), Reason.NOTHING_IDLE), Hold(Coin("B"), Reason.MODE_HOLD)]
    life.book.record_decisions(life.cycle_id, life.now, [], holds)
    life.next_cycle(minutes=15)
    assert [row["coin"] for row in queries.decisions(life.book)] == ["A", "B"]
    assert [row["verdict"] for row in queries.decisions(life.book, 1)] == ["subscribe"]
    assert queries.decisions(life.book, 3) == []


def test_every_value_is_text_a_whole_number_or_nothing(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_holdings(life.cycle_id, life.now, [held("0.1")])
    life.settled("0.1")
    status = queries.status(life.book)
    rows = [status.ledger, *status.holdings, *status.balances, *status.rates]
    rows += queries.actions(life.book, limit=9)
    for row in rows:
        assert all(value is None or type(value) in (str, int) for value in row.values())
