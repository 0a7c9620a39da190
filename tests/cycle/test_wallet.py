"""Every change of the wallet has an owner, in every world, and the sum is exact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.domain.balancing import Verdict, statement
from earnd.ledger import balancing
from earnd.ledger.engine import open_reader
from earnd.sandbox import Settings
from earnd.sandbox.wallet import Kind
from tests.support.practice import Practice, flexible, practice

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

WORLDS = {
    "as documented": Settings(),
    "with numbers and states": Settings(records_with_request_no=True, record_status="SUCCESS"),
    "records lag": Settings(record_lag=25 * MINUTE),
    "records lag for hours": Settings(record_lag=3 * HOUR, interest_every="hour"),
    "redeemed money takes its time": Settings(redeem_takes=40 * MINUTE),
    "both are slow, oldest first": Settings(
        record_lag=12 * MINUTE, redeem_takes=50 * MINUTE, records_newest_first=False
    ),
    "interest into the product": Settings(interest_paid="product", interest_every="hour"),
    "interest into the product, and slow": Settings(
        interest_paid="product", record_lag=20 * MINUTE, payout_delay=7 * MINUTE
    ),
    "interest into the product, and no total": Settings(
        interest_paid="product", total_shape="absent"
    ),
    "amounts in the positions, and no total": Settings(
        positions_with_amount=True, total_shape="absent", interest_every="hour"
    ),
}


@contextmanager
def opened(directory: Path, settings: Settings) -> Iterator[Practice]:
    """An account with two products and a first look."""
    offers = (flexible("1001", "0.05"), flexible("1002", "0.03"))
    with practice(directory, *offers, settings=settings) as account:
        account.coins = "USDT: {reserve: 100, min_move: 1, min_apy: 1%}"
        account.cycle()
        yield account


def later(account: Practice, *gaps: timedelta) -> None:
    """Cycles, so far apart."""
    for gap in gaps:
        account.clock.advance(gap)
        account.cycle()


def quiet(account: Practice) -> None:
    """Nobody does anything, until nothing can be on its way; the last payment is hours ago."""
    account.coins = "USDT: {mode: hold}"
    later(account, *([2 * HOUR] * 3))
    for product in account.books.products():
        account.books.change_product(product.product_id, apy=Decimal(0), tiers=())
    later(account, *([7 * HOUR] * 8))


def booked(account: Practice, coin: str = "USDT") -> Decimal:
    """All flows but the opening."""
    rows = account.sql(
        f"SELECT direction, amount FROM wallet_flow WHERE kind <> 'opening' AND coin = '{coin}'"  # noqa: S608 - a test's own word
    )
    return sum((Decimal(a) if d == "in" else -Decimal(a) for d, a in rows), Decimal(0))


def people(account: Practice, coin: str = "USDT") -> Decimal:
    """What people brought and took since the first look, by the exchange's own journal."""
    moves = {Kind.DEPOSIT, Kind.WITHDRAW}
    entries = [e for e in account.books.journal() if e.kind in moves and e.coin == coin]
    first = Decimal(1000) if coin == "USDT" else Decimal(0)
    return sum((entry.available for entry in entries), -first)


def verdicts(account: Practice) -> dict[str, Verdict]:
    """Of each coin."""
    with open_reader(account.ledger) as reader, reader.reading() as connection:
        _, facts = balancing.facts(connection)
    return {coin: statement(each).verdict for coin, each in facts.items()}


def everybody_moves(account: Practice) -> None:
    """Every kind of foreign move, some of them in one look."""
    books = account.books
    books.deposit("USDT", "500.12345678")
    later(account, 20 * MINUTE, 30 * MINUTE)
    books.subscribe_by_hand("1002", "50.5")
    later(account, HOUR)
    books.redeem_by_hand("1002", "20.25")
    books.withdraw("USDT", "13.37")
    later(account, 10 * MINUTE, 2 * HOUR)
    books.freeze("USDT", "7")
    later(account, HOUR)
    books.withdraw("USDT", "40")
    books.deposit("BTC", "0.00123456")
    later(account, 3 * HOUR)
    books.unfreeze("USDT", "7")
    books.set_auto(True, "1002")
    books.deposit("USDT", "33.3")
    later(account, 5 * HOUR, 20 * HOUR)
    books.set_auto(False, "1002")
    books.deposit("USDT", "5")
    books.redeem_by_hand("1001", "100")
    later(account, 15 * MINUTE, 45 * MINUTE, 4 * HOUR)


@pytest.mark.parametrize("settings", WORLDS.values(), ids=WORLDS)
def test_every_change_of_the_wallet_has_an_owner_and_the_sum_is_exact(
    tmp_path: Path, settings: Settings
) -> None:
    """I9, I16, X21, X22, X27."""
    with opened(tmp_path, settings) as account:
        everybody_moves(account)
        quiet(account)

        assert account.sql("SELECT * FROM wallet_open_now") == []
        assert verdicts(account) == {"BTC": Verdict.BALANCED, "USDT": Verdict.BALANCED}
        assert booked(account) == people(account)
        assert booked(account, "BTC") == people(account, "BTC")
        assert account.findings() == {}
        records = account.sql(
            "SELECT count(*), count(w.record_seq) FROM record_seen"
            " LEFT JOIN attribution AS w USING (record_seq)"
        )
        assert records[0][0] == records[0][1] == len(account.books.records())
        owners = dict(
            account.sql(
                "SELECT kind, group_concat(DISTINCT attributed_to) FROM movement"
                " WHERE record_id IS NULL GROUP BY kind"
            )
        )
        assert set(owners) <= {"deposit", "withdrawal", "trade", "correction"}
        assert set(owners.values()) == {"person"}


def test_one_coin_for_another_is_a_trade(tmp_path: Path) -> None:
    with opened(tmp_path, Settings()) as account:
        account.books.withdraw("USDT", "40")
        account.books.deposit("BTC", "0.001")
        later(account, HOUR, 2 * HOUR)

        assert account.sql(
            "SELECT coin, direction, amount, kind FROM movement"
            " WHERE record_id IS NULL ORDER BY coin"
        ) == [
            ("BTC", "in", "0.001", "trade"),
            ("USDT", "out", "40", "trade"),
        ]


def test_each_deposit_and_withdrawal_is_booked_once_however_often_is_looked(
    tmp_path: Path,
) -> None:
    """I9: a new process for each look, as from cron."""
    with opened(tmp_path, Settings()) as account:
        account.coins = "USDT: {mode: hold}"
        account.books.deposit("USDT", "5")
        later(account, *([6 * MINUTE] * 14))
        account.books.withdraw("USDT", "7.5")
        later(account, *([6 * MINUTE] * 14))

        assert account.sql("SELECT kind, amount, attributed_to FROM wallet_flow_log") == [
            ("opening", "1000", "opening"),
            ("deposit", "5", "person"),
            ("withdrawal", "7.5", "person"),
        ]
        assert account.log.getvalue().count('"event": "wallet.moved"') == 2


def test_two_looks_within_a_millisecond_are_of_one_moment(tmp_path: Path) -> None:
    """The ledger keeps no more of a time than that, and one open change of a coin for a moment."""
    with opened(tmp_path, Settings(record_lag=25 * MINUTE)) as account:
        account.clock.advance(HOUR + timedelta(microseconds=300_068))
        account.books.deposit("USDT", "1000")
        account.cycle()
        assert account.states() == ["settled", "accepted"]
        ((looks,),) = account.sql("SELECT count(*) FROM wallet_open_now")
        assert looks == 1, "of the deposit and of what was sent right after it"

        later(account, *(HOUR,) * 3)
        flows = account.sql("SELECT direction, amount FROM wallet_flow WHERE kind <> 'opening'")
        signed = (Decimal(amount) * (1 if way == "in" else -1) for way, amount in flows)
        assert sum(signed) == 1000
        assert account.sql("SELECT * FROM wallet_open_now") == []


def test_a_withdrawal_of_what_was_redeemed_for_a_need_is_not_fought(tmp_path: Path) -> None:
    """X22: the money came home for this, and went."""
    with opened(tmp_path, Settings()) as account:
        account.coins = (
            "USDT: {reserve: 100, min_move: 1, min_apy: 1%,"
            " needs: [{amount: 300, by: '2026-05-01T16:00:00Z'}]}"
        )
        later(account, HOUR, HOUR)
        assert account.idle() >= 400
        moves = len(account.states())
        account.books.withdraw("USDT", "300")
        later(account, 3 * HOUR, HOUR, HOUR)

        assert len(account.states()) == moves, "nothing is called home to replace it"
        assert booked(account) == -300


def test_a_restored_copy_books_what_came_meanwhile_in_one(tmp_path: Path) -> None:
    """Its opening still holds, so the sum does; what is lost is when each of it came."""
    with opened(tmp_path, Settings()) as account:
        copy = account.ledger.read_bytes()
        everybody_moves(account)
        for side in ("-wal", "-shm"):
            account.ledger.with_name(account.ledger.name + side).unlink(missing_ok=True)
        account.ledger.write_bytes(copy)
        account.books.deposit("USDT", "1.5")
        quiet(account)

        assert booked(account) == people(account)
        assert verdicts(account)["USDT"] is Verdict.BALANCED


def test_a_coin_that_appears_later_opens_with_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, Settings()) as account:
        account.books.open_product(flexible("1301", coin="ETH"))
        account.books.deposit("ETH", "2")
        later(account, HOUR, 2 * HOUR)

        assert account.sql("SELECT kind, amount FROM wallet_flow WHERE coin = 'ETH'") == [
            ("deposit", "2")
        ]
