"""`earnd ledger verify` in a person's and a program's words, and what status says of the chain."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earnd.clock import SystemClock
from earnd.errors import ExitCode
from earnd.ledger import anchors
from tests.cli.shell import Ran, bare_environment
from tests.ledger.story import Life, opened
from tests.ledger.tampering import tamper

Run = Callable[..., Ran]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Three cycles, and a fourth that is not over."""
    path = tmp_path / "ledger.db"
    with opened(path) as book:
        life = Life(book)
        life.settled()
        for _ in range(3):
            life.next_cycle(minutes=5)
    return path


def verify(here: Run, ledger: Path, *more: str) -> Ran:
    return here("ledger", "verify", "--ledger", str(ledger), *more)


def test_a_ledger_that_fits_says_how_much_and_what_to_keep(here: Run, ledger: Path) -> None:
    kept = anchors.read(ledger)
    assert kept is not None
    ran = verify(here, ledger)
    assert ran.code == ExitCode.FINE
    first, loose, anchor = ran.out.splitlines()
    assert first.startswith("every row fits: ")
    assert first.endswith(" rows in 3 blocks")
    assert loose == "not yet in a block: 1 of cycle"
    assert anchor == f"anchor {kept.anchor}, closed 2026-11-22T12:10:00.000Z: keep it elsewhere"


def test_for_programs_it_says_the_same(here: Run, ledger: Path) -> None:
    kept = anchors.read(ledger)
    assert kept is not None
    facts = verify(here, ledger, "--json").facts
    assert facts["fits"] is True
    assert (facts["blocks"], facts["hash"], facts["anchor"]) == (3, kept.hash, kept.anchor)
    assert facts["not_yet_in_a_block"] == {"cycle": 1}
    assert facts["findings"] == []
    tamper(ledger, "UPDATE action SET reason = 'other'")
    ran = verify(here, ledger, "--json")
    assert ran.code == ExitCode.LEDGER
    (found,) = ran.facts["findings"]
    assert (found["table"], found["key"], found["block_id"], found["cycle_id"]) == (
        "action",
        "1",
        1,
        1,
    )
    assert found["at"] == "2026-11-22T12:00:00.000Z"


def test_a_row_that_does_not_fit_is_named_with_what_to_do(here: Run, ledger: Path) -> None:
    """E10, L21."""
    tamper(ledger, "UPDATE cycle_end SET holds = 9 WHERE cycle_id = 3")
    ran = verify(here, ledger)
    assert ran.code == ExitCode.LEDGER
    assert ran.out.splitlines() == [
        (
            "FINDING Row 3 of cycle_end is not as it was written"
            " (block 3, of 2026-11-22T12:10:00.000Z)."
        ),
        "2 blocks fit, up to 2026-11-22T12:05:00.000Z",
        "keep the file as it is, and restore the newest backup that this command accepts",
    ]


def test_before_the_first_cycle_is_over_nothing_is_proven(here: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    opened(path).close()
    ran = verify(here, path)
    assert ran.code == ExitCode.FINE
    assert ran.out.splitlines() == [
        "nothing is proven yet: the first block is closed at the end of the first cycle",
        "not yet in a block: 1 of ledger, 1 of run",
    ]


def test_an_anchor_kept_elsewhere_is_asked_for(here: Run, ledger: Path) -> None:
    kept = anchors.read(ledger)
    assert kept is not None
    assert verify(here, ledger, "--anchor", kept.anchor).code == ExitCode.FINE
    ran = verify(here, ledger, "--anchor", "3:0123456789abcdef")
    assert ran.code == ExitCode.LEDGER
    assert "Block 3 has another hash than in the anchor that was given." in ran.out


@pytest.mark.parametrize("anchor", ["", "3", "3:abc", "x:0123456789abcdef", "-1:" + "0" * 16])
def test_what_is_no_anchor_is_refused_in_words(here: Run, ledger: Path, anchor: str) -> None:
    verify(here, ledger, f"--anchor={anchor}").refused(
        ExitCode.USAGE, "--anchor", "an anchor is", "earnd status"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b"dear diary " * 99, "no ledger of earnd"), (None, "there is no ledger")],
)
def test_what_is_no_ledger_is_refused_in_words(
    here: Run, tmp_path: Path, content: bytes | None, says: str
) -> None:
    """L20."""
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    verify(here, path).refused(ExitCode.LEDGER, says)


def test_pages_of_nonsense_are_a_finding_and_no_failure(here: Run, ledger: Path) -> None:
    """L20."""
    content = bytearray(ledger.read_bytes())
    size = 4096
    for page in range(60, len(content) // size):
        content[page * size : page * size + 16] = b"\xff" * 16
    ledger.write_bytes(content)
    ran = verify(here, ledger)
    assert ran.code == ExitCode.LEDGER
    assert "Traceback" not in ran.err + ran.out
    assert "FINDING" in ran.out or "damaged" in ran.err


def test_an_anchor_beside_it_that_cannot_be_read_is_told(here: Run, ledger: Path) -> None:
    anchors.beside(ledger).write_text("nonsense")
    ran = verify(here, ledger)
    assert ran.code == ExitCode.LEDGER
    assert "FINDING ledger.db.anchor can't be read: it is not as earnd writes it." in ran.out


def test_without_a_word_more_it_shows_its_help(here: Run) -> None:
    ran = here("ledger")
    assert ran.code == ExitCode.FINE
    assert "verify" in ran.out


def test_on_a_terminal_it_shows_how_far_it_is(ledger: Path) -> None:
    master, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "earnd", "ledger", "verify", "--ledger", str(ledger)],
        env={**bare_environment(), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        check=True,
    )
    os.close(terminal)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert "blocks" in shown
    assert done.stdout.startswith("every row fits")


def test_status_shows_the_anchor_and_an_older_copy_for_a_week(here: Run, tmp_path: Path) -> None:
    """L19."""
    path, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    now = SystemClock().now()
    for age, is_told in ((timedelta(days=6), True), (timedelta(days=8), False)):
        for old in tmp_path.glob("*.db*"):
            old.unlink()
        then = (now - age).astimezone(UTC)
        with opened(path, started_at=then) as book:
            life = Life(book, now=then)
            life.next_cycle(minutes=5)
            book.copy_to(copy)
            life.next_cycle(minutes=5)
        shutil.copy(copy, path)
        with opened(path, started_at=then, prefix="87654321") as book:
            anchor = book.anchor()
        said = here("status", "--ledger", str(path))
        assert f"anchor {anchor}: what `earnd ledger verify --anchor` asks for" in said.out
        words = "it ended with block 1, and earnd had written up to block 2"
        assert (words in said.out) is is_told
        facts = here("status", "--ledger", str(path), "--json").facts
        assert facts["anchor"]["anchor"] == anchor
        assert len(facts["anchor"]["hash"]) == 64
        assert len(facts["restored"]) == int(is_told)
        assert datetime.fromisoformat(facts["anchor"]["at"]) <= now


def test_status_of_a_ledger_without_a_block_has_no_anchor(here: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    opened(path).close()
    ran = here("status", "--ledger", str(path), "--json")
    assert json.loads(ran.out)["anchor"] is None
    assert "anchor" not in here("status", "--ledger", str(path)).out
