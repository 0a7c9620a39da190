"""The bodies of the two requests that move money, as the bytes that are signed and sent.

They are pure, so that the ledger can keep the bytes before anything leaves, and a second sending
of the same action is the same bytes.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal

from earnd.domain.ids import EarnId, ProductId, RequestNo
from earnd.domain.money import plain

_ID = re.compile(r"[0-9]{1,20}")
_REQUEST_NO = re.compile(r"[1-9][0-9]{19}")


def subscribe_body(product_id: ProductId, amount: Decimal, request_no: RequestNo) -> bytes:
    """Compact JSON in the API page's order. Raises `ValueError` for what must not be sent."""
    return _body("productId", product_id, amount, request_no)


def redeem_body(earn_id: EarnId, amount: Decimal, request_no: RequestNo) -> bytes:
    """Compact JSON in the API page's order. Raises `ValueError` for what must not be sent."""
    return _body("earnId", earn_id, amount, request_no)


def _body(key: str, value: str, amount: Decimal, request_no: str) -> bytes:
    if not _ID.fullmatch(value):
        raise ValueError(f"not a {key}: {value!r}")
    if not _REQUEST_NO.fullmatch(request_no):
        raise ValueError(f"not a request number of 20 digits: {request_no!r}")
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"not an amount that can be moved: {amount!r}")
    content = {key: value, "amount": plain(amount), "requestNo": request_no}
    return json.dumps(content, separators=(",", ":")).encode("ascii")
