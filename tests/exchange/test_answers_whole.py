"""An answer keeps all of what came back, and says in a sentence what that was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from earnd.domain.answer import Answer, Consequence, Outcome
from earnd.exchange.bitmart.classify import classify
from earnd.exchange.transport import NoAnswer, NotSent, RawReply

AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_what_never_left() -> None:
    assert classify(NotSent("the connection was refused", 3, AT)) == Answer(
        Outcome.NOT_SENT,
        AT,
        3,
        "Nothing was sent: the connection was refused.",
        consequence=Consequence.NEXT_CYCLE,
    )


@pytest.mark.parametrize(
    ("status", "consequence"),
    [
        (None, Consequence.NEXT_CYCLE),
        (200, Consequence.NEXT_CYCLE),
        (418, Consequence.STOP_ALL),
        (429, Consequence.BACK_OFF),
        (503, Consequence.BACK_OFF),
    ],
)
def test_what_was_cut_off_is_heeded_as_far_as_its_status_goes(
    status: int | None, consequence: Consequence
) -> None:
    assert classify(NoAnswer("the connection was reset", 4, AT, status=status)) == Answer(
        Outcome.UNCLEAR,
        AT,
        4,
        "It may have been carried out: the connection was reset.",
        http_status=status,
        consequence=consequence,
    )


def test_what_is_no_reply_of_the_exchange_is_told_by_its_status() -> None:
    answer = classify(RawReply(503, {}, b"<html>", 5, AT))

    assert answer.detail.startswith(
        "HTTP 503 without a reply of the documented form."
        " The exchange, or the network in front of it, is not available."
    )


def test_a_fate_that_does_not_exist_is_never_taken_for_one() -> None:
    with pytest.raises(AssertionError, match="perhaps"):
        classify("perhaps")  # type: ignore[arg-type] # that is the point
