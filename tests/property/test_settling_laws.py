from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.action import (
    OPEN_STATES,
    TRANSITIONS,
    RecordedAction,
    State,
    Verb,
    request_no_for,
)
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.ids import ActionId
from earnd.domain.matching import fits, numbered_kinds
from earnd.domain.reconcile import attribute
from earnd.domain.settling import LOOKS_APART, Rules, judge
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from earnd.domain.witnesses import Witnesses
from tests.support.world import NOON, action, record

AMOUNTS = st.sampled_from(["99", "100", "100", "100.5", "250"])
JUDGED = st.sampled_from([State.UNKNOWN, State.ACCEPTED, State.NEEDS_OPERATOR])
SUMS = st.sampled_from(["0", "100", "900", "1000"]).map(Decimal)
EFFECTS = st.sampled_from(["-100", "0", "100", "900", "1000"]).map(Decimal)
MOMENTS = st.integers(-5, 120).map(lambda minutes: NOON + timedelta(minutes=minutes))


@st.composite
def histories(draw: st.DrawFn, owned: bool = True) -> list[SeenRecord]:
    """Some records around noon, some of which look like an action's."""
    owners = [None, None, AttributedTo.PERSON, AttributedTo.EARND] if owned else [None]
    return [
        record(
            seq,
            draw(AMOUNTS),
            draw(st.sampled_from(RecordKind)),
            draw(st.integers(-5, 90)),
            product_id=draw(st.sampled_from("112")),
            by=draw(st.sampled_from([None, SubscribeType.NORMAL, SubscribeType.AUTO])),
            number=draw(st.sampled_from([None, None, None, 1, 2, 3])),
            status=draw(st.sampled_from([None, None, *RecordStatus])),
            owner=draw(st.sampled_from(owners)),
        )
        for seq in range(1, draw(st.integers(0, 6)) + 1)
    ]


@st.composite
def actions(draw: st.DrawFn, states: st.SearchStrategy[State], number: int = 1) -> RecordedAction:
    """An action of around noon."""
    return action(
        draw(AMOUNTS),
        draw(st.sampled_from(Verb)),
        draw(states),
        number,
        sent_at=draw(st.sampled_from([None, NOON, NOON + timedelta(minutes=3)])),
        known_upto=draw(st.integers(0, 3)),
        total=draw(st.sampled_from([None, "0"])),
        last_outcome=draw(st.sampled_from([None, "unclear", "seen"])),
        absent_looks=tuple(sorted(draw(st.lists(MOMENTS, max_size=3)))),
        product_id=draw(st.sampled_from("112")),
    )


WITNESSES = st.none() | st.builds(Witnesses, SUMS, st.none() | SUMS, EFFECTS, EFFECTS)


@given(actions(JUDGED), histories(), MOMENTS, WITNESSES)
def test_a_conclusion_stays_within_the_table_and_never_lacks_its_proof(
    judged: RecordedAction,
    records: list[SeenRecord],
    now: object,
    witnesses: Witnesses | None,
) -> None:
    found = judge(judged, records, now=now, rules=Rules(), witnesses=witnesses)  # type: ignore[arg-type]

    assert found.to is judged.state or found.to in TRANSITIONS[judged.state]
    assert (found.to is State.SETTLED) == (found.record_seq is not None)
    if found.to is State.SETTLED:
        proof = next(seen for seen in records if seen.seq == found.record_seq)
        assert proof.attributed_to is None
        assert proof.record.amount == judged.amount
        assert proof.record.status in {None, RecordStatus.DONE}
        assert proof.record.subscribe_type is not SubscribeType.AUTO
        assert proof.seq > judged.baseline.known_upto
    if found.to is State.REJECTED:
        failed = any(
            seen.record.request_no == judged.request_no
            and seen.record.status is RecordStatus.FAILED
            for seen in records
        )
        looks = [look for look in (*judged.absent_looks, now) if look >= judged.planned_at]  # type: ignore[operator]
        assert failed or (
            witnesses is not None
            and judged.state is State.UNKNOWN
            and max(looks) - min(looks) >= LOOKS_APART  # type: ignore[operator, type-var]
        )


@given(
    st.lists(
        st.integers(1, 4).flatmap(
            lambda number: actions(st.sampled_from(sorted(OPEN_STATES)), number)
        ),
        max_size=2,
    ),
    st.lists(
        st.integers(1, 4).flatmap(lambda number: actions(st.just(State.REJECTED), number)),
        max_size=3,
        unique_by=lambda written_off: written_off.action_id,
    ),
    histories(),
)
def test_a_record_has_at_most_one_owner_and_exactly_one_if_nobody_may_still_claim_it(
    waiting: list[RecordedAction], written_off: list[RecordedAction], records: list[SeenRecord]
) -> None:
    """X20."""
    found = attribute(records, waiting, written_off, doubt=Rules().doubt)

    owned = [owner.seq for owner in found.owners] + [seq for _, seq in found.late]
    assert len(owned) == len(set(owned))
    late = [late.action_id for late, _ in found.late]
    assert len(late) == len(set(late))
    numbers = {each.request_no for each in (*waiting, *written_off)}
    for seen in records:
        if seen.attributed_to is not None:
            assert seen.seq not in owned
        elif seen.seq not in owned:
            is_ours_by_number = seen.record.request_no in numbers
            assert is_ours_by_number or any(
                seen.record.product_id == each.product_id for each in waiting
            )
        for open_action in waiting:
            far = NOON + timedelta(days=9)
            kinds = numbered_kinds(records)
            if fits(open_action, seen, until=far, doubt=Rules().doubt, numbered=kinds):
                assert seen.seq not in owned
    for late_action, seq in found.late:
        proof = next(seen for seen in records if seen.seq == seq).record
        assert proof.amount == late_action.amount
        assert proof.product_id == late_action.product_id
        assert proof.status is not RecordStatus.FAILED


@given(histories(owned=False))
def test_with_no_action_of_ours_every_record_has_exactly_one_owner(
    records: list[SeenRecord],
) -> None:
    found = attribute(records, [], [], doubt=Rules().doubt)

    assert [owner.seq for owner in found.owners] == [seen.seq for seen in records]
    for owner, seen in zip(found.owners, records, strict=True):
        assert owner.action_id is None
        is_interest = seen.record.kind is RecordKind.INTEREST
        assert (owner.attributed_to is AttributedTo.INTEREST) == is_interest


@given(
    st.tuples(st.integers(10**7, 10**8 - 1), st.integers(1, 10**12 - 1)),
    st.tuples(st.integers(10**7, 10**8 - 1), st.integers(1, 10**12 - 1)),
)
def test_two_numbers_are_equal_only_for_the_same_run_and_action(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    """X35."""
    first, second = (request_no_for(str(run), ActionId(number)) for run, number in (one, two))

    assert (first == second) == (one == two)
    assert (int(first[:8]), int(first[8:])) == one
    assert len(first) == 20
