"""A reply to another request: every endpoint's real reply in the place of every other's."""

from __future__ import annotations

import json
import socket
from decimal import Decimal

import pytest

from earnd.domain.answer import Outcome
from earnd.errors import EarndError, SurprisingReply
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.writer import BitmartWriter
from tests.exchange.hostile import HostileServer, Received, always, envelope, reply
from tests.exchange.replies import MONEY, NAMES, PATHS, READS, REFUSAL, captured

ALIKE = {("subscribe", "redeem"), ("redeem", "subscribe")}
"""Both say no more than `true`: what keeps these apart is a connection for each, and the record
that a yes needs before it counts."""

PAIRS = [(asked, came) for asked in PATHS for came in NAMES if asked != came]
READ_PAIRS = [pair for pair in PAIRS if pair[0] in READS]
MONEY_PAIRS = [
    pair for pair in PAIRS if pair[0] in MONEY and pair not in ALIKE and pair[1] != REFUSAL
]


@pytest.mark.parametrize(("asked", "came"), READ_PAIRS)
def test_a_look_at_one_thing_is_never_taken_from_the_reply_about_another(
    asked: str, came: str, server: HostileServer, client: BitmartClient
) -> None:
    """H30: the shape of the reply must be that of the endpoint."""
    server.answer = always(captured()[came].whole)

    with pytest.raises(EarndError) as caught:
        READS[asked](BitmartReader(client))
    if came != REFUSAL:
        assert isinstance(caught.value, SurprisingReply)
    assert len(server.received) == 1


@pytest.mark.parametrize(("asked", "came"), MONEY_PAIRS)
def test_a_look_is_no_answer_to_a_money_request(
    asked: str, came: str, server: HostileServer, client: BitmartClient
) -> None:
    """H30: code 1000 with something else than `true` proves nothing."""
    server.answer = always(captured()[came].whole)

    assert MONEY[asked](BitmartWriter(client)).outcome is Outcome.UNCLEAR
    assert len(server.received) == 1


@pytest.mark.parametrize("asked", sorted(READS))
def test_every_look_understands_its_own_reply(
    asked: str, server: HostileServer, client: BitmartClient
) -> None:
    """The control of the pairs: with the right reply each of the looks succeeds."""
    server.answer = always(captured()[asked].whole)

    assert READS[asked](BitmartReader(client)) is not None


def test_the_replies_to_a_subscribe_and_a_redeem_differ_in_their_trace_only() -> None:
    """H30: that is why no pair is left out above but these two."""
    bodies = {name: captured()[name].body for name in MONEY}
    assert len({body.partition(b'"trace":')[0] for body in bodies.values()}) == 1
    assert len({body.partition(b'"data":')[2] for body in bodies.values()}) == 1


@pytest.mark.parametrize("padding", [0, 100_000])
def test_what_is_left_on_a_kept_connection_is_nobodys_answer(
    padding: int, server: HostileServer, client: BitmartClient
) -> None:
    """H30: a second reply to one request is not read as the reply to the next request."""
    wallet = json.dumps(envelope({"wallet": [{"id": "USDT", "available": "7", "frozen": "0"}]}))
    lie = reply(wallet + " " * padding)

    def twice(sock: socket.socket, received: Received) -> bool:
        own = captured()["wallet" if received.path == PATHS["wallet"] else "time"].whole
        own = own.replace(b"Connection: close\r\n", b"")
        sock.sendall(own + lie if received.path == PATHS["time"] else own)
        return True

    server.answer = twice
    reader = BitmartReader(client)
    for _ in range(3):
        reader.clock_skew_ms()
        (balance,) = reader.balances().values()
        assert balance.available == Decimal("949.75")


@pytest.mark.parametrize("asked", sorted(MONEY))
def test_what_is_left_on_a_line_cannot_reach_a_money_request(
    asked: str, server: HostileServer, client: BitmartClient
) -> None:
    """H8, H30: each POST has a connection that no other reply was ever on."""
    server.answer = always(captured()["time"].whole.replace(b"Connection: close\r\n", b"") * 3)
    BitmartReader(client).clock_skew_ms()
    server.answer = always(captured()[asked].whole)

    assert MONEY[asked](BitmartWriter(client)).outcome is Outcome.YES
    assert server.received[-1].connection not in {each.connection for each in server.received[:-1]}
