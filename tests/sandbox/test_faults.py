"""Each kind of fault, seen from a client that shares no code with the sandbox."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from earnd.sandbox import APPLIES, Books, Fault, VirtualClock, faults
from tests.sandbox.raw_client import SAVING, RawClient, read_to_end


def subscribe_under(client: RawClient, kind: str, **what: Any) -> tuple[bytes, bool]:
    """What came back on a connection of its own, and whether the money moved."""
    client.server.faults.add(Fault("subscribe", kind, **what))
    before = client.server.books.held("1001")
    body = client.subscribe_body("1001", "10")
    came = client.raw(client.bytes_of("POST", f"{SAVING}/subscribe", body, "Connection: close"))
    assert [received.body for received in client.server.received] == [body]
    return came, client.server.books.held("1001") > before


def document(came: bytes) -> Any:
    return json.loads(came.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("kind", "moved"),
    [("drop_before", False), ("drop_after", True)],
)
def test_a_dropped_reply_is_silence_whether_or_not_the_money_moved(
    client: RawClient, kind: str, moved: bool
) -> None:
    assert subscribe_under(client, kind) == (b"", moved)


@pytest.mark.parametrize(("kind", "moved"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_is_a_reset(client: RawClient, books: Books, kind: str, moved: bool) -> None:
    client.server.faults.add(Fault("subscribe", kind))
    body = client.subscribe_body("1001", "10")
    with client.connect() as connection:
        connection.sendall(client.bytes_of("POST", f"{SAVING}/subscribe", body))
        with pytest.raises(ConnectionResetError):
            read_to_end(connection)
    assert (books.held("1001") > 0) is moved


@contextmanager
def stalled(client: RawClient, kind: str) -> Iterator[Any]:
    client.server.faults.add(Fault("subscribe", kind))
    body = client.subscribe_body("1001", "10")
    with client.connect() as connection:
        connection.sendall(client.bytes_of("POST", f"{SAVING}/subscribe", body))
        assert client.server.faults.wait_until_held()
        yield connection


@pytest.mark.parametrize(("kind", "moved"), [("stall_before", False), ("stall_after", True)])
def test_a_stalled_request_is_held_until_it_is_released(
    client: RawClient, books: Books, kind: str, moved: bool
) -> None:
    with stalled(client, kind) as connection:
        assert (books.held("1001") > 0) is moved
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        client.server.faults.release()
        assert read_to_end(connection) == b""


def test_a_stalled_request_does_not_outlive_the_server(client: RawClient) -> None:
    with stalled(client, "stall_before") as connection:
        client.server.close()
        assert read_to_end(connection) == b""


def test_a_parked_request_arrives_when_it_is_delivered(client: RawClient, books: Books) -> None:
    assert subscribe_under(client, "park") == (b"", False)
    assert [reply.status for reply in client.server.deliver_parked()] == [200]
    assert books.held("1001") == 10
    assert client.server.deliver_parked() == []


def test_a_parked_request_that_comes_too_late_is_judged_by_its_timestamp(
    client: RawClient, books: Books, clock: VirtualClock
) -> None:
    subscribe_under(client, "park")
    clock.advance(timedelta(seconds=61))
    replies = client.server.deliver_parked()
    assert [(reply.document or {})["code"] for reply in replies] == [30007]
    assert books.held("1001") == 0


def test_bytes_delivered_twice_are_executed_once_and_refused_once(
    client: RawClient, books: Books
) -> None:
    client.server.faults.add(Fault("subscribe", "deliver_twice"))
    reply = client.subscribe("1001", "10")
    assert (reply.status_code, reply.json()["code"]) == (400, 80013)
    assert books.held("1001") == 10
    first, second = client.server.received
    assert first.body == second.body


def test_a_dribbled_reply_arrives_whole_and_byte_by_byte(client: RawClient) -> None:
    came, moved = subscribe_under(client, "dribble", pause=timedelta(microseconds=10))
    assert document(came)["data"] is True
    assert moved


def test_a_dribbled_reply_ends_when_the_server_closes(client: RawClient) -> None:
    client.server.faults.add(Fault("time", "dribble", pause=timedelta(hours=1)))
    with client.connect() as connection:
        connection.sendall(client.bytes_of("GET", "/system/time"))
        assert connection.recv(1) == b"H"
        client.server.close()


@pytest.mark.parametrize("cut_at", [0, 1, 30, 86])
def test_a_cut_body_is_shorter_than_announced(client: RawClient, cut_at: int) -> None:
    came, moved = subscribe_under(client, "cut_body", cut_at=cut_at)
    head, _, body = came.partition(b"\r\n\r\n")
    assert len(body) == cut_at
    assert b"Content-Length: 87" in head
    assert moved


def test_a_close_framed_cut_is_invisible_to_http(client: RawClient) -> None:
    came, moved = subscribe_under(client, "cut_close_framed", cut_at=20)
    head, _, body = came.partition(b"\r\n\r\n")
    assert body == b'{"message":"OK","cod'
    assert b"Content-Length" not in head
    assert b"Connection: close" in head
    assert moved


def test_an_endless_body_goes_on_until_the_client_hangs_up(client: RawClient) -> None:
    client.server.faults.add(Fault("time", "endless"))
    with client.connect() as connection:
        connection.sendall(client.bytes_of("GET", "/system/time"))
        got = 0
        while got < 1_000_000:
            got += len(connection.recv(65_536))


@pytest.mark.parametrize("status", [200, 403, 503])
def test_the_cdn_answers_in_html(client: RawClient, status: int) -> None:
    client.server.faults.add(Fault("product", "html", status=status))
    reply = client.get(f"{SAVING}/product")
    assert reply.status_code == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(("apply", "moved"), [(None, False), (True, True)])
def test_any_status_can_be_sent_with_the_money_moved_or_not(
    client: RawClient, books: Books, apply: bool | None, moved: bool
) -> None:
    client.server.faults.add(Fault("subscribe", "status", status=504, body=b"late", apply=apply))
    reply = client.subscribe("1001", "10")
    assert (reply.status_code, reply.content) == (504, b"late")
    assert (books.held("1001") > 0) is moved


def test_a_status_can_contradict_its_code(client: RawClient) -> None:
    client.server.faults.add(Fault("subscribe", "status", status=500, code=80002, message="odd"))
    reply = client.subscribe("1001", "10")
    assert (reply.status_code, reply.json()["code"], reply.json()["message"]) == (500, 80002, "odd")


def test_a_code_nobody_documents_can_be_sent(client: RawClient) -> None:
    client.server.faults.add(Fault("subscribe", "code", code=80023))
    reply = client.subscribe("1001", "10")
    assert (reply.status_code, reply.json()["code"]) == (400, 80023)


@pytest.mark.parametrize(
    ("kind", "moved", "code", "data"),
    [
        ("system_error_before", False, 80016, {}),
        ("system_error_after", True, 80016, {}),
        ("data_false_before", False, 1000, False),
        ("data_false_after", True, 1000, False),
    ],
)
def test_an_unclear_answer_says_nothing_about_the_money(
    client: RawClient, kind: str, moved: bool, code: int, data: object
) -> None:
    came, did_move = subscribe_under(client, kind)
    assert (document(came)["code"], document(came)["data"]) == (code, data)
    assert did_move is moved


@pytest.mark.parametrize("value", [1, "true", None, {}, [True]])
def test_the_data_can_be_any_value(client: RawClient, value: object) -> None:
    came, moved = subscribe_under(client, "data_value", value=value)
    assert document(came)["data"] == value
    assert moved


def test_the_data_can_be_missing(client: RawClient) -> None:
    assert "data" not in document(subscribe_under(client, "data_value")[0])


def test_garbage_is_no_json(client: RawClient) -> None:
    came, moved = subscribe_under(client, "garbage")
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        document(came)
    assert moved


def test_a_bomb_is_small_on_the_wire_and_large_inflated(client: RawClient) -> None:
    came, moved = subscribe_under(client, "gzip_bomb", size=5_000_000)
    head, _, body = came.partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert len(body) < 10_000
    assert len(gzip.decompress(body)) > 5_000_000
    assert moved


def test_duplicate_keys_say_first_the_opposite(client: RawClient) -> None:
    came, moved = subscribe_under(client, "duplicate_keys")
    body = came.partition(b"\r\n\r\n")[2]
    pairs = json.loads(body, object_pairs_hook=list)
    assert [value for key, value in pairs if key == "code"] == [80002, 1000]
    assert [value for key, value in pairs if key == "data"] == [False, True]
    assert moved


def test_nan_stands_where_a_number_should(client: RawClient) -> None:
    client.server.faults.add(Fault("product", "nan"), Fault("subscribe", "nan"))
    assert '"total":NaN' in client.get(f"{SAVING}/product").text
    assert '"data":NaN' in client.subscribe("1001", "10").text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_points_elsewhere(client: RawClient, books: Books, status: int) -> None:
    elsewhere = "http://127.0.0.1:1/elsewhere"
    client.server.faults.add(Fault("subscribe", "redirect", status=status, location=elsewhere))
    reply = client.subscribe("1001", "10")
    assert (reply.status_code, reply.headers["Location"]) == (status, elsewhere)
    assert books.held("1001") == 0


@pytest.mark.parametrize("other", ["product", "record", "wallet", "time"])
def test_a_swapped_reply_is_another_endpoints(client: RawClient, other: str) -> None:
    came, moved = subscribe_under(client, "swap", other=other)
    expected = {"product": "total", "record": "total", "wallet": "wallet", "time": "server_time"}
    assert expected[other] in document(came)["data"]
    assert moved


def test_a_stale_reply_is_the_one_before(client: RawClient, books: Books) -> None:
    def positions() -> int:
        return int(client.get(f"{SAVING}/earn").json()["data"]["total"])

    assert positions() == 0
    books.subscribe_by_hand("1001", "10")
    client.server.faults.add(Fault("earn", "stale"))
    assert [positions(), positions()] == [0, 1]


def products(client: RawClient, page: int, size: int) -> tuple[int, list[str]]:
    data = client.get(f"{SAVING}/product", currentPage=page, sizePage=size).json()["data"]
    return data["total"], [row["productId"] for row in data["list"]]


def test_a_total_can_be_off(client: RawClient) -> None:
    client.server.faults.add(Fault("product", "bad_total", by=-1))
    assert products(client, 1, 100) == (2, ["1001", "1002", "1101"])


def test_pages_can_shift_while_they_are_read(client: RawClient) -> None:
    client.server.faults.add(Fault("product", "shift_pages"))
    assert products(client, 1, 2) == (3, ["1001", "1002"])
    assert products(client, 2, 2) == (4, ["1002", "1101"])
    assert products(client, 2, 2) == (3, ["1101"])


def test_an_id_can_be_repeated(client: RawClient) -> None:
    client.server.faults.add(Fault("product", "repeat_id", times=2))
    assert products(client, 1, 100) == (3, ["1001", "1002", "1001"])
    assert products(client, 2, 2) == (3, ["1101", "1101"])


def test_a_list_can_be_empty_with_a_good_code(client: RawClient) -> None:
    client.server.faults.add(
        Fault("product", "empty_list"), Fault("wallet", "empty_list"), Fault("total", "empty_list")
    )
    assert products(client, 1, 100) == (0, [])
    assert client.get("/spot/v1/wallet").json()["data"] == {"wallet": []}
    assert client.get("/newearn/cloud/v1/earn").json()["data"] == []


def test_a_field_can_be_missing_or_wrong(client: RawClient) -> None:
    client.server.faults.add(
        Fault("product", "malformed_field", path="data.list.1.apy"),
        Fault("product", "malformed_field", nth=2, path="data.list.0.apy", value="5.00"),
        Fault("product", "malformed_field", nth=3, path="trace"),
    )
    assert "apy" not in client.rows("product")[1]
    assert client.rows("product")[0]["apy"] == "5.00"
    assert "trace" not in client.get(f"{SAVING}/product").json()


def test_a_fault_strikes_from_the_nth_request_as_often_as_it_says(client: RawClient) -> None:
    client.server.faults.add(Fault("time", "code", code=30014, nth=2, times=2))
    codes = [client.get("/system/time").json()["code"] for _ in range(5)]
    assert codes == [1000, 30014, 30014, 1000, 1000]
    assert client.server.faults.pending() == []


def test_a_fault_for_ever_ends_when_it_is_cleared(client: RawClient) -> None:
    client.server.faults.add(Fault("*", "code", code=30014, times=None))
    assert client.get("/system/time").status_code == 503
    assert client.get("/spot/v1/wallet").status_code == 503
    assert len(client.server.faults.pending()) == 1
    client.server.faults.clear()
    assert client.get("/system/time").status_code == 200


def test_of_two_faults_that_are_due_the_first_strikes(client: RawClient) -> None:
    client.server.faults.add(
        Fault("time", "code", code=30014), Fault("*", "code", code=30016, times=2)
    )
    codes = [client.get("/system/time").json()["code"] for _ in range(3)]
    assert codes == [30014, 30016, 1000]


def test_a_fault_is_checked_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Fault("subscribe", "explode")
    with pytest.raises(ValueError, match="needs a code"):
        Fault("subscribe", "code")
    with pytest.raises(ValueError, match="needs a path"):
        Fault("subscribe", "malformed_field")


def test_the_table_of_kinds_lists_each_of_them_as_it_is() -> None:
    rows = [line.split("|") for line in (faults.__doc__ or "").splitlines() if line[:2] == "| "]
    table = {row[1].strip(): row[2].strip() for row in rows[1:]}
    assert list(table) == list(APPLIES)
    assert {kind: applied in {"no", "later"} for kind, applied in table.items()} == {
        kind: not applies for kind, applies in APPLIES.items()
    }


def test_requests_too_reads_a_dropped_reply_as_a_connection_error(client: RawClient) -> None:
    client.server.faults.add(Fault("subscribe", "drop_after"))
    with pytest.raises(requests.ConnectionError):
        client.subscribe("1001", "10")


def test_every_kind_is_observed_by_a_test_of_this_file() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in APPLIES if f'"{kind}"' not in text] == []
