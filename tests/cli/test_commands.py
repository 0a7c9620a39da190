"""What the commands print, for people and for programs, and that looking changes nothing."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from earnd.cli.main import COMMANDS, earnd
from earnd.clock import SystemClock
from earnd.config.load import load
from earnd.errors import ExitCode
from earnd.wiring import writable_ledger
from tests.cli.conftest import Run
from tests.cli.shell import Account, Ran, account
from tests.cli.shell import earnd as process
from tests.support.practice import KEYS, flexible


def every_command() -> dict[str, click.Command]:
    """All commands by the words that call them."""
    context = click.Context(earnd)
    found: dict[str, click.Command] = {}
    for name in earnd.list_commands(context):
        command = earnd.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": what for inner, what in command.commands.items()}
    return found


def test_without_arguments_it_shows_its_help_on_stdout(here: Run) -> None:
    ran = here()

    assert ran == here("--help") == here("-h")
    assert ran.code == 0
    assert ran.err == ""
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.summary)}$", ran.out, re.MULTILINE), name


def test_the_list_of_commands_begins_as_each_describes_itself() -> None:
    for name, command in every_command().items():
        if name in COMMANDS:
            said = command.get_short_help_str(200)
            assert COMMANDS[name].summary.split()[0] == said.split()[0], name


@pytest.mark.parametrize("name", every_command())
def test_every_help_text_says_what_it_does_its_options_and_the_exit_codes(
    here: Run, name: str
) -> None:
    ran = here(*name.split(), "--help")

    assert ran.code == 0
    assert ran.err == ""
    assert len(ran.out.splitlines()[2].strip()) > 10
    for code in ExitCode:
        assert re.search(rf"^    {code.value}  \S", ran.out, re.MULTILINE), (name, code)
    for parameter in every_command()[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.show_default, (name, parameter.name)


def test_every_command_that_needs_a_configuration_takes_it_by_the_same_option() -> None:
    without = {"demo", "sandbox", "ledger", "config", "config new", "config schema"}
    for name, command in every_command().items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert ({"-c", "--config"} <= options) == (name not in without), name


def test_every_command_that_only_reads_a_ledger_takes_the_ledger_instead() -> None:
    takers = {
        name
        for name, command in every_command().items()
        if any("--ledger" in parameter.opts for parameter in command.params)
    }
    assert takers == {
        "status",
        "explain",
        "actions",
        "audit",
        "reconcile",
        "ledger verify",
        "export",
        "backup",
        "migrate",
    }


def test_every_command_that_prints_facts_prints_them_for_programs_too() -> None:
    # What `export` writes are facts for programs, in the format that is asked for.
    without = {"demo", "run", "export", "ledger", "config", "config new", "config schema"}
    for name, command in every_command().items():
        has = any("--json" in parameter.opts for parameter in command.params)
        assert has == (name not in without), name


def test_the_version_is_that_of_the_package(here: Run) -> None:
    ran = here("--version")

    assert ran.code == 0
    assert re.fullmatch(r"earnd, version \d+\.\d+\.\d+\n", ran.out)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account after two cycles that went well; tests only look at it."""
    directory = tmp_path_factory.mktemp("settled")
    with account(directory, flexible("1001", "0.0525"), flexible("1002", "0.03")) as ready:
        ready.config()
        for _ in range(2):
            assert process("once", "-c", directory / "config.yaml").code == 0
        yield ready


def looks(here: Run, settled: Account, *arguments: str) -> Ran:
    ran = here(*arguments, "-c", settled.directory / "config.yaml")
    assert ran.code == 0, ran
    assert ran.err == ""
    return ran


def numbers_in(facts: object) -> set[type]:
    """The kinds of numbers that a reader of JSON would make of it."""
    if isinstance(facts, dict):
        return set().union(*(numbers_in(value) for value in facts.values()))
    if isinstance(facts, list):
        return set().union(*(numbers_in(value) for value in facts))
    return {type(facts)} if isinstance(facts, int | float) else set()


@pytest.mark.parametrize("command", ["status", "actions", "audit", "plan", "check"])
def test_no_command_prints_an_amount_as_a_number_that_a_reader_would_round(
    here: Run, settled: Account, command: str
) -> None:
    """N1."""
    assert float not in numbers_in(looks(here, settled, command, "--json").facts)


def test_looking_changes_no_byte_of_the_ledger(here: Run, settled: Account) -> None:
    """L17, L29."""
    before = settled.ledger.read_bytes()
    for command in ("status", "actions", "audit", "plan", "check"):
        looks(here, settled, command)
    assert settled.ledger.read_bytes() == before


def test_status_tells_where_the_money_is(here: Run, settled: Account) -> None:
    out = looks(here, settled, "status").out

    held = settled.books.held("1001")
    idle = settled.books.balance("USDT").available
    assert "live ledger of account default" in out
    assert "last cycle 2 began " in out
    assert ": done, 0 sent, 2 held" in out
    assert "no action is open" in out
    assert re.search(rf"^USDT  1001 +{held.normalize():f}  yes ", out, re.MULTILINE)
    assert re.search(rf"^USDT  {idle.normalize():f} +0 ", out, re.MULTILINE)
    assert re.search(r"^USDT  1001 +5\.25% +0\.00% +100000$", out, re.MULTILINE)


def test_status_for_programs_has_the_same_and_keeps_its_keys(here: Run, settled: Account) -> None:
    facts = looks(here, settled, "status", "--json").facts

    assert list(facts) == [
        "ledger",
        "last_cycle",
        "next_cycle",
        "last_backup",
        "open_actions",
        "holdings",
        "balances",
        "rates",
        "interest",
        "decisions",
        "shown_by_the_exchange",
        "closed",
        "anchor",
        "restored",
    ]
    assert facts["ledger"]["mode"] == "live"
    assert facts["last_cycle"]["outcome"] == "done"
    assert facts["open_actions"] == []
    assert Decimal(facts["holdings"][0]["amount"]) == settled.books.held("1001")
    assert facts["holdings"][0]["amount"] == f"{settled.books.held('1001').normalize():f}"
    assert {row["product_id"]: row["apy"] for row in facts["rates"]} == {
        "1001": "0.0525",
        "1002": "0.03",
    }
    assert {row["reason"] for row in facts["decisions"]} == {"under_min_move", "best_already"}


def test_status_tells_the_next_cycle_where_the_schedule_is_known(
    here: Run, settled: Account
) -> None:
    facts = looks(here, settled, "status", "--json").facts
    began = datetime.fromisoformat(facts["last_cycle"]["began_at"])
    due = datetime.fromisoformat(facts["next_cycle"]["at"])

    assert due - began == timedelta(minutes=15)
    assert facts["next_cycle"] == {
        "at": facts["next_cycle"]["at"],
        "schedule": "every 15m",
        "overdue": False,
    }
    text = looks(here, settled, "status").out
    assert f"next cycle at about {facts['next_cycle']['at']} (every 15m), if the daemon" in text


def test_status_of_a_ledger_alone_does_not_guess_a_schedule(here: Run, settled: Account) -> None:
    assert here("status", "--ledger", settled.ledger, "--json").facts["next_cycle"] is None
    assert "next cycle" not in here("status", "--ledger", settled.ledger).out


def test_status_goes_by_the_crontab_in_utc(here: Run, settled: Account) -> None:
    path = settled.config("cron.yaml", schedule='{cron: "7 4 * * *"}')
    following = here("status", "-c", path, "--json").facts["next_cycle"]

    assert following["schedule"] == "cron 7 4 * * *"
    assert following["at"].endswith("T04:07:00.000Z")
    assert 0 < (datetime.fromisoformat(following["at"]) - SystemClock().now()).days + 1 <= 1


def aged(ledger: Path, copy: Path) -> Path:
    """A copy of a ledger whose cycles were long ago."""
    copy.write_bytes(ledger.read_bytes())
    with sqlite3.connect(copy) as connection:
        fence = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'cycle'"
        ).fetchall()
        for name, _ in fence:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE cycle SET began_at = '2020' || substr(began_at, 5)")
        for _, statement in fence:
            connection.execute(statement)
    connection.close()
    return copy


def test_status_asks_whether_the_daemon_runs_when_a_cycle_is_overdue(
    here: Run, settled: Account, tmp_path: Path
) -> None:
    """O10."""
    path = settled.config("aged.yaml", ledger=f"{{path: '{tmp_path / 'old.db'}'}}")
    aged(settled.ledger, tmp_path / "old.db")

    assert re.search(r"was due at 2020-.* is the daemon running\?", here("status", "-c", path).out)
    assert here("status", "-c", path, "--json").facts["next_cycle"]["overdue"] is True


def test_a_ledger_without_a_cycle_says_so(here: Run, practice: Account) -> None:
    path = practice.config()
    writable_ledger(load(path), practice.ledger, SystemClock()).close()

    ran = here("status", "-c", path)
    assert ran.code == 0
    assert "no cycle yet" in ran.out
    assert "earning: nothing" in ran.out
    facts = here("status", "-c", path, "--json").facts
    assert (facts["last_cycle"], facts["next_cycle"]) == (None, None)
    assert here("actions", "-c", path).out == "no such action\n"
    assert here("audit", "-c", path).code == 0


def test_actions_show_every_digit_however_narrow_the_place(
    here: Run, settled: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    row = looks(here, settled, "actions", "--json").facts[0]
    line = looks(here, settled, "actions").out.splitlines()[1]

    for name in ("request_no", "amount", "product_id", "planned_at", "state"):
        assert row[name] in line.split(), name
    assert len(row["request_no"]) == 20
    assert isinstance(row["amount"], str)
    assert (row["verb"], row["state"], row["coin"]) == ("subscribe", "settled", "USDT")


def test_actions_are_chosen_by_coin_state_and_number(here: Run, settled: Account) -> None:
    assert len(looks(here, settled, "actions", "--coin", "USDT", "--json").facts) == 1
    assert looks(here, settled, "actions", "--coin", "BTC", "--json").facts == []
    assert looks(here, settled, "actions", "--state", "unknown").out == "no such action\n"
    assert len(looks(here, settled, "actions", "--state", "settled", "--json").facts) == 1


def test_audit_names_every_audit_and_counts(here: Run, settled: Account) -> None:
    facts = looks(here, settled, "audit", "--json").facts
    out = looks(here, settled, "audit").out

    assert len(facts) > 5
    assert set(map(json.dumps, facts.values())) == {"[]"}
    for name in facts:
        assert f"ok      {name}\n" in out
    assert out.endswith(f"{len(facts)} audits, 0 findings\n")


def test_the_configuration_is_found_by_the_environment_and_beside_us(
    here: Run, settled: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settled.directory / "config.yaml"
    expected = looks(here, settled, "actions")

    assert here("actions", EARND_CONFIG=str(path)) == expected
    monkeypatch.chdir(settled.directory)
    assert here("actions") == expected


def test_check_says_what_would_be_used(here: Run, settled: Account) -> None:
    """U5."""
    facts = looks(here, settled, "check", "--json").facts
    out = looks(here, settled, "check").out

    assert facts == {
        "config": str(settled.directory / "config.yaml"),
        "mode": "live",
        "exchange": settled.server.base_url,
        "ledger": str(settled.ledger),
        "ledger_exists": True,
        "ledger_note": None,
        "secrets": "the environment",
        "coins": {"USDT": "mode on, reserve 100, moves of at least 1, into 1.00% or more"},
        "all_other_coins": None,
    }
    assert "is right" in out
    assert "others    not managed" in out
    assert not any(value in out + json.dumps(facts) for value in KEYS.values())


def test_check_is_content_without_secrets_because_the_service_has_its_own(
    here: Run, settled: Account
) -> None:
    nothing: dict[str, str | None] = dict.fromkeys(KEYS)
    ran = here("check", "-c", settled.directory / "config.yaml", **nothing)

    assert ran.code == 0
    assert "none found here" in ran.out


def test_a_new_configuration_is_right_as_it_is_and_shows_itself(here: Run, tmp_path: Path) -> None:
    ran = here("config", "new")
    assert (ran.code, ran.err) == (0, "")
    assert "dry-run" in ran.out
    assert (tmp_path / "config.yaml").stat().st_mode & 0o777 == 0o600
    assert here("check").code == 0

    shown = here("config", "show")
    (tmp_path / "shown.yaml").write_text(shown.out)
    assert here("config", "show", "-c", "shown.yaml") == shown
    facts: Mapping[str, Any] = here("config", "show", "--json").facts
    assert facts["mode"] == "dry-run"
    assert facts["strategy"]["coins"]["USDT"]["reserve"] == "100"
    assert here("config", "schema").facts["title"] == "earnd configuration"
    assert here("config").code == 0


def test_foreign_text_cannot_act_on_the_terminal(here: Run, settled: Account) -> None:
    """E8."""
    ran = here("status", "--ledger", settled.directory / "\x1b[31mred\nearnd: all is well")

    assert ran.code == 3
    assert "\x1b" not in ran.err
    assert "\\x1b[31mred" in ran.err
