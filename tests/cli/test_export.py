"""`earnd export` on real ledgers: what is in a file, that it is whole, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from beancount import loader
from beancount.core import data
from beancount.core.amount import Amount

from earnd.cycle import run_cycle
from earnd.errors import ExitCode
from earnd.parts import Parts
from earnd.sandbox import Settings
from tests.cli.conftest import Run
from tests.cli.shell import Ran
from tests.support.practice import Practice, flexible, practice

FORMATS = ("csv", "jsonl", "beancount", "rotki")
EMPTY = {
    "csv": "id,at,kind,direction,coin,amount,product_id,attributed_to,action_id,record_id\r\n",
    "rotki": "Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp\r\n",
    "jsonl": "",
}


def cycles(here: Practice, parts: Parts, count: int) -> None:
    """So many cycles, six hours apart."""
    for _ in range(count):
        run_cycle(parts, "once")
        here.clock.advance(timedelta(hours=6))


def lived(directory: Path, *, settings: Settings | None = None) -> Iterator[tuple[Practice, Parts]]:
    """Five days of an account whose owner deposits, withdraws and subscribes by hand."""
    offers = (flexible("1001"), flexible("1002", "0.03"))
    with practice(directory, *offers, settings=settings) as here, here.daemon() as life:
        cycles(here, life.parts, 8)
        here.books.deposit("USDT", "250.75")
        cycles(here, life.parts, 4)
        here.books.withdraw("USDT", "40")
        here.books.subscribe_by_hand("1002", "20")
        cycles(here, life.parts, 10)
        yield here, life.parts


@pytest.fixture(scope="module")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of such a life, made once; nobody writes to it."""
    for account, _ in lived(tmp_path_factory.mktemp("lived")):
        ledger = account.ledger
    return ledger


@pytest.fixture
def ledger(lived_once: Path, tmp_path: Path) -> Path:
    """A copy of it, away from where the test writes."""
    place = tmp_path / "kept"
    place.mkdir()
    return Path(shutil.copy(lived_once, place))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def sql(ledger: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def journal(text: str) -> list[Any]:
    entries, errors, _ = loader.load_string(text)
    assert errors == [], text
    return list(entries)


def test_every_movement_is_in_it_with_whose_doing_it_was(here: Run, ledger: Path) -> None:
    """X42. The exchange is gone by now, and the ledger is enough."""
    ran = here("export", "--ledger", ledger)

    assert (ran.code, ran.err) == (0, "")
    found = rows(ran.out)
    wanted = sql(
        ledger,
        "SELECT at, kind, coin, coalesce(product_id, ''), amount, attributed_to FROM movement",
    )
    columns = ("at", "kind", "coin", "product_id", "amount", "attributed_to")
    assert sorted(tuple(row[name] for name in columns) for row in found) == sorted(wanted)
    kinds = {(row["kind"], row["direction"], row["attributed_to"]) for row in found}
    assert kinds == {
        ("subscribe", "out", "earnd"),
        ("subscribe", "out", "person"),
        ("interest", "in", "interest"),
        ("deposit", "in", "person"),
        ("withdrawal", "out", "person"),
    }
    ids = [row["id"] for row in found]
    assert len(set(ids)) == len(ids)
    assert [(row["at"], row["id"]) for row in found] == sorted((r["at"], r["id"]) for r in found)


def test_the_formats_tell_the_same_movements_by_the_same_ids(here: Run, ledger: Path) -> None:
    told = {form: here("export", "--ledger", ledger, "--format", form) for form in FORMATS}

    assert {ran.code for ran in told.values()} == {0}
    amounts = {row["id"]: row["amount"] for row in rows(told["csv"].out)}
    lines = [json.loads(line) for line in told["jsonl"].out.splitlines()]
    assert {line["id"]: line["amount"] for line in lines} == amounts
    entries = [e for e in journal(told["beancount"].out) if isinstance(e, data.Transaction)]
    assert {entry.meta["id"] for entry in entries if "id" in entry.meta} == set(amounts)
    events = rows(told["rotki"].out)
    crossing = [each for each in amounts if not each.startswith(("subscribe:", "redeem:"))]
    assert [row["Description"].rpartition("(")[2].rstrip(")") for row in events] == crossing
    stays = len(amounts) - len(crossing)
    assert told["rotki"].err == (
        f"left out: {stays} movements between wallet and products, for which rotki has no type\n"
    )


@pytest.mark.parametrize("paid", ["wallet", "product"])
def test_the_journal_adds_up_to_what_the_exchange_holds_wherever_interest_is_paid(
    here: Run, tmp_path: Path, paid: Literal["wallet", "product"]
) -> None:
    settings = Settings(interest_paid=paid)
    for account, _ in lived(tmp_path, settings=settings):
        ran = here("export", "--ledger", account.ledger, "--format", "beancount")

        assert (ran.code, ran.err) == (0, "")
        balances = {
            entry.account: entry.amount.number
            for entry in journal(ran.out)
            if isinstance(entry, data.Balance)
        }
        wallet = account.books.balance("USDT")
        assert balances == {
            "Assets:BitMart:Spot:USDT": wallet.available + wallet.frozen,
            "Assets:BitMart:Earn:USDT:1001": account.books.held("1001"),
            "Assets:BitMart:Earn:USDT:1002": account.books.held("1002"),
        }
        assert ("Earn:USDT:1001" in _credited(ran.out, "interest")) == (paid == "product")


def _credited(text: str, kind: str) -> str:
    """The accounts that movements of a kind are posted to."""
    return " ".join(
        posting.account
        for entry in journal(text)
        if isinstance(entry, data.Transaction) and entry.meta.get("id", "").startswith(kind)
        for posting in entry.postings
    )


def told(here: Run, ledger: Path) -> list[Ran]:
    """A period in every format."""
    asked = ("--ledger", ledger, "--since", "2026-05-02", "--until", "2026-05-04T07Z")
    return [here("export", "--format", form, *asked) for form in FORMATS]


def test_a_period_gives_the_same_bytes_today_and_when_more_has_happened(
    here: Run, tmp_path: Path
) -> None:
    """The daemon holds the ledger open all the while."""
    for account, parts in lived(tmp_path):
        first = told(here, account.ledger)
        account.books.deposit("USDT", "77")
        cycles(account, parts, 5)

        assert {ran.code for ran in first} == {0}
        assert "2026-05-04T04:" in first[0].out
        assert told(here, account.ledger) == first == told(here, account.ledger)


def test_the_periods_next_to_each_other_tell_everything_once(here: Run, ledger: Path) -> None:
    whole = here("export", "--ledger", ledger).out.splitlines()[1:]
    parts: list[str] = []
    for since, until in (("2026-05-01", "2026-05-03"), ("2026-05-03", "2026-06-01")):
        ran = here("export", "--ledger", ledger, "--since", since, "--until", until)
        parts += ran.out.splitlines()[1:]

    assert parts == whole


def test_a_journal_of_a_later_period_opens_with_what_lay_there(here: Run, ledger: Path) -> None:
    ran = here("export", "--ledger", ledger, "--format", "beancount", "--since", "2026-05-04")

    assert (ran.code, ran.err) == (0, "")
    assert "Equity:Opening-Balances" in ran.out
    assert [entry for entry in journal(ran.out) if isinstance(entry, data.Balance)]


def test_a_zone_is_heeded_and_a_day_is_one_of_utc(here: Run, ledger: Path) -> None:
    by_day = here("export", "--ledger", ledger, "--since", "2026-05-03")
    by_zone = here("export", "--ledger", ledger, "--since", "2026-05-03T02:00+02:00")
    by_time = here("export", "--ledger", ledger, "--since", "2026-05-03T00:00")

    assert by_day.out == by_zone.out == by_time.out
    assert by_day.out != here("export", "--ledger", ledger).out


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_would_have_been_printed_and_is_its_owners(
    here: Run, ledger: Path, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "out"
    printed = here("export", "--ledger", ledger, "--format", form).out

    ran = here("export", "--ledger", ledger, "--format", form, "--to", target)

    assert (ran.code, ran.out) == (0, "")
    assert f"movements in {target}" in ran.err
    assert target.read_bytes().decode() == printed
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize("what", ["a file", "a folder", "a link to nowhere"])
def test_what_is_there_is_never_overwritten(
    here: Run, ledger: Path, tmp_path: Path, what: str
) -> None:
    target = tmp_path / "out.csv"
    if what == "a file":
        target.write_text("of value")
    elif what == "a folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.iterdir())

    ran = here("export", "--ledger", ledger, "--to", target)

    ran.refused(ExitCode.USAGE, str(target), "there already", "Nothing was written")
    assert sorted(tmp_path.iterdir()) == before
    if what == "a file":
        assert target.read_text() == "of value"


def test_the_ledger_itself_is_no_target(here: Run, ledger: Path) -> None:
    before = ledger.read_bytes()

    here("export", "--ledger", ledger, "--to", ledger).refused(2, "there already")

    assert ledger.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(here: Run, ledger: Path, tmp_path: Path) -> None:
    target = tmp_path / "none" / "out.csv"

    ran = here("export", "--ledger", ledger, "--to", target)

    ran.refused(ExitCode.USAGE, str(target), "No such file or directory", "Nothing of it is left")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_is_closed_is_named(here: Run, ledger: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    ran = here("export", "--ledger", ledger, "--to", closed / "out.csv")

    ran.refused(ExitCode.USAGE, "Permission denied")


def test_a_full_disk_leaves_nothing(here: Run, ledger: Path) -> None:
    ran = here("export", "--ledger", ledger, "--to", "/dev/full/out.csv")

    ran.refused(ExitCode.USAGE, "/dev/full/out.csv", "cannot be written")


def test_a_ledger_that_breaks_off_leaves_no_file_and_prints_nothing(
    here: Run, ledger: Path, tmp_path: Path
) -> None:
    whole = ledger.read_bytes()
    size = 4096
    (root,) = sql(ledger, "SELECT rootpage FROM sqlite_master WHERE name = 'record_seen'")[0]
    broken = tmp_path / "broken.db"
    at = (root - 1) * size
    broken.write_bytes(whole[:at] + b"\xff" * size + whole[at + size :])
    target = tmp_path / "out.csv"

    here("export", "--ledger", broken, "--to", target).refused(ExitCode.LEDGER, str(broken))
    here("export", "--ledger", broken).refused(ExitCode.LEDGER, str(broken))

    assert not target.exists()
    assert not list(tmp_path.glob(".out*"))


def test_a_missing_ledger_is_told_and_nothing_is_left(here: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"

    ran = here("export", "--ledger", tmp_path / "none.db", "--to", target)

    ran.refused(ExitCode.LEDGER, "there is no ledger here")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("since", "until"), [("2026-05-04", "2026-05-03"), ("2026-05-04", "2026-05-04T00:00Z")]
)
def test_a_period_that_ends_before_it_begins_is_refused(
    here: Run, ledger: Path, since: str, until: str
) -> None:
    ran = here("export", "--ledger", ledger, "--since", since, "--until", until)

    ran.refused(ExitCode.USAGE, "ends before it begins", "2026-05-04", "--until is the first")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "20260512", "2026-05-12T25:00"])
def test_what_is_no_time_is_refused(here: Run, ledger: Path, text: str) -> None:
    ran = here("export", "--ledger", ledger, "--since", text)

    ran.refused(ExitCode.USAGE, "--since", "no day or time", "2026-05-12T06:00Z")


def test_an_unknown_coin_is_refused_and_the_known_are_named(here: Run, ledger: Path) -> None:
    here("export", "--ledger", ledger, "--coin", "DOGE").refused(2, "'DOGE'", "USDT")
    here("export", "--ledger", ledger, "--coin", "USTD").refused(2, "did you mean USDT?")


def test_a_coin_may_be_written_small(here: Run, ledger: Path) -> None:
    named = here("export", "--ledger", ledger, "--coin", "usdt", "--coin", "USDT")

    assert named == here("export", "--ledger", ledger)


def test_a_format_that_does_not_exist_is_refused_and_the_others_are_named(
    here: Run, ledger: Path
) -> None:
    here("export", "--ledger", ledger, "--format", "xlsx").refused(2, "xlsx", *FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_a_period_in_which_nothing_moved_is_a_header_and_a_word(
    here: Run, ledger: Path, form: str
) -> None:
    asked = ("export", "--ledger", ledger, "--format", form, "--until", "2020-01-01")

    ran = here(*asked)

    assert ran.code == 0
    assert ran.err.splitlines()[0] == "nothing moved before 2020-01-01"
    if form == "beancount":
        assert not [entry for entry in journal(ran.out) if isinstance(entry, data.Transaction)]
    else:
        assert ran.out == EMPTY[form]


def test_a_record_that_failed_moved_nothing_and_is_not_in_it(here: Run, ledger: Path) -> None:
    (record_id, seq) = sql(
        ledger, "SELECT record_id, record_seq FROM record_seen WHERE kind = 'interest'"
    )[0]
    before = here("export", "--ledger", ledger).out
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            "INSERT INTO record_status_seen (record_seq, status, cycle_id, seen_at)"
            " SELECT record_seq, 'failed', cycle_id, seen_at FROM record_seen"
            " WHERE record_seq = ?",
            (seq,),
        )

    after = here("export", "--ledger", ledger).out

    gone = set(before.splitlines()) - set(after.splitlines())
    assert {line.partition(",")[0] for line in gone} == {f"interest:{record_id}"}


def test_what_lay_there_before_a_known_past_is_worked_out_backwards(
    here: Run, tmp_path: Path
) -> None:
    """Records from before earnd's first look are in the journal, and it still adds up."""
    with practice(tmp_path, flexible("1001")) as account:
        account.books.subscribe_by_hand("1001", "600")
        account.clock.advance(timedelta(days=3))
        account.books.redeem_by_hand("1001", "100")
        account.cycles(9, apart=timedelta(hours=6))
        ran = here("export", "--ledger", account.ledger, "--format", "beancount")

        assert (ran.code, ran.err) == (0, "")
        entries = journal(ran.out)
        opening = next(entry for entry in entries if isinstance(entry, data.Transaction))
        assert opening.postings[0].units == Amount(Decimal(1000), "USDT")
        shown = {e.account: e.amount.number for e in entries if isinstance(e, data.Balance)}
        assert shown == {
            "Assets:BitMart:Spot:USDT": account.books.balance("USDT").available,
            "Assets:BitMart:Earn:USDT:1001": account.books.held("1001"),
        }


def test_a_record_from_before_the_first_look_that_shows_after_it_changes_no_sum(
    here: Run, tmp_path: Path
) -> None:
    """The wallet had moved by then: what lay there before is worked out from both."""
    late = Settings(record_lag=timedelta(hours=2))
    with practice(tmp_path, flexible("1001"), settings=late) as account:
        account.books.subscribe_by_hand("1001", "600")
        account.clock.advance(timedelta(hours=3))
        account.books.redeem_by_hand("1001", "100")
        account.clock.advance(timedelta(minutes=1))
        account.cycles(9, apart=timedelta(hours=6))
        kinds = account.sql("SELECT direction FROM wallet_flow WHERE kind = 'opening'")
        ran = here("export", "--ledger", account.ledger, "--format", "beancount")

        assert {("in",), ("out",)} == set(kinds)
        assert (ran.code, ran.err) == (0, "")
        entries = journal(ran.out)
        shown = {e.account: e.amount.number for e in entries if isinstance(e, data.Balance)}
        assert shown == {
            "Assets:BitMart:Spot:USDT": account.books.balance("USDT").available,
            "Assets:BitMart:Earn:USDT:1001": account.books.held("1001"),
        }
