from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnd.domain.ids import Coin, EarnId, ProductId, RecordId, RequestNo
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.product import Product, Tier
from earnd.domain.snapshot import (
    Balance,
    Position,
    Record,
    RecordKind,
    RecordStatus,
    ServiceNotice,
    SubscribeType,
)
from earnd.exchange.bitmart import wire
from earnd.exchange.bitmart.fields import BadField, Node, milliseconds, moment
from tests.exchange.samples import POSITION, PRODUCT, RECORD, without

PATH = "data.list[3]"
FIVE, FOUR, ONE = Rate(Decimal("0.05")), Rate(Decimal("0.04")), Rate(Decimal("0.01"))
USDT = Coin("USDT")
NOT_AMOUNTS: list[Any] = [
    100,
    1.5,
    "1e3",
    "-1",
    "+1",
    "",
    " 1",
    "1_000",
    "1,5",
    "NaN",
    "\u0661",
    None,
    True,
    [],
]
NOT_RATES: list[Any] = ["5.00", "5,00%", "-1%", "", "%", "five%", 5, None]
NOT_IDS: list[Any] = ["", "x", "1" * 21, "1 ", "-1", 1001, "\u0661", None]
NOT_TEXTS: list[Any] = [1, True, ["HOT"], {}, None]
NOT_COINS: list[Any] = ["usdt", "USDT ", "", "US DT", "USDT\n", "Ü", "A" * 21, 5, None]


def product(row: dict[str, Any]) -> Product:
    return wire.product(Node(row, PATH))


def position(row: dict[str, Any]) -> Position:
    return wire.position(Node(row, PATH))


def record(row: dict[str, Any], kind: RecordKind = RecordKind.SUBSCRIBE) -> Record:
    return wire.record(Node(row, PATH), kind=kind, since=None)


def test_reads_the_product_of_the_api_page() -> None:
    assert product(PRODUCT) == Product(
        ProductId("1001"),
        USDT,
        FIVE,
        ONE,
        Decimal(1),
        Decimal(100000),
        (
            Tier(Decimal(1), Decimal(10000), FIVE),
            Tier(Decimal(10000), Decimal(100000), FOUR),
        ),
        has_tiers=True,
        tag='["HOT"]',
    )


def test_reads_the_position_of_the_api_page() -> None:
    assert position(POSITION) == Position(
        EarnId("200001"), ProductId("1001"), USDT, FIVE, ONE, Decimal(10), auto_subscribe=True
    )


def test_reads_the_record_of_the_api_page() -> None:
    assert record(RECORD) == Record(
        RecordId("300001"),
        RecordKind.SUBSCRIBE,
        ProductId("1001"),
        USDT,
        Decimal(100),
        datetime(2023, 4, 17, 3, 19, 17, 927000, tzinfo=UTC),
        SubscribeType.NORMAL,
    )


def test_unknown_fields_are_tolerated() -> None:
    """N15."""
    assert product(PRODUCT | {"new": {"x": 1}}) == product(PRODUCT)
    assert position(POSITION | {"new": None}) == position(POSITION)
    assert record(RECORD | {"lockDay": 30}) == record(RECORD)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("productId", bad) for bad in NOT_IDS),
        *(("coinName", bad) for bad in NOT_COINS),
        *(("apy", bad) for bad in NOT_RATES),
        *(("minPurchaseAmount", bad) for bad in NOT_AMOUNTS),
        *(("maxPurchaseAmount", bad) for bad in NOT_AMOUNTS),
        *(("hasTierRate", bad) for bad in ["true", 1, None]),
        *(("additionalApy", bad) for bad in ["5.00", 1, False]),
        *(("productTag", bad) for bad in NOT_TEXTS),
        ("tierRate", None),
        ("tierRate", {}),
        ("tierRate", "[]"),
    ],
)
def test_a_malformed_field_of_a_product_is_refused_by_its_path(field: str, bad: Any) -> None:
    """E9, N1, N4, N12."""
    with pytest.raises(BadField) as caught:
        product(PRODUCT | {field: bad})
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("field", sorted(set(PRODUCT) - {"additionalApy"}))
def test_a_missing_field_of_a_product_is_refused_by_its_path(field: str) -> None:
    with pytest.raises(BadField, match="missing") as caught:
        product(without(PRODUCT, field))
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("field", ["minPurchaseAmount", "maxPurchaseAmount", "apy"])
def test_a_field_of_a_tier_is_refused_by_its_path(field: str) -> None:
    tiers = [PRODUCT["tierRate"][0], PRODUCT["tierRate"][1] | {field: "no"}]
    with pytest.raises(BadField) as caught:
        product(PRODUCT | {"tierRate": tiers})
    assert caught.value.path == f"{PATH}.tierRate[1].{field}"


def test_the_message_names_the_path_the_reason_and_the_value() -> None:
    with pytest.raises(BadField) as caught:
        product(PRODUCT | {"apy": "5.00"})
    assert str(caught.value) == f"{PATH}.apy: not a rate with a percent sign: '5.00'"


def test_a_long_or_strange_value_is_shown_short_and_in_ascii() -> None:
    with pytest.raises(BadField) as caught:
        product(PRODUCT | {"apy": "\x1b[31m\n\u202e" + "x" * 10_000})
    assert len(str(caught.value)) < 150
    assert str(caught.value).isascii()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("extra", [{"additionalApy": None}, {"additionalApy": ""}, {}])
def test_an_absent_bonus_is_no_bonus(extra: dict[str, Any]) -> None:
    assert product(without(PRODUCT, "additionalApy") | extra).additional_rate == NO_RATE


@pytest.mark.parametrize("extra", [{"tierRate": None}, {"tierRate": []}, {}])
def test_tiers_may_be_absent_where_there_are_none(extra: dict[str, Any]) -> None:
    found = product(without(PRODUCT, "tierRate") | {"hasTierRate": False} | extra)

    assert (found.tiers, found.has_tiers) == ((), False)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("earnId", bad) for bad in NOT_IDS),
        *(("productId", bad) for bad in NOT_IDS),
        *(("coinName", bad) for bad in NOT_COINS),
        *(("apy", bad) for bad in NOT_RATES),
        *(("totalProfit", bad) for bad in NOT_AMOUNTS),
        *(("autoSubscribe", bad) for bad in ["true", 0, None]),
        *(("amount", bad) for bad in NOT_AMOUNTS if bad is not None),
        *(("coinId", bad) for bad in ["1", 1.5, -1, True, None]),
        *(("productTag", bad) for bad in NOT_TEXTS),
        *(("hasTierRate", bad) for bad in ["true", 1, None]),
        *(("additionalApy", bad) for bad in ["5.00", 1, False]),
        ("tierRate", None),
        ("tierRate", {}),
        ("tierRate", "[]"),
    ],
)
def test_a_malformed_field_of_a_position_is_refused_by_its_path(field: str, bad: Any) -> None:
    """E9, N1, N4."""
    with pytest.raises(BadField) as caught:
        position(POSITION | {field: bad})
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("field", sorted(set(POSITION) - {"additionalApy"}))
def test_a_missing_field_of_a_position_is_refused_by_its_path(field: str) -> None:
    with pytest.raises(BadField, match="missing") as caught:
        position(without(POSITION, field))
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("field", ["minPurchaseAmount", "maxPurchaseAmount", "apy"])
def test_a_field_of_a_positions_tier_is_refused_by_its_path(field: str) -> None:
    for tier in (without(POSITION["tierRate"][0], field), POSITION["tierRate"][0] | {field: 5}):
        with pytest.raises(BadField) as caught:
            position(POSITION | {"tierRate": [tier]})
        assert caught.value.path == f"{PATH}.tierRate[0].{field}"


@pytest.mark.parametrize("extra", [{"tierRate": None}, {"tierRate": []}, {}])
def test_tiers_of_a_position_may_be_absent_where_there_are_none(extra: dict[str, Any]) -> None:
    assert position(without(POSITION, "tierRate") | {"hasTierRate": False} | extra) == position(
        POSITION
    )


def test_an_amount_of_a_position_is_read_if_it_ever_comes() -> None:
    """X39."""
    assert position(POSITION | {"amount": "12.5"}).amount == Decimal("12.5")


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("type", bad) for bad in ["redeem", "interest", "SUBSCRIBE", "", 1, None]),
        *(("recordId", bad) for bad in NOT_IDS),
        *(("productId", bad) for bad in NOT_IDS),
        *(("coinName", bad) for bad in NOT_COINS),
        *(("amount", bad) for bad in NOT_AMOUNTS),
        *(
            ("time", bad)
            for bad in [1681701557, 1681701557927000, 0, -1, "1681701557927", 1.5, True, None]
        ),
        *(("subscribeType", bad) for bad in ["auto", "OTHER", "", 1, None]),
        *(("requestNo", bad) for bad in [20000009000000300000, []]),
        *(("productTag", bad) for bad in NOT_TEXTS),
    ],
)
def test_a_malformed_field_of_a_record_is_refused_by_its_path(field: str, bad: Any) -> None:
    """E9, N1, N4, X33, X39."""
    with pytest.raises(BadField) as caught:
        record(RECORD | {field: bad})
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("field", sorted(RECORD))
def test_a_missing_field_of_a_record_is_refused_by_its_path(field: str) -> None:
    with pytest.raises(BadField, match="missing") as caught:
        record(without(RECORD, field))
    assert caught.value.path == f"{PATH}.{field}"


@pytest.mark.parametrize("kind", [RecordKind.REDEEM, RecordKind.INTEREST])
def test_only_a_subscription_must_say_who_made_it(kind: RecordKind) -> None:
    row = RECORD | {"type": str(kind)}

    assert record(without(row, "subscribeType"), kind).subscribe_type is None
    assert record(row | {"subscribeType": None}, kind).subscribe_type is None
    assert record(row | {"subscribeType": "AUTO"}, kind).subscribe_type is SubscribeType.AUTO
    with pytest.raises(BadField, match="neither AUTO nor NORMAL"):
        record(row | {"subscribeType": "OTHER"}, kind)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", RecordStatus.DONE),
        ("succeeded", RecordStatus.DONE),
        ("Completed", RecordStatus.DONE),
        ("done", RecordStatus.DONE),
        ("PENDING", RecordStatus.PENDING),
        ("processing", RecordStatus.PENDING),
        ("FAIL", RecordStatus.FAILED),
        ("failed", RecordStatus.FAILED),
        ("REJECTED", RecordStatus.FAILED),
        ("unsuccessful", RecordStatus.UNCLEAR),
        ("", RecordStatus.UNCLEAR),
        (1, RecordStatus.UNCLEAR),
    ],
)
def test_the_newer_fields_of_a_record_are_read(word: Any, status: RecordStatus) -> None:
    """X41."""
    found = record(RECORD | {"status": word, "requestNo": "20000009000000300000"})

    assert (found.status, found.request_no) == (status, RequestNo("20000009000000300000"))


def test_the_newer_fields_of_a_record_may_be_null_or_absent() -> None:
    found = record(RECORD | {"status": None, "requestNo": None})

    assert (found.status, found.request_no) == (None, None)


def test_a_record_from_before_what_was_asked_for_is_refused() -> None:
    at = moment(RECORD["time"])
    row = Node(RECORD, PATH)

    assert wire.record(row, kind=RecordKind.SUBSCRIBE, since=at).at == at
    with pytest.raises(BadField, match="before 2023-04-17"):
        wire.record(row, kind=RecordKind.SUBSCRIBE, since=at + timedelta(milliseconds=1))


def test_milliseconds_are_exact_both_ways() -> None:
    for value in (1681701557927, 1420070400001, 4102444799999):
        assert milliseconds(moment(value)) == value
    assert milliseconds(moment(1) + timedelta(microseconds=999)) == 1


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (None, "data"),
        ([], "data"),
        (True, "data"),
        ({}, "data.total"),
        ({"total": 1}, "data.list"),
        ({"total": 1, "list": None}, "data.list"),
        ({"total": 1, "list": {}}, "data.list"),
        ({"total": "1", "list": []}, "data.total"),
        ({"total": -1, "list": []}, "data.total"),
        ({"total": True, "list": []}, "data.total"),
        ({"total": Decimal("1.0"), "list": []}, "data.total"),
        ({"list": []}, "data.total"),
    ],
)
def test_a_page_of_another_shape_is_refused_by_its_path(data: Any, path: str) -> None:
    with pytest.raises(BadField) as caught:
        wire.page(data)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "data", [{"total": 0}, {"total": 0, "list": None}, {"total": 0, "list": []}]
)
def test_a_total_of_nothing_is_an_empty_page(data: Any) -> None:
    assert wire.page(data) == wire.Page(0, ())


@pytest.mark.parametrize("key", ["id", "currency"])
def test_reads_a_wallet_by_either_name_of_the_symbol(key: str) -> None:
    row = {key: "BTC", "name": "Bitcoin", "available": "10.000000", "frozen": "0.5"}

    assert wire.balances({"wallet": [row]}, key=key) == {
        Coin("BTC"): Balance(Coin("BTC"), Decimal(10), Decimal("0.5"))
    }
    assert wire.balances({"wallet": []}, key=key) == {}


@pytest.mark.parametrize(
    ("wallet", "path"),
    [
        (None, "data.wallet"),
        ({}, "data.wallet"),
        ([None], "data.wallet[0]"),
        ([{"available": "1", "frozen": "0"}], "data.wallet[0].id"),
        ([{"id": "usdt", "available": "1", "frozen": "0"}], "data.wallet[0].id"),
        ([{"id": "USDT ", "available": "1", "frozen": "0"}], "data.wallet[0].id"),
        ([{"id": "USDT", "frozen": "0"}], "data.wallet[0].available"),
        ([{"id": "USDT", "available": "1"}], "data.wallet[0].frozen"),
        ([{"id": "USDT", "available": 1, "frozen": "0"}], "data.wallet[0].available"),
        ([{"id": "USDT", "available": "1", "frozen": "0"}] * 2, "data.wallet[1].id"),
    ],
)
def test_a_wallet_of_another_shape_is_refused_by_its_path(wallet: Any, path: str) -> None:
    """N18."""
    with pytest.raises(BadField) as caught:
        wire.balances({"wallet": wallet}, key="id")
    assert caught.value.path == path


def test_a_coin_that_earn_cannot_have_does_not_spoil_the_wallet() -> None:
    rows = [{"id": "$PURPE"}, {"id": "USDT", "available": "1", "frozen": "0"}]

    assert list(wire.balances({"wallet": rows}, key="id")) == ["USDT"]


def test_reads_the_totals_in_both_of_their_shapes() -> None:
    row = {"coinName": "USDT", "totalUserSum": "12.5", "totalProfit": "1", "previousProfit": "0"}

    assert wire.totals([row]) == wire.totals(row) == {USDT: Decimal("12.5")}
    assert wire.totals([]) == {}


@pytest.mark.parametrize("data", [None, {}, {"totalUserSum": "12.5"}])
def test_a_sum_over_all_coins_says_nothing_about_a_coin(data: Any) -> None:
    assert wire.totals(data) is None


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([{"totalUserSum": "1"}], "data[0].coinName"),
        ([{"coinName": "USDT"}], "data[0].totalUserSum"),
        ([{"coinName": "USDT", "totalUserSum": 1}], "data[0].totalUserSum"),
        ([{"coinName": "USDT", "totalUserSum": "1"}] * 2, "data[1].coinName"),
        ("x", "data"),
        (True, "data"),
        ({"total": 0, "list": []}, "data.totalUserSum"),
        ({"wallet": []}, "data.totalUserSum"),
        ({"totalUserSum": None}, "data.totalUserSum"),
    ],
)
def test_totals_of_another_shape_are_refused_by_their_path(data: Any, path: str) -> None:
    """H30."""
    with pytest.raises(BadField) as caught:
        wire.totals(data)
    assert caught.value.path == path


def notice(status: Any, service: str = "spot", **more: Any) -> dict[str, Any]:
    return {"title": "Stop", "service_type": service, "status": status, **more}


@pytest.mark.parametrize("status", [1, "1"])
def test_a_running_maintenance_is_a_notice(status: Any) -> None:
    rows = [notice(status, end_time=1681701557927), notice(status, "account", end_time=0)]

    assert wire.notices({"service": rows}) == (
        ServiceNotice("spot", "Stop", moment(1681701557927)),
        ServiceNotice("account", "Stop", None),
    )


@pytest.mark.parametrize("row", [notice(0), notice("2"), notice(2), notice(1, "contract")])
def test_what_is_over_announced_or_elsewhere_is_none(row: dict[str, Any]) -> None:
    assert wire.notices({"service": [row]}) == ()


@pytest.mark.parametrize("status", [3, "x", "", None, True, -1])
def test_an_unknown_status_of_a_service_is_refused(status: Any) -> None:
    with pytest.raises(BadField):
        wire.notices({"service": [notice(status)]})
