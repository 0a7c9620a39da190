"""The file as a whole: what it may leave out, and how it is told what is wrong with it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from earnd.config.load import MAX_BYTES, find_config, load
from earnd.config.model import Config, RunMode
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import Rate
from earnd.domain.strategy import CoinStrategy, Mode, Need, Quarantine, Rotation, Share
from earnd.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.config.conftest import Complains, Loads, Write

USDT = Coin("USDT")

# Copied from section 11 of the design: a contract.
MINIMAL = """\
mode: live
exchange:
  base_url: http://127.0.0.1:8080
ledger:
  path: ./ledger.db
schedule:
  every: 15m            # or cron: "5 4 * * *"
strategy:
  coins:
    USDT: {reserve: 100, min_move: 10, min_apy: 1%, redeem_below_apy: 0.5%, refill_below: 50, \
refill_to: 100}
    "*": {mode: hold}
"""

WRONG = """\
mode: paper
acount: {label: x}
base_url: https://x
exchange:
  base_url: http://api.example.com
  wallet: futures
  conect_timeout: 5s
  connect_timeout: 30s
  secret_key: hunter2
schedule: {every: 1:30, cron: "5 4 * * 0"}
settling:
  patience: 1m
log: secret_key:hunter2
strategy:
  coins:
    usdt: {mode: off}
    USDT:
      reserv: 100
      reserve: -5
      min_apy: 1
      max_per_product: 140%
      products: {allow: [12, ab, 12], deny: [1e3]}
      count_additional_apy: yes
      reserve: 7
    BTC:
      redeem_below_apy: 2%
      min_apy: 300%
      refill_below: 5
      precision: 19
      max_per_day: 1
      min_move: 2
      products: {allow: [1], deny: [1]}
    ETH:
    XRP: &x {refill_below: 9, refill_to: 8}
    ADA: *x
"""

TOLD = """\
config.yaml:1: mode: this version has no paper mode yet; dry-run looks and decides without \
sending; got 'paper'
config.yaml:2: acount: unknown key; did you mean 'account'?
config.yaml:3: base_url: unknown key; 'base_url' belongs under exchange
config.yaml:5: exchange.base_url: https is wanted; plain http only on this machine (127.0.0.1, \
::1, localhost), for it would send the key in the clear; got 'http://api.example.com'
config.yaml:6: exchange.wallet: one of spot, account is wanted; got 'futures'
config.yaml:7: exchange.conect_timeout: unknown key; did you mean 'connect_timeout'?
config.yaml:8: exchange.connect_timeout: 30s is longer than total_timeout, 20s
config.yaml:9: exchange.secret_key: secrets do not belong in this file; see secrets.directory, \
and change this one
config.yaml:10: schedule.every: a duration is wanted, like 15m, 90s, 2h, 1d or 1h30m; got '1:30'
config.yaml:10: schedule.cron: write weekdays by name (mon, tue, ... sun): programs number them \
differently; got '5 4 * * 0'
config.yaml:12: settling.patience: from 5m to 24h is possible; got 1m
config.yaml:13: log: keys are wanted here, indented one level (or {} for none)
config.yaml:16: strategy.coins.usdt: coins are written in upper case; did you mean 'USDT'?
config.yaml:16: strategy.coins.usdt.mode: to leave a coin alone, write hold; got 'off'
config.yaml:18: strategy.coins.USDT.reserv: unknown key; did you mean 'reserve'?
config.yaml:19: strategy.coins.USDT.reserve: an amount is never negative; got '-5'
config.yaml:20: strategy.coins.USDT.min_apy: a rate needs its percent sign, like 1%; got '1'
config.yaml:21: strategy.coins.USDT.max_per_product: a share lies above 0% and up to 100%; got \
'140%'
config.yaml:22: strategy.coins.USDT.products.allow[1]: a product's id is wanted, which is digits; \
got 'ab'
config.yaml:22: strategy.coins.USDT.products.allow[2]: 12 is in the list already
config.yaml:22: strategy.coins.USDT.products.deny[0]: a product's id is wanted, which is digits; \
got '1e3'
config.yaml:23: strategy.coins.USDT.count_additional_apy: true or false is wanted; got 'yes'
config.yaml:24: strategy.coins.USDT.reserve: written twice, first in line 19
config.yaml:27: strategy.coins.BTC.min_apy: 300% is more than max_credible_apy, 200%: nothing \
would ever be put in
config.yaml:28: strategy.coins.BTC.refill_below: needs refill_to beside it: up to where to refill
config.yaml:29: strategy.coins.BTC.precision: a whole number from 0 to 18 is wanted; got '19'
config.yaml:30: strategy.coins.BTC.max_per_day: 1 is less than min_move, 2: every move would be \
too big or too small
config.yaml:32: strategy.coins.BTC.products.deny: 1 is also under allow
config.yaml:33: strategy.coins.ETH: keys are wanted here, indented one level (or {} for none)
config.yaml:34: strategy.coins.XRP: anchors (&) are not used here
config.yaml:34: strategy.coins.XRP.refill_below: 9 is more than refill_to, 8: a refill would \
never be enough
config.yaml:35: strategy.coins.ADA: aliases (*) are not used here; text that begins with * needs \
quotes"""


def coin(text: str) -> str:
    return f"strategy: {{coins: {{USDT: {{{text}}}}}}}"


def test_the_minimal_file_of_the_contract_is_valid(loads: Loads) -> None:
    config = loads(MINIMAL)

    assert config.mode is RunMode.LIVE
    assert config.exchange.base_url == "http://127.0.0.1:8080"
    assert config.schedule.every == timedelta(minutes=15)
    strategy = config.strategy_value()
    assert strategy.for_coin(USDT) == CoinStrategy(
        reserve=Decimal(100),
        min_move=Decimal(10),
        min_apy=Rate(Decimal("0.01")),
        redeem_below_apy=Rate(Decimal("0.005")),
        refill_below=Decimal(50),
        refill_to=Decimal(100),
    )
    assert strategy.for_coin(Coin("BTC")) == CoinStrategy(mode=Mode.HOLD)


def test_everything_may_be_left_out(loads: Loads) -> None:
    config = loads("{}")

    assert config == Config()
    assert config.mode is RunMode.DRY_RUN
    assert config.strategy_value().for_coin(USDT) is None


def test_a_section_with_nothing_under_it_has_its_defaults(loads: Loads) -> None:
    text = "account:\nexchange:\nsecrets:\nledger:\nschedule:\nbackup:\nsettling:\nlimits:\nlog:\n"

    assert loads(text + "strategy:\n  coins:\n") == Config()


def test_a_listed_coin_takes_nothing_from_the_entry_for_all_others(loads: Loads) -> None:
    config = loads('strategy: {coins: {USDT: {}, "*": {mode: hold, reserve: 7}}}')

    assert config.strategy_value().for_coin(USDT) == CoinStrategy()


def test_every_key_of_a_coin_reaches_the_strategy(loads: Loads) -> None:
    text = coin(
        "mode: redeem-only, reserve: 1, min_move: 2, min_apy: 3%, redeem_below_apy: 2%, "
        "refill_below: 4, refill_to: 5, max_per_product: 40%, products: {allow: [6, '07'], "
        "deny: [8]}, precision: 6, count_additional_apy: false, interest_paid: wallet, "
        "max_credible_apy: 50%, max_per_action: 9, max_per_day: 10, max_total: 11, "
        "needs: [{amount: 12, by: 2026-12-04T10:00+01:00}], need_lead: 2d, tier_rule: whole, "
        "rotate: {enabled: false, horizon: 13d, move_cost: 2h, min_gain: 0.5, proof: 50%, "
        "cool_down: 2h}, quarantine: {looks: 2, span: 1h, factor: 2.5}, respect_person: 0s"
    )
    strategy = loads(text).strategy_value().for_coin(USDT)

    assert strategy is not None
    same = [
        field.name
        for field in fields(CoinStrategy)
        if getattr(strategy, field.name) == getattr(CoinStrategy(), field.name)
    ]
    assert same == []
    assert strategy.allow == frozenset({ProductId("6"), ProductId("07")})
    assert strategy.max_per_product == Share(Decimal("0.4"))
    assert strategy.needs == (Need(Decimal(12), datetime(2026, 12, 4, 9, tzinfo=UTC)),)
    assert strategy.rotation == Rotation(
        on=False,
        horizon=timedelta(days=13),
        move_cost=timedelta(hours=2),
        min_gain=Decimal("0.5"),
        proof=Decimal("0.5"),
        cool_down=timedelta(hours=2),
    )
    assert strategy.quarantine == Quarantine(2, timedelta(hours=1), Decimal("2.5"))


def test_every_mistake_is_told_at_once_in_plain_words_by_line(complains: Complains) -> None:
    """O1."""
    assert "\n".join(complains(WRONG)) == TOLD


def test_no_message_repeats_a_secret_in_the_wrong_place(complains: Complains) -> None:
    """E3."""
    assert "hunter2" not in "\n".join(complains(WRONG))
    assert "hunter2" not in "\n".join(complains("secrets:\n  secret_key:hunter2"))
    assert "hunter2" not in "\n".join(complains("secrets: {EARND_MEMO: hunter2}"))
    assert "hunter2" not in "\n".join(complains("secret_key:hunter2\nmode: live"))


def test_the_error_names_the_file_the_count_and_the_next_step(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write("mode: liv\nlogs: {}"))

    assert caught.value.exit_code is ExitCode.USAGE
    assert str(caught.value) == (
        "config.yaml:1: mode: one of dry-run, live is wanted; got 'liv'\n"
        "config.yaml:2: logs: unknown key; did you mean 'log'?\n"
        "2 mistakes in config.yaml\n"
        "  correct the file; `earnd check` tells whether it is right"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reserve: 1_000", "use plain digits, at most 20 before the point and 18 after it"),
        ("reserve: 010", "leave out the leading zero, which other YAML readers take for octal"),
        ("reserve: 0o17", "an amount is wanted, like 100 or 0.5"),
        ("reserve: 1:30", "an amount is wanted, like 100 or 0.5"),
        ("reserve: yes", "an amount is wanted, like 100 or 0.5"),
        ("reserve: 2024-01-01", "an amount is wanted, like 100 or 0.5"),
        ("reserve: .nan", "an amount is wanted, like 100 or 0.5"),
        ("reserve: ", "an amount is wanted, like 100 or 0.5; got nothing"),
        ("reserve: [1]", "an amount is wanted, like 100 or 0.5; got a list"),
        ("reserve: {a: 1}", "an amount is wanted, like 100 or 0.5; got keys under it"),
        ("max_per_action: 0", "0 would stop every move"),
        ("max_credible_apy: 0%", "0% would forbid every product"),
        ("products: {allow: []}", "an empty list allows nothing"),
        ("products: {allow: 12}", "a list of products' ids is wanted, like [123, 456]; got '12'"),
        ("products: {deny: [1_0]}", "a product's id is wanted, which is digits; got '1_0'"),
        ("mode: dry-run", "one of on, hold, redeem-only is wanted"),
        ("mode: live", "live is a mode of the whole file; for one coin, write on"),
        ("max_per_action: 1, min_move: 2", "1 is less than min_move, 2"),
        ("max_per_product: 1, min_move: 2", "1 is less than min_move, 2"),
        ("refill_to: 2", "needs refill_below beside it"),
        ("redeem_below_apy: 1%", "1% is more than min_apy, 0%"),
    ],
)
def test_a_wrong_value_of_a_coin_is_told_once(complains: Complains, text: str, told: str) -> None:
    (line,) = complains(coin(text))
    assert line.startswith("config.yaml:1: strategy.coins.USDT.")
    assert told in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schedule: {every: 5s}", "schedule.every: from 10s to 24h is possible; got 5s"),
        ("schedule: {every: 25h}", "schedule.every: from 10s to 24h is possible; got 1d1h"),
        ("schedule: {every: }", "schedule.every: either every or cron is needed"),
        ("schedule: {every: 5m, jitter: 5m}", "schedule.jitter: 5m is not less than every"),
        (
            'schedule: {cron: "5 4 * * *", jitter: 1h}',
            "schedule.jitter: 1h is not less than 1h, the most with cron",
        ),
        (
            'schedule: {every: 5m, cron: "5 4 * * *"}',
            "schedule.cron: every is given too; keep one of them",
        ),
        ("settling: {patience: 25h}", "settling.patience: from 5m to 24h is possible; got 1d1h"),
        (
            "exchange: {total_timeout: 61s}",
            "exchange.total_timeout: from 1s to 60s is possible; got 1m1s",
        ),
        (
            "exchange: {total_timeout: 5s}",
            "exchange.read_timeout: 10s is longer than total_timeout, 5s",
        ),
        (
            "account: {label: two words}",
            "account.label: up to 40 letters, digits, '.', '_' or '-' are wanted; got 'two words'",
        ),
        ("secrets: {directory: ''}", "secrets.directory: a path is wanted; got ''"),
        ("log: {level: warn}", "log.level: write warning; got 'warn'"),
        ("mode: ", "mode: one of dry-run, live is wanted; got nothing"),
        ("mode: [live]", "mode: one of dry-run, live is wanted; got a list"),
        ("exchange: {account: {}}", "exchange.account: unknown key; 'account' belongs at the "),
        ("limits: {every: 5m}", "limits.every: unknown key; 'every' belongs under schedule"),
        ("reserve: 5", "reserve: unknown key; 'reserve' belongs under strategy.coins.COIN"),
        ("zzz: 5", "zzz: unknown key"),
        ("access_key: x", "access_key: secrets do not belong in this file"),
        ("strategy: {coins: [USDT]}", "strategy.coins: keys are wanted here"),
        ("strategy: {coins: {USDT: on}}", "strategy.coins.USDT: keys are wanted here"),
        ('strategy: {coins: {"": {}}}', "strategy.coins.: a coin's symbol is wanted"),
        ("[]", "keys are wanted here"),
        ("~", "keys are wanted here"),
        ("live", "keys are wanted here"),
    ],
)
def test_a_wrong_value_of_a_section_is_told_once(
    complains: Complains, text: str, told: str
) -> None:
    (line,) = complains(text)
    assert line.startswith(f"config.yaml:1: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*: {mode: hold}", "1:2: text that begins with * needs quotes, like \"*\" or '*/15'"),
        ("a: &", "1:5: text that begins with & needs quotes"),
        ("mode: live\nlog:\n\tlevel: info", "3:1: a tab: YAML is indented with spaces"),
        ("mode: live\n level: info", "2:7: a colon where none can be; look at the indentation"),
        ("log:\n  level: info\n format: text", "3:2: indented differently from its neighbours"),
        ("mode: live\nlog", "2:4: a colon and a blank are missing after the key"),
        ("mode: 'live", "1:12: a quote is opened and never closed"),
        ("log: {level: info", "1:18: a { is opened and not closed, or a comma is missing"),
        ("a: [1", "1:6: a [ is opened and not closed, or a comma is missing"),
        ("mode: @live", "1:7: text that begins with %, @ or ` needs quotes"),
        ('mode: "\\q"', "1:9: a backslash in double quotes is an escape; use single quotes"),
        ('mode: "\\U00110000"', "1:1: an escape or a number beyond what there is"),
        ("mode: live\n---\nmode: live", "2:1: a second document begins; one is read"),
        ("? [a]\n: b", "1:3: a key is wanted here, which is a plain word"),
        ("? |\n  a\n: b", "1:3: a key over several lines, or a control character"),
        ("log: {level: \x07}", "1:14: a control character, which no text file holds"),
        ("", "1:1: the file is empty; {} would mean every default"),
        ("# nothing\n", "1:1: the file is empty; {} would mean every default"),
        ("a: " + "[" * 40 + "]" * 40, "1:19: a[0][0]: more than 16 levels deep"),
    ],
)
def test_a_file_that_is_not_yaml_is_told_where(complains: Complains, text: str, told: str) -> None:
    (line,) = complains(text)
    assert line.startswith(f"config.yaml:{told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("log: !!python/object/apply:os.system [ls]", "log: tags (!) are not used here"),
        ("log: {level: &a info, format: *a}", "log.level: anchors (&) are not used here"),
        ("log: {level: info, level: debug}", "log.level: written twice, first in line 1"),
        ("log: {}\nlog: {level: nonsense}", "log: written twice, first in line 1"),
        ('account: {label: "a\\nb"}', "account.label: text over several lines, or a control"),
        ('account: {label: "a\\x1b[31m"}', "account.label: text over several lines, or a control"),
        ('account: {label: "\\ud800"}', "account.label: text over several lines, or a control"),
    ],
)
def test_what_yaml_can_do_and_a_configuration_need_not_is_refused(
    complains: Complains, text: str, told: str
) -> None:
    """E13."""
    assert any(f": {told}" in line for line in complains(text))


PIECES = [
    "mode",
    "strategy",
    "coins",
    "USDT",
    "live",
    "\n",
    "  ",
    ": ",
    "- ",
    "? ",
    "*",
    "&a ",
    "!x ",
]
PIECES += [
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "#",
    "|\n",
    "~",
    "1%",
    "\\U00110000",
    "%YAML 1.1\n",
    "---",
]


@given(text=st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_any_text_loads_or_is_refused_in_lines_with_places(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path)
    except ConfigError as error:
        assert error.problems  # noqa: PT017 - a text that is right raises nothing
        places = [re.match(rf"{re.escape(str(path))}:([0-9]+)", line) for line in error.problems]
        lines = [int(place[1]) for place in places if place]
        assert len(lines) == len(places)
        assert lines == sorted(lines)


def test_an_alias_is_refused_and_never_expanded(complains: Complains) -> None:
    """E13."""
    laughs = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )

    assert sum("aliases (*) are not used here" in line for line in complains(laughs)) == 99


def test_a_file_that_is_not_text_is_refused_by_line(write: Write) -> None:
    path = write("")
    path.write_bytes(b"mode: live\naccount: {label: caf\xe9}\n")

    with pytest.raises(ConfigError, match=r"config.yaml:2: the file is not UTF-8 text"):
        load(path)


def test_a_mark_of_utf8_and_line_ends_of_windows_are_no_mistake(write: Write) -> None:
    path = write("")
    path.write_bytes(b"\xef\xbb\xbfmode: live\r\nlog:\r\n  level: debug\r\n")

    assert load(path).config.mode is RunMode.LIVE


def test_a_file_beyond_any_configuration_is_not_read_to_its_end(write: Write) -> None:
    path = write("#" * MAX_BYTES + "\nmode: live")

    with pytest.raises(ConfigError, match="larger than 256 KiB"):
        load(path)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path)


def test_the_digest_is_of_the_bytes_and_the_path_is_absolute(write: Write) -> None:
    loaded = load(write(MINIMAL))

    assert loaded.digest == hashlib.sha256(MINIMAL.encode()).hexdigest()
    assert loaded.path == Path.cwd() / "config.yaml"


def test_paths_are_relative_to_the_file(write: Write) -> None:
    text = "ledger: {path: a.db}\nlimits: {pause_file: /x/pause}\nexchange: {ca_file: ./ca.pem}"
    loaded = load(write(text))

    assert loaded.ledger_path({"STATE_DIRECTORY": "/var/lib/earnd"}) == Path.cwd() / "a.db"
    assert loaded.pause_file == Path("/x/pause")
    assert loaded.ca_file == Path.cwd() / "ca.pem"


def test_the_default_ledger_has_the_mode_in_its_name(write: Write) -> None:
    dry, live = load(write("{}")), load(write("mode: live"))

    assert dry.pause_file is dry.ca_file is None
    assert dry.ledger_path({}) == Path.cwd() / "earnd-dry-run.db"
    assert live.ledger_path({"STATE_DIRECTORY": ""}) == Path.cwd() / "earnd-live.db"
    state = {"STATE_DIRECTORY": "/var/lib/earnd:/var/lib/other"}
    assert live.ledger_path(state) == Path("/var/lib/earnd/earnd-live.db")


def test_a_crontab_replaces_the_interval(loads: Loads) -> None:
    schedule = loads('schedule: {cron: "5 4 * * *", jitter: 59m}').schedule

    assert schedule.every is None
    assert schedule.cron == "5 4 * * *"


def everything_in(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from everything_in(getattr(value, name))
    elif is_dataclass(value):
        for field in fields(value):
            yield from everything_in(getattr(value, field.name))
    elif hasattr(value, "items"):
        for key, inner in value.items():
            yield from everything_in(key)
            yield from everything_in(inner)


def test_no_float_appears_in_what_is_loaded(loads: Loads) -> None:
    """N1."""
    config = loads(Path(__file__).parents[2].joinpath("config.example.yaml").read_text("utf-8"))
    found = [*everything_in(config), *everything_in(config.strategy_value())]

    assert len(found) > 80
    assert not any(isinstance(value, float) for value in found)


def test_a_configuration_does_not_change(loads: Loads) -> None:
    config = loads(MINIMAL)

    with pytest.raises(ValidationError, match="frozen"):
        config.mode = RunMode.DRY_RUN
    with pytest.raises(TypeError):
        config.strategy.coins["BTC"] = config.strategy.coins["USDT"]  # type: ignore[index]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Path]:
    """Where configurations may be: named ones, the system's, and the current directory's."""
    monkeypatch.chdir(tmp_path)
    return {"system": tmp_path / "etc.yaml", "local": Path("config.yaml")}


def test_the_option_wins_over_the_variable_and_it_over_the_usual_places(
    places: Mapping[str, Path],
) -> None:
    """O13."""
    for name in ("option.yaml", "variable.yaml", "etc.yaml", "config.yaml"):
        Path(name).touch()
    environ = {"EARND_CONFIG": "variable.yaml"}

    assert find_config("option.yaml", environ, **places) == Path("option.yaml")
    assert find_config(None, environ, **places) == Path("variable.yaml")
    assert find_config(None, {"EARND_CONFIG": ""}, **places) == places["system"]
    places["system"].unlink()
    assert find_config(None, {}, **places) == Path("config.yaml")


@pytest.mark.parametrize(
    ("option", "environ", "by"),
    [
        ("gone.yaml", {}, "--config"),
        (None, {"EARND_CONFIG": "gone.yaml"}, "EARND_CONFIG"),
    ],
)
def test_a_named_file_that_is_not_there_is_not_replaced_by_another(
    places: Mapping[str, Path], option: str | None, environ: dict[str, str], by: str
) -> None:
    """O13."""
    Path("config.yaml").touch()

    with pytest.raises(ConfigError, match=rf"gone.yaml: there is no such file \(named by {by}\)"):
        find_config(option, environ, **places)


def test_where_there_is_none_all_places_are_named(places: Mapping[str, Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(None, {}, **places)

    told = str(caught.value)
    for place in ("--config", "EARND_CONFIG", str(places["system"]), "config.yaml", "config new"):
        assert place in told


def test_a_file_in_a_loop_of_links_is_reported_rather_than_passed_over(
    places: Mapping[str, Path],
) -> None:
    places["system"].symlink_to(places["system"])
    Path("config.yaml").touch()

    assert find_config(None, {}, **places) == places["system"]
    with pytest.raises(ConfigError, match="cannot be read: Too many levels of symbolic links"):
        load(places["system"])
