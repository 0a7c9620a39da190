from __future__ import annotations

from earnd.domain.request import MoneyRequest


def test_a_request_is_recorded_as_the_text_that_leaves() -> None:
    request = MoneyRequest("/earn/subscribe", b'{"amount":"1"}')

    assert request.text() == 'POST /earn/subscribe {"amount":"1"}'
