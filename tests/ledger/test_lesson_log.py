"""What the ledger says that each refusal taught is what earnd goes by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence, Outcome
from earnd.domain.cooldown import PERIODS, cooldowns
from earnd.domain.history import PastRefusal
from earnd.domain.lessons import Lesson, lessons
from earnd.domain.money import plain
from tests.ledger.story import NOON, Life

AMOUNTS = ("100.5", "100", "0.25", "0.2", "0.00000001", "899.99999574")

_LOG = "SELECT kind, verb, until FROM lesson_log WHERE action_id = ? ORDER BY kind, verb"


def text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def taught(past: PastRefusal) -> Iterator[tuple[str, str, str]]:
    """The rows that one refusal deserves, by the domain alone."""
    rests, learnt = cooldowns([past], past.at), lessons([past], (), past.at)
    later = lessons([past], (), past.at + timedelta(days=1))
    for (verb, _), until in rests.products.items():
        yield "product_rests", verb, text_of(until.at)
    for (verb, _), until in rests.coins.items():
        yield "coin_rests", verb, text_of(until.at)
    for verb, until in rests.verbs.items():
        yield "everything_rests", verb, text_of(until.at)
    bounds: dict[str, list[Lesson]] = {
        "most": list(learnt.most.values()),
        "least": list(learnt.least.values()),
        "decimals": list(learnt.decimals.values()),
        "tight": list(later.tight.values()),
    }
    for kind, found in bounds.items():
        for lesson in found:
            yield kind, past.verb, text_of(lesson.until)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("consequence", Consequence)
def test_the_ledger_tells_of_every_refusal_what_the_domain_makes_of_it(
    life: Life, consequence: Consequence, verb: Verb
) -> None:
    life.later(milliseconds=123)
    for number, amount in enumerate(AMOUNTS):
        action = life.planned(amount, f"C{number}", verb)
        life.answered(action, State.REJECTED, Outcome.REFUSED, code=80000, consequence=consequence)
        (past,) = [one for one in life.book.refusals_since(NOON) if one.coin == action.coin]

        assert life.sql(_LOG, action.action_id) == sorted(taught(past))


def test_every_consequence_that_lasts_is_told(life: Life) -> None:
    for number, consequence in enumerate(Consequence):
        action = life.planned(coin=f"C{number}")
        life.answered(action, State.REJECTED, Outcome.REFUSED, consequence=consequence)
    assert len(life.sql("SELECT DISTINCT action_id FROM lesson_log")) == len(PERIODS)


def test_a_row_says_what_was_asked_for_and_what_was_answered(life: Life) -> None:
    action = life.planned("100.5", "BTC")
    life.answered(
        action,
        State.REJECTED,
        Outcome.REFUSED,
        code=80006,
        consequence=Consequence.CAP_REACHED,
    )
    rows = life.sql("SELECT * FROM lesson_log WHERE kind = 'most'")
    tomorrow = text_of(NOON + timedelta(days=1))
    told = (text_of(NOON), tomorrow, "most", "subscribe", "BTC", "p-BTC", plain(Decimal("100.5")))
    assert rows == [(*told, 80006, action.action_id)]


def test_a_success_teaches_nothing(life: Life) -> None:
    life.answered(life.planned(), State.ACCEPTED, code=1000)
    assert life.sql("SELECT * FROM lesson_log") == []
