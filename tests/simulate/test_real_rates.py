"""Rates of the past, where the folder that `EARND_RATE_DATA` names holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.real_rates import GLITCH, OKX, flat, okx, write
from earnd.domain.strategy import CoinStrategy
from earnd.simulation.history import HOUR
from earnd.simulation.ratesfile import read_rates
from earnd.simulation.running import simulate
from earnd.simulation.world import Scene
from tests.support.rates import USDT, whole

FOLDER = Path(os.environ.get("EARND_RATE_DATA") or "nowhere")

pytestmark = pytest.mark.skipif(
    not (FOLDER / OKX).exists(), reason="EARND_RATE_DATA names no folder with the rates"
)

SEEN = datetime(2025, 11, 13, 8, 36, 3, tzinfo=UTC)
"""When the exchange first showed a month of rates as zero."""


def with_the_glitch(rows: Iterator[dict[str, str]], hours: int) -> Iterator[dict[str, str]]:
    """The rates, with what was shown for so many hours in place of what was so."""
    over = SEEN + timedelta(hours=hours)
    last = "0"
    for row in rows:
        at = datetime.fromisoformat(row["time"])
        if not SEEN <= at <= over:
            yield row
        if at <= over:
            last = row["rate"]
    yield {"time": SEEN.isoformat(), "product": "OKX", "rate": "0"}
    yield {"time": over.isoformat(), "product": "OKX", "rate": last}


def test_the_glitch_is_the_one_that_was_recorded() -> None:
    lines = (FOLDER / GLITCH).read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith(f"{SEEN:%Y-%m-%dT%H:%M:%SZ}")


@pytest.mark.parametrize("every", [5, 15, 60])
@pytest.mark.parametrize("hours", [1, 2, 3])
def test_a_month_that_reads_zero_for_some_hours_moves_nothing(
    tmp_path: Path, hours: int, every: int
) -> None:
    """The rate was 3 % before and after; 2 % elsewhere would have been no reason to move."""
    rows = with_the_glitch(okx(FOLDER), hours)
    past = read_rates(write(tmp_path / "rates.csv", rows, flat("2%")(FOLDER)))
    begins = datetime(2025, 11, 12, tzinfo=UTC)
    one = Scene(
        past,
        USDT,
        CoinStrategy(),
        Decimal(10000),
        begins,
        begins + timedelta(days=4),
        timedelta(minutes=every),
        HOUR,
    )
    own = simulate(one, whole(one)).own
    assert (own.subscribes, own.redeems) == (1, 0)
    assert [earner.product_id for earner in own.earners] == ["1"]


def test_a_rate_that_stays_at_zero_is_left(tmp_path: Path) -> None:
    """The same, but for good: it is believed after the span, and the money goes elsewhere."""
    rows = [row for row in okx(FOLDER) if datetime.fromisoformat(row["time"]) < SEEN]
    rows.append({"time": SEEN.isoformat(), "product": "OKX", "rate": "0"})
    flat_rows = [*flat("2%")(FOLDER), {"time": "2025-11-20", "product": "flat 2%", "rate": "2%"}]
    past = read_rates(write(tmp_path / "rates.csv", iter(rows), iter(flat_rows)))
    begins = datetime(2025, 11, 12, tzinfo=UTC)
    one = Scene(past, USDT, CoinStrategy(), Decimal(10000), begins, begins + timedelta(days=4))
    own = simulate(one, whole(one)).own
    assert (own.redeems, own.rotations) == (1, 1)
