from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from earnd.sandbox import RealClock, VirtualClock


def test_a_virtual_clock_moves_only_when_told(clock: VirtualClock) -> None:
    assert clock.now() == clock.now() == datetime(2026, 5, 25, 10, 0, tzinfo=UTC)
    assert clock.advance(timedelta(days=1)) == datetime(2026, 5, 26, 10, 0, tzinfo=UTC)
    assert clock.now_ms() == 1779789600000


def test_a_virtual_clock_never_goes_back(clock: VirtualClock) -> None:
    with pytest.raises(ValueError, match="back"):
        clock.advance(timedelta(microseconds=-1))
    before = clock.now()
    assert clock.advance_to(before - timedelta(days=1)) == before


def test_a_virtual_clock_tells_utc_wherever_it_was_started() -> None:
    taipei = timezone(timedelta(hours=8))
    assert VirtualClock(datetime(2026, 5, 25, 18, tzinfo=taipei)).now().tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 5, 25))  # noqa: DTZ001 - the refusal is the point


def test_milliseconds_are_cut_not_rounded() -> None:
    clock = VirtualClock(datetime(2026, 5, 25, 0, 0, 0, 1999, tzinfo=UTC))
    assert clock.now_ms() % 1000 == 1


def test_the_real_clock_tells_utc() -> None:
    assert RealClock().now().tzinfo is UTC
    assert RealClock().now_ms() > 1_700_000_000_000
