"""Laws of what a reply's `Date` proves about our clock."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from earnd.exchange.their_clock import TheirClock
from tests.exchange.hostile import FakeClock

SECOND = timedelta(seconds=1)
SKEWS = st.timedeltas(-timedelta(days=500), timedelta(days=500)) | st.timedeltas(
    -3 * SECOND, 3 * SECOND
)


@given(
    skew=SKEWS,
    there=st.timedeltas(timedelta(0), 2 * SECOND),
    back=st.timedeltas(timedelta(0), 2 * SECOND),
    later=st.timedeltas(timedelta(0), timedelta(hours=2)),
    fraction=st.timedeltas(timedelta(0), SECOND),
)
def test_a_date_proves_no_more_than_is_true_and_little_less(
    skew: timedelta, there: timedelta, back: timedelta, later: timedelta, fraction: timedelta
) -> None:
    """K1: cut to the second, and written somewhere in the round trip."""
    clock = FakeClock()
    clock.at += fraction
    theirs = TheirClock(clock)
    theirs.told(clock.now(), timedelta(0))
    clock.sleep(there.total_seconds())
    date = format_datetime(clock.now() + skew, usegmt=True)
    clock.sleep(back.total_seconds())
    theirs.dated({"date": date}, there + back)
    clock.sleep(later.total_seconds())

    proven = theirs.worst_skew()
    assert proven is not None
    # The steady clock is a float, and so good to a microsecond or two.
    tiny = timedelta(microseconds=10)
    assert abs(proven) <= abs(skew) + tiny
    assert abs(skew) - abs(proven) <= SECOND + there + back + tiny
    if abs(proven) > tiny:
        assert (proven > timedelta(0)) is (skew > timedelta(0))


@given(skew=SKEWS, latency=st.timedeltas(timedelta(0), 5 * SECOND), set_by=SKEWS)
def test_what_was_told_is_right_whatever_our_clock_is_set_to_afterwards(
    skew: timedelta, latency: timedelta, set_by: timedelta
) -> None:
    """K2, K3."""
    clock = FakeClock()
    theirs = TheirClock(clock)
    said = clock.now() + skew
    clock.sleep(latency.total_seconds())
    theirs.told(said, latency)
    clock.sleep(60)
    clock.at += set_by
    now = said + latency + timedelta(minutes=1)

    tiny = timedelta(microseconds=10)
    told = theirs.skew()
    assert told is not None
    assert abs(clock.now() + told + latency / 2 - now) <= tiny
    assert abs(theirs.least_now() + latency - now) <= tiny
