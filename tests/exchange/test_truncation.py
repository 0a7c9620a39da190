"""A reply that breaks off: at every byte of every real reply, in all three ways of framing one.

With a length or with chunks the line tells that something is missing; framed by close it does not,
and only the JSON can. None may ever become an answer.
"""

from __future__ import annotations

import pytest

from earnd.domain.answer import Outcome
from earnd.errors import EarndError, ExchangeUnavailable, SurprisingReply
from earnd.exchange.bitmart.asking import TRIES, trouble
from earnd.exchange.bitmart.classify import classify
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.envelope import Envelope, open_envelope
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.exchange.transport import RawReply
from tests.exchange.hostile import HostileServer, then_close
from tests.exchange.replies import AT, LAST_CHUNK, MONEY, NAMES, READS, captured, endpoint_of

FRAMINGS = ("length", "close", "chunks")
CHUNK = 64
MONEY_NAMES = [name for name in NAMES if endpoint_of(name) in MONEY]
WHOLE = {"subscribe": Outcome.YES, "redeem": Outcome.YES, "subscribe refused": Outcome.REFUSED}


def on_the_wire(name: str, framing: str) -> tuple[bytes, int]:
    """The reply, and how many bytes of it are needed: JSON that is whole may lack its line end."""
    reply = captured()[name]
    whole = {
        "length": reply.whole,
        "close": reply.framed_by_close,
        "chunks": reply.in_chunks(CHUNK),
    }[framing]
    return whole, len(whole) - (len(LAST_CHUNK) if framing == "chunks" else 0)


@pytest.mark.parametrize("name", MONEY_NAMES)
def test_no_beginning_of_an_answer_to_a_money_request_is_an_answer(name: str) -> None:
    """H18, H19, X43: cut anywhere, it proves nothing; whole, it says what it says."""
    reply = captured()[name]
    for end in range(len(reply.body)):
        for status in {reply.status, 200, 400}:
            cut = RawReply(status, {}, reply.body[:end], 1, AT)
            assert classify(cut).outcome is Outcome.UNCLEAR, (end, status)
    assert classify(RawReply(reply.status, {}, reply.body, 1, AT)).outcome is WHOLE[name]


@pytest.mark.parametrize("name", sorted(READS))
def test_no_beginning_of_a_look_is_a_look(name: str) -> None:
    """H18, H19: of a page that is cut nothing at all is believed, not even its code."""
    reply = captured()[name]
    for end in range(len(reply.body)):
        cut = RawReply(reply.status, {}, reply.body[:end], 1, AT)
        assert open_envelope(cut.body) == Envelope()
        assert isinstance(trouble("/any", cut, open_envelope(cut.body)), EarndError)
    assert open_envelope(reply.body).code == 1000


@pytest.mark.slow
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("name", MONEY_NAMES)
def test_an_answer_that_breaks_off_on_the_line_is_unclear_and_was_sent_once(
    name: str, framing: str, server: HostileServer, client: BitmartClient
) -> None:
    """H18, H19: head and body, every byte, over real sockets."""
    (raw, needed), writer = on_the_wire(name, framing), BitmartWriter(client)
    send = MONEY[endpoint_of(name)]
    for end in range(needed):
        server.answer = then_close(raw[:end])
        assert send(writer).outcome is Outcome.UNCLEAR, end
        assert len(server.received) == end + 1
    server.answer = then_close(raw)
    assert send(writer).outcome is WHOLE[name]


@pytest.mark.slow
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("name", sorted(READS))
def test_a_look_that_breaks_off_on_the_line_is_an_error_and_never_a_part_of_a_look(
    name: str, framing: str, server: HostileServer, client: BitmartClient
) -> None:
    """H18, H19: head and body, every byte, over real sockets."""
    (raw, needed), reader = on_the_wire(name, framing), BitmartReader(client)
    for end in range(needed):
        server.answer = then_close(raw[:end])
        before = len(server.received)
        # Once the head is whole, all framings but one say by themselves that something is missing.
        is_told = framing != "close" and end >= raw.index(b"\r\n\r\n") + 4
        expected = (ExchangeUnavailable,) if is_told else (ExchangeUnavailable, SurprisingReply)
        with pytest.raises(expected):
            READS[name](reader)
        assert 1 <= len(server.received) - before <= TRIES
    server.answer = then_close(raw)
    assert READS[name](reader) is not None
