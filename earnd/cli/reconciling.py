"""`earnd reconcile`: what came and went against what is there, per coin and to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from earnd.cli.options import config_option, json_option, ledger_named, ledger_option
from earnd.cli.show import print_json, say
from earnd.domain.balancing import Remark, Statement, Verdict, statement
from earnd.errors import ExitCode
from earnd.ledger import balancing
from earnd.ledger.reader import open_reader


@click.command()
@click.argument("coins", nargs=-1, metavar="[COIN]...")
@config_option
@ledger_option
@json_option
def reconcile(
    coins: tuple[str, ...], config_file: str | None, ledger_file: Path | None, *, as_json: bool
) -> int:
    """Add up each COIN: what was there, came and went, against where it is now.

    Reads the ledger and asks nobody. Each difference is named with its likely cause. Exits 1 if one
    is more than money on its way.
    """
    path = ledger_named(config_file, ledger_file)
    with open_reader(path) as reader, reader.reading() as connection:
        kept, facts = balancing.facts(connection)
    wanted = [coin.upper() if coin not in facts else coin for coin in dict.fromkeys(coins)]
    unknown = [coin for coin in wanted if coin not in facts]
    if unknown and kept is not None:
        known = f"known are {', '.join(facts)}" if facts else "no coin is known yet"
        raise click.UsageError(f"{path} has nothing of {', '.join(unknown)}; {known}")
    found = [statement(facts[coin]) for coin in (wanted or facts)] if kept is not None else []
    began = None if kept is None else f"{kept.opened_at:%Y-%m-%dT%H:%M:%SZ}"
    as_of = None if kept is None else f"{kept.looked_at:%Y-%m-%dT%H:%M:%SZ}"
    verdict = _in_all(found)
    if as_json:
        print_json(
            {
                "since": began,
                "as_of": as_of,
                "coins": [_facts(each) for each in found],
                "verdict": verdict.value,
            }
        )
    elif kept is None:
        say("no account of the wallet yet: the next cycle that looks at the exchange opens it")
    else:
        say(f"from the first look at {began} to the last at {as_of}")
        for each in found:
            say("", *_lines(each))
        say("", f"{len(found)} {'coin' if len(found) == 1 else 'coins'}: {verdict.value}")
    return ExitCode.FINDING if verdict is Verdict.DIFFERENCE else ExitCode.FINE


def _in_all(found: Sequence[Statement]) -> Verdict:
    verdicts = {each.verdict for each in found}
    for worst in (Verdict.DIFFERENCE, Verdict.IN_FLIGHT):
        if worst in verdicts:
            return worst
    return Verdict.BALANCED


def _lines(each: Statement) -> list[str]:
    """A coin for people: both sides, term by term, and what is to be said."""
    left = [(name, _digits(amount)) for name, amount in each.left]
    right = [(name, _digits(amount)) for name, amount in each.right]
    if each.in_flight:
        right.append(("in flight", _digits(each.in_flight)))
    total = _digits(each.sum)
    names = max(len(name) for name, _ in (*left, *right, ("makes", "")))
    digits = [text for _, text in (*left, *right)] + [total]
    before = max(len(text.partition(".")[0]) for text in digits)
    after = max(len(text.partition(".")[2]) for text in digits)

    def line(name: str, text: str) -> str:
        whole, point, part = text.partition(".")
        return f"  {name.ljust(names)}  {whole.rjust(before)}{point}{part.ljust(after)}".rstrip()

    return [
        f"{each.coin}: {each.verdict.value}",
        *(line(name, text) for name, text in left),
        line("makes", total),
        *(line(name, text) for name, text in right),
        line("makes", total),
        *(_remark(remark) for remark in each.remarks),
    ]


def _remark(remark: Remark) -> str:
    much = f"{_digits(remark.amount)} " if remark.amount else ""
    word = "note" if remark.verdict is Verdict.BALANCED else remark.verdict.value
    return f"  {word}: {much}{remark.what}: {remark.cause}"


def _digits(amount: Decimal) -> str:
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _facts(each: Statement) -> dict[str, Any]:
    """A coin for programs; amounts are text."""
    return {
        "coin": each.coin,
        "came": [{"term": name, "amount": _digits(amount)} for name, amount in each.left],
        "is": [{"term": name, "amount": _digits(amount)} for name, amount in each.right],
        "in_flight": _digits(each.in_flight),
        "sum": _digits(each.sum),
        "remarks": [
            {
                "what": remark.what,
                "cause": remark.cause,
                "amount": _digits(remark.amount),
                "verdict": remark.verdict.value,
            }
            for remark in each.remarks
        ],
        "verdict": each.verdict.value,
    }
