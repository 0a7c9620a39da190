"""A person's hand on the ledger: `resolve` and `migrate`."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earnd.ledger import cycles, schema
from earnd.ledger.engine import RunStart
from earnd.ledger.store import Access, open_store
from earnd.ledger.upgrade import head
from earnd.sandbox import Fault
from tests.cli.conftest import Run
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)


@pytest.fixture
def twofold(tmp_path: Path) -> Iterator[Practice]:
    """A subscribe without an answer, and two records that fit it."""
    with practice(tmp_path, flexible("1001")) as account:
        account.more = "settling: {replay_window: 0s}"
        account.server.faults.add(Fault("subscribe", "drop_before"))
        account.cycle()
        amount = account.sql("SELECT amount FROM action_now")[0][0]
        account.books.deposit("USDT", "1000")
        account.clock.advance(MINUTE)
        for _ in range(2):
            account.books.subscribe_by_hand("1001", amount)
        account.cycles(2, apart=12 * MINUTE)
        assert account.states() == ["needs_operator"]
        yield account


def resolve(action: object, outcome: str, because: str = "the support told me") -> list[str]:
    return ["resolve", str(action), "--as", outcome, "--because", because]


def test_an_action_that_waits_for_a_person_is_told_by_status_actions_and_audit(
    here: Run, doubtful: Practice
) -> None:
    """X18."""
    ledger = ("--ledger", doubtful.ledger)

    ran = here("audit", *ledger)
    assert ran.code == 1
    assert "FINDING audit_stale_unknown\n        Action 1, subscribe " in ran.out
    assert "`earnd resolve`" in ran.out
    assert ran.out.endswith(" audits, 1 finding\n")
    assert here("audit", *ledger, "--json").code == 1
    found = here("audit", *ledger, "--json").facts["audit_stale_unknown"]
    assert [row["state"] for row in found] == ["needs_operator"]
    assert "needs_operator waits for a person" in here("status", *ledger).out
    assert here("actions", *ledger, "--state", "needs_operator", "--json").facts[0]["code"] == 80013


@pytest.mark.parametrize("outcome", ["settled", "rejected"])
def test_resolved_it_is_on_record_who_said_so_and_why_and_the_audits_are_clean(
    here: Run, doubtful: Practice, outcome: str
) -> None:
    """O7."""
    ran = here(*resolve(1, outcome), "-c", doubtful.config)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"action 1 is {outcome}; the ledger says that you said so, and why\n"
    assert doubtful.states() == [outcome]
    note = doubtful.sql("SELECT who, action_id, text FROM operator_note")
    assert note == [(pwd.getpwuid(os.getuid()).pw_name, 1, "the support told me")]
    actor = doubtful.sql("SELECT actor FROM event_log WHERE action_id = 1 ORDER BY seq DESC")[0]
    assert actor == ("operator",)
    assert here("audit", "-c", doubtful.config).code == 0


def test_resolved_by_its_record_the_record_is_the_actions(here: Run, twofold: Practice) -> None:
    """O7."""
    records = [row[0] for row in twofold.sql("SELECT record_id FROM movement ORDER BY record_id")]
    ran = here(*resolve(1, "settled"), "--record", records[0], "-c", twofold.config, "--json")

    assert ran.code == 0
    assert ran.facts["state"] == "settled"
    assert isinstance(ran.facts["amount"], str)
    owners = "SELECT attributed_to, action_id FROM movement ORDER BY record_id LIMIT 2"
    assert twofold.sql(owners)[0] == ("earnd", 1)
    twofold.cycle()
    assert twofold.sql(owners) == [("earnd", 1), ("person", None)]
    assert here("audit", "-c", twofold.config).code == 0


def test_what_cannot_be_resolved_is_refused_and_nothing_is_written(
    here: Run, twofold: Practice
) -> None:
    """O7."""
    at = ("-c", twofold.config)
    before = twofold.ledger.read_bytes()

    here(*resolve(99, "settled"), *at).refused(2, "action 99 is not in this ledger")
    here(*resolve(1, "settled", " "), *at).refused(2, "--because is empty")
    here(*resolve(1, "late"), *at).refused(2, "'late'")
    assert twofold.ledger.read_bytes() == before
    here(*resolve(1, "settled"), "--record", "nope", *at).refused(2, "no subscribe record nope")
    here(*resolve(1, "rejected"), "--record", "1", *at).refused(2, "--record proves")
    assert twofold.states() == ["needs_operator"]
    assert twofold.sql("SELECT * FROM operator_note") == []


def test_only_what_waits_for_a_person_is_resolved(here: Run, doubtful: Practice) -> None:
    """O7."""
    at = ("-c", doubtful.config)
    assert here(*resolve(1, "rejected"), *at).code == 0

    here(*resolve(1, "settled"), *at).refused(2, "action 1 is in state rejected", "needs_operator")
    assert doubtful.states() == ["rejected"]


def test_nobody_resolves_while_a_daemon_has_the_ledger(here: Run, doubtful: Practice) -> None:
    """T4."""
    with doubtful.ledger.with_name("ledger.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        here(*resolve(1, "rejected"), "-c", doubtful.config).refused(5, "another earnd holds")
    assert doubtful.states() == ["needs_operator"]


def older_ledger(path: Path, folder: Path) -> None:
    """A ledger as an earlier earnd left it, two steps behind."""
    shutil.copytree(schema.scripts_folder(), folder)
    newest = sorted((folder / "versions").glob("[0-9]*.py"))
    for step in newest[2:]:
        step.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    store = open_store(path, Access.BUILD)
    with store.writing() as own:
        schema.upgrade(own, folder)
        run = RunStart("12345678", datetime(2026, 5, 1, tzinfo=UTC), "0.0.9", "digest")
        cycles.found_ledger(own, "live", "default", run)
        cycles.begin_run(own, run)
    store.close()


def test_an_older_ledger_is_refused_with_the_command_that_mends_it_and_mended_by_it(
    here: Run, tmp_path: Path
) -> None:
    """U1."""
    path = tmp_path / "ledger.db"
    older_ledger(path, tmp_path / "old")
    ledger = ("--ledger", path)

    for command in ("status", "actions", "audit"):
        here(command, *ledger).refused(3, str(path), "`earnd migrate`")
    ran = here("migrate", *ledger, "--json")
    assert (ran.code, ran.err) == (0, "")
    facts = ran.facts
    assert facts == {"ledger": str(path), "revision": head(), "copy": facts["copy"]}
    assert Path(facts["copy"]).parent == tmp_path
    with sqlite3.connect(facts["copy"]) as copy:
        assert copy.execute("SELECT version FROM run").fetchall() == [("0.0.9",)]
    copy.close()
    assert here("status", *ledger).code == 0
    here("status", "--ledger", facts["copy"]).refused(3, "`earnd migrate`")


def everything_but_side_files(directory: Path) -> set[str]:
    """The names in it, without what SQLite keeps beside a ledger that is read."""
    return {entry.name for entry in directory.iterdir()} - {"ledger.db-shm", "ledger.db-wal"}


def test_a_ledger_that_is_new_enough_is_said_to_be_and_left_alone(
    here: Run, doubtful: Practice
) -> None:
    before = everything_but_side_files(doubtful.directory)

    ran = here("migrate", "-c", doubtful.config)
    assert ran.code == 0
    assert ran.out == f"{doubtful.ledger} is at the newest schema already ({head()})\n"
    assert here("migrate", "--ledger", doubtful.ledger, "--json").facts["copy"] is None
    assert everything_but_side_files(doubtful.directory) == before
