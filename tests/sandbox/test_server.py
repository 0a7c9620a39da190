from __future__ import annotations

import http.client
import threading
from dataclasses import replace

import pytest

from earnd.sandbox import Books, Received, SandboxServer, serve
from tests.sandbox.raw_client import SAVING, RawClient, new_number, read_to_end


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "sandbox" in thread.name]


def test_a_money_request_is_noted_before_it_is_applied(client: RawClient, books: Books) -> None:
    held_then = []
    noted: list[Received] = []

    def look(received: Received) -> None:
        held_then.append(books.held("1001"))
        noted.append(received)

    client.server.on_receive = look
    number = new_number()
    body = client.subscribe_body("1001", "10", number)
    client.post(f"{SAVING}/subscribe", body)
    assert held_then == [0]
    assert books.held("1001") == 10
    assert noted == client.server.received
    assert (noted[0].endpoint, noted[0].request_no, noted[0].body) == ("subscribe", number, body)
    assert noted[0].at == books.clock.now()


def test_money_requests_that_are_refused_are_noted_too(client: RawClient) -> None:
    client.post(f"{SAVING}/redeem", b"no JSON", {})
    client.post(f"{SAVING}/subscribe", b"[]")
    assert [(one.endpoint, one.request_no) for one in client.server.received] == [
        ("redeem", None),
        ("subscribe", None),
    ]


def test_a_body_that_never_arrives_whole_is_no_request(client: RawClient, books: Books) -> None:
    request = client.bytes_of("POST", f"{SAVING}/subscribe", client.subscribe_body("1001", "10"))
    with client.connect() as connection:
        connection.sendall(request[:-1])
        connection.shutdown(1)
        assert read_to_end(connection) == b""
    assert client.server.received == []
    assert books.records() == []


def test_what_the_hook_raises_comes_out_when_the_server_closes(books: Books) -> None:
    def object_(_: Received) -> None:
        raise LookupError("nothing was written ahead")

    server = serve(books)
    server.on_receive = object_
    client = RawClient(server)
    with client.session:
        assert client.subscribe("1001", "10").status_code == 200
    with pytest.raises(LookupError, match="written ahead"):
        server.close()
    server.close()


def test_every_request_is_listed(client: RawClient) -> None:
    client.get("/system/time")
    client.get("/nowhere")
    assert [(one.endpoint, one.method, one.path) for one in client.server.arrivals] == [
        ("time", "GET", "/system/time"),
        (None, "GET", "/nowhere"),
    ]


def test_a_connection_serves_many_requests(server: SandboxServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    sockets = set()
    for _ in range(5):
        connection.request("GET", "/system/time")
        reply = connection.getresponse()
        assert reply.read()
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets
    connection.close()


def test_a_client_that_asks_for_the_end_gets_it(client: RawClient) -> None:
    came = client.raw(client.bytes_of("GET", "/system/time", b"", "Connection: close"))
    assert b"Connection: close" in came
    assert came.count(b"HTTP/1.1 200 OK") == 1


def test_closing_leaves_no_thread_and_no_open_connection(books: Books) -> None:
    server = serve(books)
    client = RawClient(server)
    idle = [client.connect() for _ in range(3)]
    with client.session:
        client.get("/system/time")
        assert threads()
        server.close()
    assert threads() == []
    assert [read_to_end(connection) for connection in idle] == [b"", b"", b""]
    for connection in idle:
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        client.connect()


def test_the_books_outlive_their_server(books: Books) -> None:
    with serve(books) as server:
        client = RawClient(server)
        with client.session:
            client.subscribe("1001", "10")
        port = server.port
    with serve(books, port=port) as server:
        client = RawClient(server)
        with client.session:
            assert client.rows("earn")[0]["earnId"] == "200001"


def test_the_keys_can_be_others(books: Books) -> None:
    with serve(books) as standard:
        practice = next(iter(standard.keys.values()))
    mine = replace(practice, access_key="mine")
    with serve(books, keys=[mine]) as server:
        client = RawClient(server)
        with client.session:
            assert client.get(f"{SAVING}/earn").json()["code"] == 30002
            assert client.get(f"{SAVING}/earn", {"X-BM-KEY": "mine"}).json()["code"] == 1000


def test_threads_that_send_the_same_number_get_one_yes(server: SandboxServer) -> None:
    number = new_number()
    server.gateway = replace(server.gateway, limits_on=False)
    codes = []
    start = threading.Barrier(8)

    def send() -> None:
        client = RawClient(server)
        with client.session:
            start.wait(10)
            codes.append(client.subscribe("1001", "10", number).json()["code"])

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(codes) == [1000] + [80013] * 7
    assert server.books.held("1001") == 10
    assert len(server.received) == 8
