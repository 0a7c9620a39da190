from __future__ import annotations

import copy
import pickle

import pytest

from earnd.exchange.bitmart.signing import Credentials, sign

DOCUMENTED = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"


@pytest.mark.parametrize(
    ("timestamp_ms", "memo", "secret", "body", "signature"),
    [
        pytest.param(
            1589793796145,
            "test001",
            DOCUMENTED,
            b'{"symbol":"BTC_USDT","price":"8600","count":"100"}',
            "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d",
            id="API page",
        ),
        pytest.param(
            1589267764859,
            "test001",
            DOCUMENTED,
            b"bitmart.WebSocket",
            "3ceeb7e1b8cb165a975e28a2e2dfaca4d30b358873c0351c1a071d8c83314556",
            id="WebSocket page",
        ),
        pytest.param(
            # The published test names a moment one second later than the one it signs.
            1499827319559,
            "XXX",
            "XXX",
            b'{"symbol":"LTCBTC"}',
            "1d022acf035f8d7f899dcaad0621fe39d351f7809e30ac8c96939a36548a6502",
            id="BitMart.Net",
        ),
        pytest.param(
            1589793796145,
            "test001",
            DOCUMENTED,
            b'{"productId":"1001","amount":"100","requestNo":"20000009000000300000"}',
            "627c9d26026cdabe36266ee35c3b13baa67e6332cd8e60fb208ba490849d1c90",
            id="subscribe",
        ),
        pytest.param(
            1589793796145,
            "test001",
            DOCUMENTED,
            b'{"productId": "1001", "amount": "100", "requestNo": "20000009000000300000"}',
            "5eeb0ce6fddbfd4b53771787b220f27f0f721432f85ca01318ba1d9b0413b5c5",
            id="subscribe, spaced as the official SDK does",
        ),
        pytest.param(
            1589793796145,
            "test001",
            DOCUMENTED,
            b'{"earnId":"200001","amount":"50","requestNo":"20000009000000300001"}',
            "ce292a55801b962dee968ec93e8f3851ab80f4d0a085a773006cf25b0d0fea5b",
            id="redeem",
        ),
        pytest.param(
            1589793796145,
            "test001",
            DOCUMENTED,
            b"",
            "f38f0d62f545344208c544d43a32269234c08ad19c50b00707444a3172f47546",
            id="empty body",
        ),
    ],
)
def test_signs_as_published(
    timestamp_ms: int, memo: str, secret: str, body: bytes, signature: str
) -> None:
    """X37."""
    assert sign(secret, timestamp_ms, memo, body) == signature


def test_signs_the_request_of_the_api_page_with_its_four_headers() -> None:
    """X36, X37."""
    credentials = Credentials("80618e45710812162b04892c7ee5ead4a3cc3e56", DOCUMENTED, "test001")
    body = b'{"symbol":"BTC_USDT","price":"8600","count":"100"}'

    assert credentials.signed(1589793796145, body) == {
        "X-BM-KEY": "80618e45710812162b04892c7ee5ead4a3cc3e56",
        "X-BM-SIGN": "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d",
        "X-BM-TIMESTAMP": "1589793796145",
        "Content-Type": "application/json",
    }


def test_credentials_show_nothing_of_themselves() -> None:
    """E3."""
    credentials = Credentials("canary-access", "canary-secret", "canary-memo")

    for text in (repr(credentials), str(credentials), f"{credentials!r:>40}", f"{[credentials]}"):
        assert "canary" not in text
    for copies in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            copies(credentials)
        assert "canary" not in str(caught.value)
    assert not hasattr(credentials, "__dict__")


@pytest.mark.parametrize(
    "bad", ["", "canary\r\nX-Other: 1", " canary", "canary\N{EM DASH}", "a" * 300]
)
def test_a_key_that_cannot_be_a_header_is_refused_without_being_quoted(bad: str) -> None:
    for arguments in ((bad, "secret", "memo"), ("access", bad, "memo")):
        with pytest.raises(ValueError, match="key is empty or has characters") as caught:
            Credentials(*arguments)
        assert "canary" not in str(caught.value)


def test_a_memo_may_be_any_text_but_has_no_line_breaks() -> None:
    assert Credentials("access", "secret", "mémo 1").signed(1, b"")["X-BM-SIGN"]
    with pytest.raises(ValueError, match="memo"):
        Credentials("access", "secret", "canary\n")
