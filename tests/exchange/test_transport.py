from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from earnd.exchange import transport as module
from earnd.exchange.resolver import Resolver
from earnd.exchange.transport import MAX_BODY, Limits, NoAnswer, NotSent, RawReply, Reply, Transport
from tests.exchange.hostile import (
    Behaviour,
    FakeClock,
    HostileServer,
    Received,
    always,
    reply,
    reset,
    then_close,
)

GETS = frozenset({"/look"})
POSTS = frozenset({"/move"})
QUICK = Limits(connect_s=1, read_s=1, total_s=1)
# Far above what is asserted about, far below what a hanging server would take.
SOON_S = 4.0

Open = Callable[..., Transport]
Serve = Callable[[Behaviour], HostileServer]


@pytest.fixture
def connect(clock: FakeClock) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_one(url: str, limits: Limits = QUICK) -> Transport:
            transport = Transport(
                url, gets=GETS, posts=POSTS, user_agent="earnd/test", clock=clock, limits=limits
            )
            return stack.enter_context(transport)

        yield open_one


def post(transport: Transport) -> Reply:
    return transport.post("/move", b"{}", {"X-Secret": "canary"})


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "url",
    [
        "http://api-cloud.bitmart.com",
        "http://10.0.0.1:8080",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "api-cloud.bitmart.com",
        "https://",
        "https://api-cloud.bitmart.com/path",
        "https://api-cloud.bitmart.com?query",
        "https://api-cloud.bitmart.com#part",
        "https://user:canary@api-cloud.bitmart.com",
        "https://api-cloud.bitmart.com:99999",
        "https://[::1",
        "https://bücher.example",
        "https://a b",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url: str, connect: Open) -> None:
    """O4."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        connect(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "http://localhost:1/",
        "https://api-cloud.bitmart.com",
    ],
)
def test_https_and_plain_http_on_loopback_are_taken(url: str, connect: Open) -> None:
    connect(url)


def test_a_missing_ca_file_is_said_at_once(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="CA certificates"):
        Transport(
            "https://localhost",
            gets=GETS,
            posts=POSTS,
            user_agent="x",
            clock=clock,
            ca_file="/none",
        )


def test_only_listed_paths_are_asked_for(server: HostileServer, connect: Open) -> None:
    """X40."""
    transport = connect(server.url)

    for path in ("/move", "/look/", "//look", "/look?x=1", "http://127.0.0.2/look", ""):
        with pytest.raises(ValueError, match="never asks"):
            transport.get(path)
    with pytest.raises(ValueError, match="never asks"):
        transport.post("/look", b"{}", {})
    assert server.received == []


def test_a_whole_reply_comes_as_it_is(serve: Serve, connect: Open, clock: FakeClock) -> None:
    server = serve(always(reply("héllo", 451, headers={"X-Odd": "1"})))
    got = connect(server.url).get("/look", {"a": "1&2", "b": "ü"}, {"X-Key": "k"})

    assert isinstance(got, RawReply)
    assert (got.status, got.body, got.headers["x-odd"]) == (451, "héllo".encode(), "1")
    assert got.received_at == clock.now()
    assert 0 <= got.latency_ms < 1000
    asked = server.received[0]
    assert asked.target == "/look?a=1%262&b=%C3%BC"
    assert asked.headers["x-key"] == "k"


def test_a_request_says_who_it_is_and_wants_nothing_encoded(
    server: HostileServer, connect: Open
) -> None:
    """H14, H16, H21."""
    transport = connect(server.url)
    transport.get("/look")
    post(transport)

    for asked in server.received:
        assert asked.headers["user-agent"] == "earnd/test"
        assert asked.headers["accept-encoding"] == "identity"
        assert "cookie" not in asked.headers
        assert "authorization" not in asked.headers


def test_a_post_sends_exactly_the_bytes_it_was_given(server: HostileServer, connect: Open) -> None:
    """X37."""
    body = b'{ "z":1,\t"a":"\xc3\xa9" }'
    connect(server.url).post("/move", body, {"Content-Type": "application/json"})

    assert server.received[0].body == body
    assert server.received[0].headers["content-type"] == "application/json"


def test_gets_share_a_connection_and_every_post_has_its_own(
    server: HostileServer, connect: Open
) -> None:
    """H8."""
    transport = connect(server.url)
    for _ in range(3):
        assert isinstance(transport.get("/look"), RawReply)
    for _ in range(3):
        assert isinstance(post(transport), RawReply)
    assert isinstance(transport.get("/look"), RawReply)

    assert [each.connection for each in server.received] == [1, 1, 1, 2, 3, 4, 1]
    assert {each.headers["connection"] for each in server.received if each.method == "POST"} == {
        "close"
    }


def test_many_threads_share_one_transport(server: HostileServer, connect: Open) -> None:
    transport = connect(server.url, Limits())
    got: list[Reply] = []
    threads = [
        threading.Thread(target=lambda: got.append(transport.get("/look"))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(each) for each in got] == [RawReply] * 12


# Nothing left.


def test_a_refused_connection_was_not_sent(connect: Open) -> None:
    """H3."""
    got = post(connect(f"http://127.0.0.1:{closed_port()}"))

    assert isinstance(got, NotSent)
    assert got.why == "the connection was refused (ECONNREFUSED)"


def test_a_name_that_does_not_resolve_was_not_sent(connect: Open) -> None:
    """H4."""
    # RFC 2606 keeps this domain from ever existing.
    got = post(connect("https://earnd.invalid", Limits(connect_s=5, read_s=5, total_s=10)))

    assert isinstance(got, NotSent)
    assert got.why.startswith(("the host's name could not be resolved", "connecting took too long"))


def test_a_resolver_that_hangs_costs_no_more_than_the_deadline(
    connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H4."""
    answers = threading.Event()
    asked = []

    def hang(
        *args: object, **_: object
    ) -> list[tuple[socket.AddressFamily, int, int, str, tuple[str, int]]]:
        asked.append(args)
        answers.wait()
        return []

    monkeypatch.setattr(module, "Resolver", lambda host, port: Resolver(host, port, lookup=hang))
    transport = connect("https://api-cloud.bitmart.com")
    began = time.monotonic()
    try:
        for _ in range(2):
            got = post(transport)
            assert isinstance(got, NotSent)
    finally:
        answers.set()

    assert 1.8 < time.monotonic() - began < SOON_S + 1
    assert len(asked) == 1


def test_plain_http_leaves_only_for_a_loopback_address(
    server: HostileServer, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O4."""

    def lie(
        *_: object, **__: object
    ) -> list[tuple[socket.AddressFamily, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", server.port))]

    monkeypatch.setattr(module, "Resolver", lambda host, port: Resolver(host, port, lookup=lie))
    got = post(connect(f"http://localhost:{server.port}"))

    assert isinstance(got, NotSent)


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    server: HostileServer, connect: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H31."""
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(full.getsockname())

    def two(
        *_: object, **__: object
    ) -> list[tuple[socket.AddressFamily, int, int, str, tuple[str, int]]]:
        addresses = (full.getsockname(), ("127.0.0.1", server.port))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in addresses]

    monkeypatch.setattr(module, "Resolver", lambda host, port: Resolver(host, port, lookup=two))
    transport = connect(f"http://localhost:{server.port}", Limits(connect_s=1, read_s=2, total_s=4))
    first, second = post(transport), post(transport)
    for sock in (full, *fillers):
        sock.close()

    assert isinstance(first, RawReply)
    assert isinstance(second, RawReply)
    # The second call begins with the address that worked.
    assert first.latency_ms > 300 > second.latency_ms


# Something may have left.


def test_a_reset_after_the_request_has_no_answer(serve: Serve, connect: Open) -> None:
    """H6."""
    server = serve(reset)
    got = post(connect(server.url))

    assert isinstance(got, NoAnswer)
    assert "reset" in got.why
    assert len(server.received) == 1


def test_a_hang_up_after_the_request_has_no_answer(serve: Serve, connect: Open) -> None:
    """H7."""
    server = serve(then_close(b""))
    got = post(connect(server.url))

    assert isinstance(got, NoAnswer)
    assert got.why == "the exchange hung up without a reply"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x00\x01\x02 garbage\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="status of letters"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 70_000 + b"\r\n\r\n", id="long header"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n", id="many headers"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", id="shorter than announced"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", id="negative length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}", id="length in words"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}", id="huge length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}", id="bad chunk size"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", id="no last chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", id="chunks stop"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            id="two framings",
        ),
    ],
)
def test_a_reply_that_breaks_the_rules_is_no_answer(
    raw: bytes, serve: Serve, connect: Open
) -> None:
    """H17, H18."""
    server = serve(then_close(raw))

    assert isinstance(post(connect(server.url)), NoAnswer)
    assert len(server.received) == 1


def test_a_chunked_reply_is_put_together(serve: Serve, connect: Open) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    transport = connect(serve(always(raw)).url)

    for got in (post(transport), transport.get("/look"), transport.get("/look")):
        assert isinstance(got, RawReply)
        assert got.body == b"{}"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-unknown"])
def test_a_compressed_reply_is_not_unpacked(encoding: str, serve: Serve, connect: Open) -> None:
    """H16."""
    bomb = gzip.compress(b"0" * 50_000_000)
    got = post(connect(serve(always(reply(bomb, headers={"Content-Encoding": encoding}))).url))

    assert isinstance(got, NoAnswer)
    assert "compressed" in got.why
    assert got.status == 200


def test_an_endless_reply_is_cut_off(serve: Serve, connect: Open) -> None:
    """H17."""

    def pour(sock: socket.socket, _: Received) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(b"x" * 65536)

    got = post(connect(serve(pour).url, Limits()))

    assert isinstance(got, NoAnswer)
    assert str(MAX_BODY) in got.why


def test_the_longest_reply_that_is_read_is_read(serve: Serve, connect: Open) -> None:
    server = serve(always(reply(b"x" * MAX_BODY)))
    transport = connect(server.url, Limits())

    got = post(transport)
    assert isinstance(got, RawReply)
    assert len(got.body) == MAX_BODY
    server.answer = always(reply(b"x" * (MAX_BODY + 1)))
    assert isinstance(post(transport), NoAnswer)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_reply_and_nobody_follows_it(
    status: int, serve: Serve, connect: Open
) -> None:
    """H10, H11."""
    other = serve(always(reply("{}")))
    bomb = gzip.compress(b"0" * 1000)
    server = serve(always(reply(bomb, status, headers={"Location": f"{other.url}/look"})))
    transport = connect(server.url)

    for got in (post(transport), transport.get("/look")):
        assert isinstance(got, RawReply)
        assert got.status == status
    assert (other.connections, len(server.received)) == (0, 2)


@pytest.mark.parametrize("status", [413, 429, 500, 502, 503, 504])
def test_no_status_makes_it_send_twice(status: int, serve: Serve, connect: Open) -> None:
    """H9, H26, U6."""
    server = serve(always(reply("{}", status, headers={"Retry-After": "0"})))
    transport = connect(server.url)

    for got in (post(transport), transport.get("/look")):
        assert isinstance(got, RawReply)
        assert got.status == status
    assert len(server.received) == 2


# Deadlines.


def silent(server: HostileServer) -> Behaviour:
    def answer(_sock: socket.socket, _received: Received) -> bool:
        server.closing.wait()
        return False

    return answer


def dribble(server: HostileServer, head: bytes, again: bytes) -> Behaviour:
    def answer(sock: socket.socket, _received: Received) -> bool:
        sock.sendall(head)
        while not server.closing.wait(0.05):
            sock.sendall(again)
        return False

    return answer


@pytest.mark.parametrize(
    ("head", "again"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"x", id="headers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="endless continue"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" ", id="announced body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n{}", b" ", id="body framed by close"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0", id="chunk sizes"
        ),
    ],
)
def test_a_dribbling_server_is_left_at_the_deadline(
    head: bytes, again: bytes, serve: Serve, connect: Open
) -> None:
    """H2."""
    server = serve(always(b""))
    server.answer = dribble(server, head, again)
    transport = connect(server.url, Limits(connect_s=1, read_s=30, total_s=0.5))
    calls: list[Callable[[], Reply]] = [lambda: post(transport), lambda: transport.get("/look")]
    for call in calls:
        began = time.monotonic()
        got = call()

        assert isinstance(got, NoAnswer)
        assert got.why == "the total deadline passed"
        assert 0.4 < time.monotonic() - began < SOON_S


def test_a_silent_server_is_left_at_the_read_limit(serve: Serve, connect: Open) -> None:
    """H1."""
    server = serve(always(b""))
    server.answer = silent(server)
    got = post(connect(server.url, Limits(connect_s=1, read_s=0.3, total_s=30)))

    assert isinstance(got, NoAnswer)
    assert got.why == "the exchange took too long"
    assert got.latency_ms < SOON_S * 1000


def test_a_call_after_a_missed_deadline_works(serve: Serve, connect: Open) -> None:
    server = serve(always(b""))
    server.answer = silent(server)
    transport = connect(server.url, Limits(connect_s=1, read_s=1, total_s=0.3))
    assert isinstance(transport.get("/look"), NoAnswer)

    server.answer = always(reply("{}"))

    assert isinstance(transport.get("/look"), RawReply)
    assert isinstance(post(transport), RawReply)


def test_a_kept_connection_that_was_closed_meanwhile_is_no_answer_or_a_new_one(
    serve: Serve, connect: Open
) -> None:
    """H8."""
    server = serve(then_close(reply("{}")))
    transport = connect(server.url)

    assert isinstance(transport.get("/look"), RawReply)
    for _ in range(5):
        assert not isinstance(transport.get("/look"), NotSent)


def test_what_is_returned_holds_no_header_of_ours(serve: Serve, connect: Open) -> None:
    """E4, H32."""
    server = serve(reset)
    transport = connect(server.url)
    replies = [post(transport)]
    server.answer = always(reply("{}"))
    replies.append(post(transport))
    replies.append(transport.post("/move", b"{}", {"X-Secret": "canary\r\n"}))

    assert isinstance(replies[-1], NotSent)
    assert "canary" not in repr(replies)


def test_threads_are_made_once_and_end(server: HostileServer, clock: FakeClock) -> None:
    """R6."""

    def own() -> set[threading.Thread]:
        return {each for each in threading.enumerate() if each.name.startswith("earnd-")}

    # Those of tests before this one may still be ending.
    for thread in own():
        thread.join(SOON_S)
    with Transport(server.url, gets=GETS, posts=POSTS, user_agent="x", clock=clock) as transport:
        made = own()
        for _ in range(5):
            post(transport)
            transport.get("/look")
        assert own() == made
        assert len(made) == 2
    for thread in made:
        thread.join(SOON_S)
    assert own() == set()
