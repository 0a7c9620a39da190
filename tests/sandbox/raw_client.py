"""A client that shares nothing with the sandbox or with earnd: its own signing, its own sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests

from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    SandboxServer,
)

SAVING = "/newearn/cloud/v1/saving"
_numbers = count(20000009000000300000)


def new_number() -> str:
    return str(next(_numbers))


def sign(timestamp: str, body: bytes, memo: str, secret: str) -> str:
    text = timestamp.encode() + b"#" + memo.encode() + b"#" + body
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass
class RawClient:
    server: SandboxServer
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.session.get(
            self.server.base_url + path,
            params=query,
            headers=self.keyed() if headers is None else headers,
            timeout=10,
            allow_redirects=False,
        )

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
        return self.session.post(
            self.server.base_url + path,
            data=body,
            headers=self.signed(body) if headers is None else headers,
            timeout=10,
            allow_redirects=False,
        )

    def keyed(self) -> dict[str, str]:
        return {"X-BM-KEY": PRACTICE_ACCESS_KEY}

    def signed(self, body: bytes, **replaced: str | None) -> dict[str, str]:
        """The headers of a good request, but for those replaced (None: left out)."""
        timestamp = replaced.get("timestamp") or str(self.server.face.clock.now_ms())
        good: dict[str, str | None] = {
            "X-BM-KEY": PRACTICE_ACCESS_KEY,
            "X-BM-TIMESTAMP": timestamp,
            "X-BM-SIGN": sign(timestamp, body, PRACTICE_MEMO, PRACTICE_SECRET_KEY),
            "Content-Type": "application/json",
        }
        good |= {f"X-BM-{name.upper()}": value for name, value in replaced.items()}
        return {name: value for name, value in good.items() if value is not None}

    def subscribe(self, product_id: str, amount: str, number: str | None = None) -> Any:
        return self.post(f"{SAVING}/subscribe", self.subscribe_body(product_id, amount, number))

    def subscribe_body(self, product_id: str, amount: str, number: str | None = None) -> bytes:
        fields = {"productId": product_id, "amount": amount, "requestNo": number or new_number()}
        return json.dumps(fields).encode()

    def redeem(self, earn_id: str, amount: str, number: str | None = None) -> Any:
        fields = {"earnId": earn_id, "amount": amount, "requestNo": number or new_number()}
        return self.post(f"{SAVING}/redeem", json.dumps(fields).encode())

    def rows(self, name: str, **query: Any) -> list[dict[str, Any]]:
        paged = {"currentPage": 1, "sizePage": 100} | query
        reply = self.get(f"{SAVING}/{name}", **paged).json()
        assert reply["code"] == 1000, reply
        return list(reply["data"]["list"])

    def bytes_of(self, method: str, path: str, body: bytes = b"", *extra: str) -> bytes:
        """A request as it goes over the wire."""
        headers = self.signed(body) if method == "POST" else self.keyed()
        lines = [f"{method} {path} HTTP/1.1", "Host: sandbox", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, *extra]).encode() + b"\r\n\r\n" + body

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=10)

    def raw(self, request: bytes) -> bytes:
        """Everything the server sends until it closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_to_end(connection)


def read_to_end(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)
