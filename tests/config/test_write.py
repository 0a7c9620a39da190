"""The example, the effective configuration and the schema say what the model says."""

from __future__ import annotations

import itertools
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from earnd.config.coin import CoinSection, ProductsSection
from earnd.config.kinds import Written
from earnd.config.load import load
from earnd.config.model import Config, StrategySection
from earnd.config.quarantine import QuarantineSection
from earnd.config.rotate import RotateSection
from earnd.config.section import KeysType, shapes, shown
from earnd.config.values import read_duration
from earnd.config.write import effective, example_text, new_config, schema
from earnd.domain.ids import ProductId
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.strategy import InterestPaid, Mode, Need, Share, TierRule
from earnd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.conftest import Loads

ROOT = Path(__file__).parents[2]


def keys_of(model: KeysType, path: str = "") -> Iterator[str]:
    for name, _, shape in shapes(model):
        yield f"{path}{name}"
        if isinstance(shape, tuple):
            yield from keys_of(shape[0], f"{path}{name}.COIN.")
        elif not isinstance(shape, Written):
            yield from keys_of(shape, f"{path}{name}.")


def keys_in(data: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in data.items():
        label = "COIN" if path == "strategy.coins." else name
        if label == name:
            yield f"{path}{name}"
        if isinstance(value, dict):
            yield from keys_in(value, f"{path}{label}.")


def test_the_example_of_the_repository_is_the_one_that_is_shipped() -> None:
    assert (ROOT / "config.example.yaml").read_text("utf-8") == example_text()


def test_the_example_loads_and_only_looks(loads: Loads) -> None:
    """O2."""
    assert loads(example_text()).mode == "dry-run"


def test_the_example_shows_every_key_there_is() -> None:
    shown_keys = set(keys_in(yaml.safe_load(example_text())))

    assert shown_keys == set(keys_of(Config))


def test_the_example_shows_the_defaults_of_everything_but_the_coins(loads: Loads) -> None:
    config = loads(example_text())

    assert config.model_copy(update={"strategy": StrategySection()}) == Config()


def test_the_example_names_the_default_of_every_key_of_a_coin() -> None:
    lines = example_text().split("strategy:\n")[-1].splitlines()
    named = {}
    for before, line in itertools.pairwise(lines):
        default = re.fullmatch(r" +# Default: (.+)", before)
        key = re.match(r" +([a-z_]+): ", line)
        if default and key:
            named[key[1]] = default[1]
    defaults = shown(CoinSection())
    for section in ("products", "rotate", "quarantine"):
        defaults |= defaults.pop(section)

    assert named == {
        key: {None: "null", True: "true"}.get(value, str(value))
        if not isinstance(value, list)
        else "[]"
        for key, value in defaults.items()
    }


def test_the_example_fits_a_terminal() -> None:
    assert all(len(line) <= 100 for line in example_text().splitlines())


def test_a_new_configuration_is_its_owners_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        new_config(tmp_path / "config.yaml")
    finally:
        os.umask(previous)

    assert stat.S_IMODE((tmp_path / "config.yaml").stat().st_mode) == 0o600
    assert load(tmp_path / "config.yaml").config.mode == "dry-run"
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("kind", ["file", "link to nothing"])
def test_a_new_configuration_never_replaces_anything(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config.yaml"
    if kind == "file":
        path.write_text("mode: live")
    else:
        path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigError, match="there is something of that name already"):
        new_config(path)

    assert [found.name for found in tmp_path.iterdir()] == ["config.yaml"]
    assert kind != "file" or path.read_text() == "mode: live"


def test_a_place_that_cannot_be_written_to_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        new_config(tmp_path / "gone" / "config.yaml")


def test_the_effective_configuration_has_every_key(loads: Loads) -> None:
    config = loads("strategy: {coins: {USDT: {}}}")

    assert set(keys_in(yaml.safe_load(effective(config)))) == set(keys_of(Config))


def test_the_effective_configuration_is_short_and_plain(loads: Loads) -> None:
    text = effective(
        loads("strategy: {coins: {USDT: {reserve: 0.10, min_move: 0.0000001, min_apy: 1.50%}}}")
    )

    assert "\n      reserve: 0.1\n      min_move: 0.0000001\n      min_apy: 1.5%\n" in text
    assert "every: 15m\n" in text


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        'schedule: {cron: "*/5 4 * * *", jitter: 30m}',
        "account: {label: 'null'}",
        "account: {label: on}",
        "account: {label: 010}",
        "account: {label: 1_0}",
        "ledger: {path: ' odd: #name'}",
        "ledger: {path: 'null'}",
        "ledger: {path: 日本/ü.db}",
        "exchange: {base_url: 'http://[::1]:8080'}",
        "strategy: {coins: {NO: {}, 1INCH: {}, '1': {}, '0.5': {}, '*': {}}}",
        "strategy: {coins: {USDT: {products: {allow: ['007', 1, 10, 9, 089]}}}}",
    ],
)
def test_loading_the_effective_configuration_changes_nothing(loads: Loads, text: str) -> None:
    config = loads(text)

    assert loads(effective(config)) == config


AMOUNTS = st.from_regex(r"\A(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?\Z").map(Decimal)
POSITIVE = AMOUNTS.filter(bool)
PERCENTS = st.decimals(0, 1000, places=6).map(lambda number: Rate(number.scaleb(-2)))
SHARES = st.decimals(Decimal("0.000001"), 100, places=6).map(lambda part: Share(part.scaleb(-2)))
IDS = st.frozensets(st.from_regex(r"\A[0-9]{1,20}\Z").map(ProductId), max_size=4)


def spans(least: str, most: str) -> st.SearchStrategy[timedelta]:
    low, high = (read_duration(edge) // timedelta(seconds=1) for edge in (least, most))
    return st.integers(low, high).map(lambda seconds: timedelta(seconds=seconds))


def needs_of(most: Decimal | None) -> st.SearchStrategy[tuple[Need, ...]]:
    moments = st.integers(-800_000_000, 30_000_000_000).map(
        lambda seconds: datetime(2026, 12, 4, 9, tzinfo=UTC) + timedelta(seconds=seconds)
    )
    amounts = POSITIVE.map(lambda amount: amount if most is None else min(amount, most))
    each = st.builds(Need, amounts, moments)
    return st.lists(each, max_size=3, unique_by=lambda need: need.by).map(tuple)


@st.composite
def rotations(draw: st.DrawFn) -> RotateSection:
    horizon = draw(spans("1h", "365d"))
    cost = draw(st.none() | spans("0s", "30d"))
    return RotateSection(
        enabled=draw(st.booleans()),
        horizon=horizon,
        move_cost=cost if cost is None or cost < horizon else None,
        min_gain=draw(AMOUNTS),
        proof=draw(st.decimals(0, 1000, places=6)).scaleb(-2),
        cool_down=draw(spans("0s", "30d")),
    )


@st.composite
def coins(draw: st.DrawFn) -> CoinSection:
    leave, enter, credible = sorted([draw(PERCENTS), draw(PERCENTS), draw(PERCENTS)])
    refill = draw(st.none() | st.tuples(AMOUNTS, AMOUNTS).map(sorted))
    smallest = draw(AMOUNTS)
    limit = st.none() | POSITIVE.filter(lambda most: most >= smallest)
    allow = draw(st.none() | IDS.filter(bool))
    most_a_day = draw(limit)
    return CoinSection(
        mode=draw(st.sampled_from(Mode)),
        reserve=draw(AMOUNTS),
        min_move=smallest,
        min_apy=enter,
        redeem_below_apy=leave,
        refill_below=refill[0] if refill else None,
        refill_to=refill[1] if refill else None,
        max_per_product=draw(limit | SHARES),
        products=ProductsSection(allow=allow, deny=draw(IDS) - (allow or frozenset())),
        precision=draw(st.integers(0, 18)),
        count_additional_apy=draw(st.booleans()),
        interest_paid=draw(st.sampled_from(InterestPaid)),
        max_credible_apy=credible if credible > NO_RATE else Rate(Decimal(1)),
        max_per_action=draw(limit),
        max_per_day=most_a_day,
        max_total=draw(limit | SHARES),
        needs=draw(needs_of(most_a_day)),
        need_lead=draw(spans("15m", "30d")),
        tier_rule=draw(st.sampled_from(TierRule)),
        rotate=draw(rotations()),
        quarantine=QuarantineSection(
            looks=draw(st.integers(1, 100)),
            span=draw(spans("0s", "7d")),
            factor=draw(st.decimals(Decimal("1.0001"), 1_000_000, places=4)),
        ),
        respect_person=draw(spans("0s", "30d")),
    )


@given(coin=coins())
def test_any_coin_survives_being_written_and_read(
    coin: CoinSection, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = Config(strategy=StrategySection(coins={"USDT": coin}))
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(effective(config), encoding="utf-8")

    assert load(path).config == config


def described(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        assert inner["description"], f"{path}{name}"
        yield f"{path}{name}"
        yield from described(inner, f"{path}{name}.")
    inner = schema.get("additionalProperties", False)
    if inner:
        yield from described(inner, f"{path}COIN.")


def test_the_schema_describes_every_key_and_admits_no_other() -> None:
    made = schema()

    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["additionalProperties"] is False
    assert set(described(made)) == set(keys_of(Config))


def test_the_schema_is_plain_json_with_the_defaults_of_the_model() -> None:
    exchange = schema()["properties"]["exchange"]["properties"]

    assert exchange["read_timeout"]["default"] == "10s"
    assert exchange["ca_file"]["default"] is None
    coin = schema()["properties"]["strategy"]["properties"]["coins"]["additionalProperties"]
    assert coin["properties"]["max_credible_apy"]["default"] == "200%"
    assert coin["properties"]["mode"]["enum"] == ["on", "hold", "redeem-only"]
    assert coin["additionalProperties"] is False


def patterns(schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("default"), str) and "pattern" in schema:
            yield schema["pattern"], schema["default"]
        for inner in schema.values():
            yield from patterns(inner)


def test_every_default_fits_the_pattern_of_the_schema() -> None:
    found = list(patterns(schema()))

    assert len(found) > 10
    assert [default for pattern, default in found if not re.search(pattern, default)] == []
