"""Names that beancount accepts: of commodities and of accounts, for coins and products of any name.

Most stay as they are. Any other is spelled out, so that two never share a name: beancount's own
rules are in its lexer (`beancount/parser/lexer.l`) and `beancount/core/account.py`.
"""

from __future__ import annotations

import re
from typing import Final

from earnd.domain.movement import Place

_COMMODITY: Final = re.compile(r"[A-Z][A-Z0-9]+")
_COMPONENT: Final = re.compile(r"[A-Z0-9]+")
_KEYWORDS: Final = frozenset({"TRUE", "FALSE", "NULL"})

OPENING: Final = "Equity:Opening-Balances"


def commodity(coin: str) -> str:
    """`USDT` for USDT; `X.1INCH` for 1INCH, since a commodity begins with a letter.

    One letter alone could be a flag, and three words mean something to beancount. A letter beyond
    A-Z and 0-9 is written as its number in six hexadecimal digits.
    """
    if _COMMODITY.fullmatch(coin) and coin not in _KEYWORDS:
        return coin
    return "X." + _spelled(coin, "_")


def component(name: str) -> str:
    """A part of an account's name: `1INCH` for 1INCH, `X-00002D` for a lone hyphen."""
    return name if _COMPONENT.fullmatch(name) else "X" + (_spelled(name, "-") or "-")


def holding_account(place: Place) -> str:
    """The account of what lies in the wallet or in a product."""
    if place.product_id is None:
        return f"Assets:BitMart:Spot:{component(place.coin)}"
    return f"Assets:BitMart:Earn:{component(place.coin)}:{component(place.product_id)}"


def income_account(coin: str) -> str:
    """Where interest comes from."""
    return f"Income:BitMart:Interest:{component(coin)}"


def outside_account(kind: str, attributed_to: str) -> str:
    """Where the wallet's other changes come from or go to."""
    if attributed_to == "unexplained":
        return "Equity:BitMart:Unexplained"
    return {
        "deposit": "Equity:BitMart:Deposits",
        "withdrawal": "Equity:BitMart:Withdrawals",
        "trade": "Equity:BitMart:Trades",
    }.get(kind, "Equity:BitMart:Corrections")


def _spelled(name: str, mark: str) -> str:
    return "".join(
        letter
        if letter.isascii() and (letter.isupper() or letter.isdigit())
        # Always six digits, so that what follows is never taken for a part of it.
        else f"{mark}{ord(letter):06X}"
        for letter in name
    )
