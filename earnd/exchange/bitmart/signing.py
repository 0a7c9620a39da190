"""BitMart's signature, and the three secrets it takes."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NoReturn

_HEADER_SAFE = re.compile(r"[!-~]{1,256}")


def sign(secret: str, timestamp_ms: int, memo: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp#memo#body` as lower-case hex (API page, Signature).

    `body` must be the very bytes that are sent. Neither path nor method is covered, so a
    signature is good for any endpoint that takes the body: it is never logged.
    """
    message = f"{timestamp_ms}#{memo}#".encode() + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class Credentials:
    """Access key, secret key and memo; nothing prints, compares, copies or pickles them.

    The access key is as secret as the others: KEYED endpoints ask for nothing else.
    Raises `ValueError`, which does not quote them, if one cannot be a header or is missing.
    """

    __slots__ = ("_access_key", "_memo", "_secret_key")

    def __init__(self, access_key: str, secret_key: str, memo: str) -> None:
        for name, value in (("access key", access_key), ("secret key", secret_key)):
            if not _HEADER_SAFE.fullmatch(value):
                raise ValueError(f"the {name} is empty or has characters that no key has")
        if not memo.isprintable():
            raise ValueError("the memo has characters that cannot be printed")
        self._access_key = access_key
        self._secret_key = secret_key
        self._memo = memo

    def keyed(self) -> dict[str, str]:
        """The header of a KEYED request."""
        return {"X-BM-KEY": self._access_key}

    def signed(self, timestamp_ms: int, body: bytes) -> dict[str, str]:
        """The headers of a SIGNED request with this body, at this moment (Unix milliseconds)."""
        return {
            "X-BM-KEY": self._access_key,
            "X-BM-SIGN": sign(self._secret_key, timestamp_ms, self._memo, body),
            "X-BM-TIMESTAMP": str(timestamp_ms),
            "Content-Type": "application/json",
        }

    def __repr__(self) -> str:
        return "Credentials(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled or copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError("credentials are not pickled or copied")
