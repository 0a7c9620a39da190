"""A whole cycle on a disk that fails: whatever fails, and whenever, nothing is sent that is not
on the disk, the message says what to do, and the next cycle goes on from there.

The kernel refuses the writes and syncs of the cycle's thread; see `tests.support.storage`.
"""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import CycleReport, run_cycle
from earnd.domain.action import State
from earnd.errors import ExitCode, LedgerUnwritable
from earnd.parts import Parts
from tests.ledger.on_disk import FRAME, a_new_account, assert_goes_on
from tests.ledger.story import Life, opened
from tests.support.practice import Practice
from tests.support.storage import (
    FULL,
    OVER_QUOTA,
    SYNCS_FAIL,
    WRITES_FAIL,
    Breakage,
    Watched,
    can_break,
    on_a_disk_of_its_own,
    strike,
    while_broken,
)

pytestmark = pytest.mark.skipif(
    not can_break(), reason="this kernel or container lets no thread filter its system calls"
)

PARTS = 4
"""The slow tests are cut into so many parts, so that several processes can share them."""

KINDS = (FULL, OVER_QUOTA, WRITES_FAIL, SYNCS_FAIL)
TODO = {
    errno.ENOSPC: (
        "Free some space: nothing is sent until the ledger can be written."
        " The daemon tries again in its next cycle."
    ),
    errno.EDQUOT: "Look at the disk and the kernel's log, then start earnd again.",
    errno.EIO: "Look at the disk and the kernel's log, then start earnd again.",
}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with a_new_account(tmp_path) as ready:
        yield ready


def cycle_that_breaks(account: Practice, breakage: Breakage, at: int | str) -> CycleReport:
    """A cycle in whose thread the disk breaks before its `at`-th write, or the first so named."""
    count = itertools.count()

    def before(name: str) -> None:
        if at in (next(count), name):
            strike(breakage)

    def on_broken_disk(parts: Parts) -> Parts:
        watched: Any = Watched(parts.ledger, before=before)
        return replace(parts, ledger=watched)

    return on_a_disk_of_its_own(lambda: account.cycle(on_broken_disk))


def refusal_of(cycle: Callable[[], CycleReport]) -> LedgerUnwritable | None:
    """What the cycle was ended with; `None` if it was over before anything broke."""
    try:
        report = cycle()
    except LedgerUnwritable as refused:
        return refused
    assert report.tally.sent == 1
    return None


def break_at(account: Practice, breakage: Breakage, at: int | str) -> bool:
    """One cycle with the disk broken before that write; whether it got that far."""
    sent_before = len(account.server.received)
    refused = refusal_of(lambda: cycle_that_breaks(account, breakage, at))
    if refused is None:
        return False
    assert refused.exit_code is ExitCode.LEDGER
    assert refused.where == str(account.ledger)
    assert refused.todo == TODO[breakage.error]
    if at in ("begin_cycle", "plan_action", "begin_attempt"):
        assert len(account.server.received) == sent_before, "nothing leaves before it is written"
    assert_goes_on(account, sent_before)
    return True


def writes_of_a_cycle(account: Practice) -> list[str]:
    """The names of the writes of such a cycle, which is then over."""
    made: list[str] = []

    def watch(parts: Parts) -> Parts:
        watched: Any = Watched(parts.ledger, before=made.append)
        return replace(parts, ledger=watched)

    account.cycle(watch)
    return made


def test_the_attempt_is_written_right_before_the_request_leaves(account: Practice) -> None:
    """What follows breaks the disk before each of these, so the list should be what it seems."""
    made = writes_of_a_cycle(account)

    steps = [name for name in made if name in {"plan_action", "begin_attempt", "end_attempt"}]
    assert steps == ["plan_action", "begin_attempt", "end_attempt"]
    assert made[0] == "begin_cycle"
    assert made[-1] == "end_cycle"


AROUND = (
    (FULL, "begin_attempt"),
    (SYNCS_FAIL, "begin_attempt"),
    (WRITES_FAIL, "end_attempt"),
    (OVER_QUOTA, "plan_action"),
)


@pytest.mark.parametrize(("breakage", "name"), AROUND, ids=str)
def test_a_disk_that_fails_around_a_sending_is_survived(
    account: Practice, breakage: Breakage, name: str
) -> None:
    """L22, L23, L24, R3, R4: a full disk, a used-up quota, failing writes, failing syncs."""
    assert break_at(account, breakage, name)


def broken_everywhere(
    folder: Path, attempt: Callable[[Practice, int], bool], *, start: int = 0, step: int = 1
) -> int:
    """Tries every `step`-th moment, each on a new account, until a cycle is over before it."""
    for tried, at in enumerate(itertools.count(start, step)):
        with a_new_account(folder / str(at)) as account:
            if not attempt(account, at):
                return tried
    raise AssertionError("a cycle without an end")


@pytest.mark.slow
@pytest.mark.parametrize("breakage", KINDS, ids=str)
def test_a_disk_that_fails_before_any_write_of_a_cycle_is_survived(
    tmp_path: Path, breakage: Breakage
) -> None:
    """L22, L23, L24, R3, R4: the n-th write of a cycle and all after it fail, for every n."""
    tried = broken_everywhere(tmp_path, lambda account, at: break_at(account, breakage, at))
    assert tried >= 15


def broken_within(account: Practice, breakage: Breakage, page: int) -> bool:
    """A cycle on a disk with room for so many pages more; whether it needed more than that."""
    sent_before = len(account.server.received)

    def run() -> CycleReport:
        with account.daemon() as here:
            wal = account.ledger.with_name("ledger.db-wal")
            strike(replace(breakage, beyond=wal.stat().st_size + page * FRAME))
            return run_cycle(here.parts, "once")

    refused = refusal_of(lambda: on_a_disk_of_its_own(run))
    if refused is None:
        return False
    assert refused.todo == TODO[breakage.error]
    assert_goes_on(account, sent_before)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("breakage", [FULL, WRITES_FAIL], ids=str)
def test_a_disk_that_fails_at_any_page_of_a_cycle_is_survived(
    tmp_path: Path, breakage: Breakage, part: int
) -> None:
    """L23, L24: within a transaction too; the page that no longer fits is any of the cycle's."""
    tried = broken_everywhere(
        tmp_path,
        lambda account, page: broken_within(account, breakage, page),
        start=part,
        step=PARTS,
    )
    assert tried >= 10


def test_after_a_failed_sync_this_process_writes_nothing_more(life: Life) -> None:
    """L22: the kernel forgets what it could not write, and the next sync would "succeed"."""
    action = life.planned()
    with pytest.raises(LedgerUnwritable, match="input/output error"):
        while_broken(SYNCS_FAIL, lambda: life.sending(action))
    # This thread's disk is sound, and still:
    with pytest.raises(LedgerUnwritable, match="an earlier write failed"):
        life.sending(action)
    assert life.book.open_actions()[0].attempts == 0
    life.book.close()
    with opened(life.book.path, prefix="87654321") as again:
        assert again.open_actions()[0].request_no == action.request_no


def test_after_a_full_disk_this_process_goes_on_once_there_is_room(life: Life) -> None:
    """L23: SQLite takes the whole transaction back, so nothing is in doubt."""
    action = life.planned()
    with pytest.raises(LedgerUnwritable, match="the disk is full"):
        while_broken(FULL, lambda: life.sending(action))
    assert life.sql("SELECT * FROM attempt") == []
    assert life.sending(action) == 1


@pytest.mark.parametrize("state", ["planned", "sending", "answered", "dropped"])
def test_a_commit_is_synced_before_it_is_told(life: Life, state: str) -> None:
    """L2, I2: each step of an action answers only after a sync; one that fails is not overlooked.

    Writes still succeed here: with `synchronous=NORMAL` nobody would notice.
    """
    steps: dict[str, Callable[[], object]] = {
        "planned": lambda: life.planned(coin="ETH"),
        "sending": lambda: life.sending(action),
        "answered": lambda: life.book.end_attempt(
            action.action_id, 1, life.answer(), State.ACCEPTED
        ),
        "dropped": lambda: life.enter(action, State.DROPPED),
    }
    action = life.planned()
    if state == "answered":
        life.sending(action)
    with pytest.raises(LedgerUnwritable, match="input/output error"):
        while_broken(SYNCS_FAIL, steps[state])
