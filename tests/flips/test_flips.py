"""A bit that turns in the file, the -wal or a backup is found, or nothing reads otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flips.flipping import HARMLESS, MISSED, Laid, Tally, flipped, flips, lived


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> list[Laid]:
    return lived(tmp_path_factory.mktemp("lived"))


def assert_none_missed(ledgers: list[Laid], folder: Path, count: int, seed: int) -> Tally:
    tally = Tally()
    for flip in flips(ledgers, folder, count, seed):
        tally.count(flip)
    assert tally.missed == [], f"seed {seed}"
    return tally


def test_a_few_flips_are_all_found_or_harmless(ledgers: list[Laid], tmp_path: Path) -> None:
    """L21."""
    tally = assert_none_missed(ledgers, tmp_path, 40, seed=7)
    outcomes = {outcome for _, _, outcome in tally.outcomes}
    assert outcomes == {"found", "refused", HARMLESS}
    assert len({place for place, _, _ in tally.outcomes}) == len(ledgers)


@pytest.mark.slow
def test_some_hundred_flips_are_all_found_or_harmless(ledgers: list[Laid], tmp_path: Path) -> None:
    """L21."""
    assert_none_missed(ledgers, tmp_path, 300, seed=8)


def test_without_the_chain_a_digit_of_an_amount_would_go_unseen(
    ledgers: list[Laid], tmp_path: Path
) -> None:
    """L21: SQLite itself has no fault to find in a 3 that became a 2."""
    for ledger in ledgers[0], ledgers[3]:
        amount = b"POST"
        at = ledger.files[""].index(amount)
        flip = flipped(ledger, tmp_path, at, 0)
        assert flip.outcome == "found"
        assert "attempt is not as it was written" in flip.says


def test_commits_that_a_flip_in_the_wal_takes_back_are_missed_by_the_anchor_alone(
    ledgers: list[Laid], tmp_path: Path
) -> None:
    """L19, L21: SQLite reads a -wal up to the first frame that does not fit, and says nothing."""
    (ledger,) = (one for one in ledgers if one.tail == "-wal")
    at = len(ledger.files["-wal"]) - 1
    flip = flipped(ledger, tmp_path, at, 0)
    assert flip.outcome == "found"
    assert "the anchor beside it" in flip.says
    assert flip.opening == "taken for an older copy"
    without = {tail: content for tail, content in ledger.files.items() if tail != ".anchor"}
    alone = Laid(ledger.place, without, ledger.tail, ledger.content)
    assert flipped(alone, tmp_path, at, 0).outcome == MISSED
