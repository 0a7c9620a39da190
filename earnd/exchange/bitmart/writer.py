"""The two requests that move money: sent once, and answered by what is known afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from earnd.domain.answer import Answer, Consequence, Outcome
from earnd.domain.ids import EarnId, ProductId, RequestNo
from earnd.domain.request import MoneyRequest
from earnd.errors import ExchangeUnavailable
from earnd.exchange.bitmart.bodies import redeem_body, subscribe_body
from earnd.exchange.bitmart.classify import classify
from earnd.exchange.bitmart.client import REDEEM, SUBSCRIBE

if TYPE_CHECKING:
    from earnd.exchange.bitmart.client import BitmartClient


class BitmartWriter:
    """Satisfies `earnd.ports.ExchangeWriter`.

    Raises `ValueError`, before anything is sent, for an id, an amount or a number that must not
    be; for what the exchange does it raises nothing.
    """

    def __init__(self, client: BitmartClient) -> None:
        self._client = client

    def subscribe_request(
        self, product_id: ProductId, amount: Decimal, request_no: RequestNo
    ) -> MoneyRequest:
        """Asks to move `amount` from the wallet into the product."""
        return MoneyRequest(SUBSCRIBE, subscribe_body(product_id, amount, request_no))

    def redeem_request(
        self, earn_id: EarnId, amount: Decimal, request_no: RequestNo
    ) -> MoneyRequest:
        """Asks to move `amount` from the position back into the wallet."""
        return MoneyRequest(REDEEM, redeem_body(earn_id, amount, request_no))

    def send(self, request: MoneyRequest) -> Answer:
        """Signs and sends these bytes, once."""
        try:
            reply = self._client.post(request.path, request.body)
        except ExchangeUnavailable as closed:
            return Answer(
                Outcome.NOT_SENT,
                self._client.clock.now(),
                0,
                f"Nothing was sent: {closed.what}.",
                consequence=Consequence.BACK_OFF,
            )
        return classify(reply)
