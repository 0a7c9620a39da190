"""When the exchange wanted silence: kept word for word, and the last word counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from earnd.domain.closure import Closing
from earnd.errors import LedgerError
from earnd.ledger.book import Book
from tests.ledger.story import Life


def test_a_ledger_where_nothing_was_closed_says_so(life: Life) -> None:
    assert life.book.closures() == ()


def test_the_last_word_about_each_endpoint_and_kind_is_read_by_another_life(
    life: Life, open_book: Callable[..., Book]
) -> None:
    life.closed()
    page = life.closed(closing=Closing.EDGE)
    life.later(minutes=20)
    ban = life.closed(strikes=2)
    life.later(minutes=1, milliseconds=7)
    rate = life.closed("/newearn/cloud/v1/saving/record", Closing.RATE)
    assert life.book.closures() == (page, ban, rate)

    life.book.close()
    assert open_book().closures() == (page, ban, rate)
    assert len(life.sql("SELECT * FROM closure")) == 4


@pytest.mark.parametrize("strikes", [0, -1])
def test_a_closure_without_a_strike_is_refused(life: Life, strikes: int) -> None:
    with pytest.raises(LedgerError):
        life.closed(strikes=strikes)
    assert life.book.closures() == ()


def test_what_is_no_endpoint_is_refused(life: Life) -> None:
    with pytest.raises(LedgerError):
        life.closed("newearn/cloud")
