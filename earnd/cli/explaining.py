"""`earnd explain`: why this, why not that, why nothing; from the ledger alone, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from earnd.cli import explain_action, explain_coin
from earnd.cli.options import config_option, json_option, ledger_named, ledger_option, loaded
from earnd.cli.reasons import in_short, in_utc
from earnd.cli.show import decision_line, print_json, say
from earnd.domain.ids import Coin
from earnd.errors import ConfigError
from earnd.ledger import explaining, queries
from earnd.ledger.columns import moment_text
from earnd.ledger.reader import open_reader

if TYPE_CHECKING:
    from earnd.config.load import LoadedConfig

_CYCLE: Final = "cycle:"
_NUMBER_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class _Question:
    """What is to be explained."""

    what: str | None
    action: int | None
    cycle: int | None
    at: str | None

    def refuse_two_things(self) -> None:
        """Raises `ConfigError` where it is not clear what was asked for."""
        named = [each for each in (self.what, self.action, self.cycle) if each is not None]
        if len(named) > 1:
            raise ConfigError(
                "one thing at a time can be explained", todo="give a coin, --action or --cycle"
            )
        is_number = (self.what or "").isdecimal() or (self.what or "").startswith(_CYCLE)
        if self.at is not None and (self.action or self.cycle or is_number):
            raise ConfigError(
                "--at goes with a coin, or alone", todo="leave out --at, or the number"
            )


@click.command()
@click.argument("what", required=False, metavar="[COIN|ACTION|CYCLE]")
@click.option("--action", type=click.IntRange(1), metavar="N", help="This action, by its number.")
@click.option("--cycle", type=click.IntRange(1), metavar="N", help="All decided in this cycle.")
@click.option(
    "--at",
    metavar="TIME",
    help="As of the last cycle before it, like 2026-05-12T00:05Z. UTC unless it has a zone.",
)
@config_option
@ledger_option
@json_option
def explain(
    what: str | None,
    config_file: str | None,
    ledger_file: Path | None,
    *,
    as_json: bool,
    **asked: Any,
) -> None:
    """Say why this, why not that, and why nothing.

    COIN, like USDT: where its money is, what the newest cycle decided about it, why no more of it
    is elsewhere, and what would have to change. ACTION, a number or the 20 digits that the exchange
    knows: its life and its proof. CYCLE, like cycle:12: all that was decided in it. Without any of
    them: the newest cycle, in short.

    With a configuration the strategy is known too, if it is the one that decided.
    """
    question = _Question(what, **asked)
    question.refuse_two_things()
    config = None if ledger_file and not config_file else loaded(config_file)
    path = ledger_file or ledger_named(config_file, None)
    with open_reader(path) as reader:
        try:
            told, lines = _explained(reader, question, config)
        except ConfigError as error:
            # What is not there is not there in this ledger.
            error.where = error.where or str(path)
            raise
    if as_json:
        print_json(told)
    else:
        say(*lines)


_Told = tuple[dict[str, Any], Iterator[str]]


def _explained(reader: queries.Source, asked: _Question, config: LoadedConfig | None) -> _Told:
    newest = explaining.newest_cycle(reader)
    if newest is None:
        raise ConfigError(
            "there is nothing to explain: no cycle has run yet",
            todo="`earnd once` or `earnd run` makes the first",
        )
    what, action, cycle = asked.what, asked.action, asked.cycle
    if what is not None and what.startswith(_CYCLE):
        cycle, what = _number_of(what), None
    elif what is not None and what.isdecimal():
        action, what = _action_of(reader, what), None
    if action is not None:
        return _action(reader, action)
    if cycle is not None:
        return _cycle(reader, cycle, newest)
    upto = None if asked.at is None else _cycle_at(reader, _moment(asked.at))
    if what is not None:
        return _coin(reader, what, upto, config)
    return _cycle(reader, upto or newest, newest, is_short=True)


def _number_of(what: str) -> int:
    digits = what.removeprefix(_CYCLE)
    if not digits.isdecimal():
        raise ConfigError(f"{what!r} names no cycle", todo="write it like cycle:12, or --cycle 12")
    return int(digits)


def _action_of(reader: queries.Source, digits: str) -> int:
    """The action that a bare number means."""
    if len(digits) == _NUMBER_LENGTH:
        found = explaining.action_numbered(reader, digits)
        if found is None:
            raise ConfigError(
                f"no action has the request number {digits}",
                todo="`earnd actions` lists them",
            )
        return found
    return int(digits)


def _moment(text: str) -> str:
    """A moment of the ledger's form; without a zone it is UTC, without a time the day's end."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--at {text!r} is no time", todo="write one like 2026-05-12T00:05Z, or 2026-05-12"
        ) from None
    if len(text) == len("2026-05-12"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_000)
    return moment_text(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _cycle_at(reader: queries.Source, at: str) -> int:
    found = explaining.newest_cycle(reader, at)
    if found is None:
        first = explaining.first_moment(reader)
        raise ConfigError(
            f"no cycle had begun by {at}",
            todo=f"the first began at {first}",
        )
    return found


def _action(reader: queries.Source, action: int) -> _Told:
    facts = explaining.action_facts(reader, action)
    if facts is None:
        newest = explaining.newest_action(reader)
        hint = "there is none yet" if newest is None else f"the newest is {newest}"
        is_cycle = explaining.cycle_facts(reader, action) is not None
        also = f"; there is a cycle {action}: `earnd explain --cycle {action}`" if is_cycle else ""
        raise ConfigError(f"there is no action {action}", todo=hint + also)
    told = explain_action.about(facts)
    return told, explain_action.in_words(told)


def _coin(
    reader: queries.Source, name: str, upto: int | None, config: LoadedConfig | None
) -> _Told:
    known = explaining.coins(reader)
    coin = next((each for each in known if each == name), None)
    if coin is None:
        coin = next((each for each in known if each.upper() == name.upper()), None)
    if coin is None:
        near = get_close_matches(name.upper(), [each.upper() for each in known], n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are: {_few(known)}"
        raise ConfigError(
            f"the ledger knows no coin {name!r}",
            todo=hint,
        )
    facts = explaining.coin_facts(reader, coin, upto)
    strategy = None
    # What another configuration decided is not explained by this one.
    if config is not None and facts.run is not None and facts.run["config_digest"] == config.digest:
        strategy = config.config.strategy_value().for_coin(Coin(coin))
    told = explain_coin.about(coin, facts, strategy)
    return told, explain_coin.in_words(told)


def _few(names: list[str]) -> str:
    if not names:
        return "none"
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if names[10:] else "")


def _cycle(reader: queries.Source, cycle: int, newest: int, *, is_short: bool = False) -> _Told:
    facts = explaining.cycle_facts(reader, cycle)
    if facts is None:
        raise ConfigError(
            f"there is no cycle {cycle}",
            todo=f"the newest is {newest}",
        )
    told = {
        "cycle": facts.cycle,
        "decisions": explain_coin.decisions(facts.decisions, facts.actions),
        "actions": facts.actions,
    }
    return told, _cycle_in_words(told, is_short=is_short)


def _cycle_in_words(told: dict[str, Any], *, is_short: bool) -> Iterator[str]:
    cycle = told["cycle"]
    outcome = str(cycle["outcome"] or "not over").replace("_", " ")
    yield f"cycle {cycle['cycle_id']}, {in_utc(str(cycle['began_at']))}: {outcome}"
    yield from (f"  {line.strip()}" for line in str(cycle["failure"] or "").splitlines())
    for row in told["decisions"]:
        if not is_short:
            yield explain_coin.decision_words(row)
            continue
        why = in_short(row["reason"], row["detail"])
        yield decision_line(row["verdict"], row["coin"], row["product_id"], row["amount"], why)
    if not told["decisions"]:
        yield "nothing was decided in it"
    if is_short:
        yield "`earnd explain COIN` says more about one of them"
