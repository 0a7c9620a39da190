"""`earnd backup`: what it says, where copies go, and that `earnd status` knows of them."""

from __future__ import annotations

import shutil
from pathlib import Path

from earnd.errors import ExitCode
from tests.cli.conftest import Run
from tests.cli.shell import Account


def copies_of(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob("ledger.db.*.db"))


def test_a_copy_goes_where_the_configuration_says_and_status_knows_it(
    practice: Account, here: Run
) -> None:
    config = practice.config()
    assert here("once", "-c", config).code == 0
    assert "no copy of the ledger is in" in here("status", "-c", config).out
    assert here("status", "-c", config, "--json").facts["last_backup"] is None

    ran = here("backup", "-c", config)
    assert ran.code == 0
    (copy,) = copies_of(practice.directory)
    assert ran.out.startswith(f"{copy}\n  whole: ")
    assert f"last copy of the ledger: {copy.name[10:14]}" in here("status", "-c", config).out
    last = here("status", "-c", config, "--json").facts["last_backup"]
    assert last["path"] == str(copy)
    assert last["overdue"] is False
    assert "copy" not in here("status", "--ledger", practice.ledger).out


def test_no_more_copies_are_kept_than_the_configuration_says(practice: Account, here: Run) -> None:
    config = practice.config(backup="{keep: 2}")
    assert here("once", "-c", config).code == 0
    (practice.directory / "backups").mkdir()
    for day in range(1, 5):
        name = f"ledger.db.2026010{day}T000000Z.db"
        (practice.directory / "backups" / name).write_text("older")
    ran = here("backup", "-c", config, "--json")
    assert len(ran.facts["deleted"]) == 3
    assert len(copies_of(practice.directory)) == 2


def test_a_copy_is_checked(practice: Account, here: Run) -> None:
    assert here("once", "-c", practice.config()).code == 0
    ledger, copy = practice.ledger, practice.directory / "copy.db"
    assert here("backup", "--ledger", ledger, "--to", copy).code == 0
    facts = here("backup", "--check", copy, "--json").facts
    assert facts["copy"] == str(copy)
    assert facts["last_cycle"]["cycle_id"] == 1
    assert facts["anchor"].startswith("1:")
    bad = bytearray(copy.read_bytes())
    bad[8192:8292] = bytes(100)
    copy.write_bytes(bad)
    here("backup", "--check", copy).refused(ExitCode.LEDGER, "this copy is no good", "copy.db")


def test_mistakes_are_told_and_cost_nothing(practice: Account, here: Run) -> None:
    config = practice.config(backup="{folder: ./nowhere}")
    assert here("once", "-c", config).code == 0
    ledger, before = practice.ledger, practice.ledger.read_bytes()
    (practice.directory / "mine.db").write_text("mine")

    here("backup", "-c", config).refused(1, "there is no such folder", "mkdir -p", "nowhere")
    here("backup", "-c", config, "--to", "mine.db").refused(2, "mine.db", "Nothing was written")
    here("backup", "-c", config, "--to", "a/b.db").refused(1, "no such folder", "a")
    here("backup", "--ledger", "none.db").refused(3, "there is no ledger here")
    here("backup", "--check", "none.db").refused(3, "there is no such file")
    here("backup", "--check", "mine.db").refused(3, "this copy is no good", "mine.db")
    here("backup", "--check", ledger, "-c", config).refused(2, "--check is about a file")

    assert practice.ledger.read_bytes() == before
    assert (practice.directory / "mine.db").read_text() == "mine"
    assert not (practice.directory / "nowhere").exists()


def test_a_copy_that_was_restored_goes_on(practice: Account, here: Run) -> None:
    """L14, L19."""
    config = practice.config()
    assert here("once", "-c", config).code == 0
    assert here("backup", "-c", config).code == 0
    assert here("once", "-c", config).code == 0
    held = practice.books.held("1001")
    (copy,) = copies_of(practice.directory)
    for tail in ("", "-wal", "-shm"):
        practice.ledger.with_name(f"ledger.db{tail}").unlink(missing_ok=True)
    shutil.copy(copy, practice.ledger)

    ran = here("once", "-c", config, "--json")
    assert ran.code == 0
    assert ran.facts["moves"] == []
    assert practice.books.held("1001") == held
    assert here("audit", "-c", config).code == 0
