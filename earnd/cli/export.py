"""`earnd export`: what moved, for spreadsheets, programs and books; read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from earnd.cli.newfile import held_back, new_file, refuse_existing
from earnd.cli.options import config_option, ledger_named, ledger_option
from earnd.cli.show import print_as_it_is, say
from earnd.domain.movement import Movement
from earnd.errors import ConfigError
from earnd.exporting.beancount import Witnessed, journal
from earnd.exporting.period import Period, day_after, moment
from earnd.exporting.rotki import as_rotki, crosses
from earnd.exporting.rows import as_csv, as_json_lines
from earnd.ledger import movements as ledger
from earnd.ledger.reader import open_reader

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(slots=True)
class _Export:
    """What was asked for, on one moment of the ledger; counts what goes out, for the last word."""

    connection: Connection
    period: Period
    coins: Sequence[str]
    written: int = 0
    internal: int = 0
    notes: list[str] = field(default_factory=list)

    def within(self) -> Iterator[Movement]:
        """The movements of the period."""
        self.written = self.internal = 0
        for movement in ledger.movements(
            self.connection,
            since=self.period.since,
            until=self.period.until,
            only=self.coins,
        ):
            self.written += 1
            self.internal += not crosses(movement)
            yield movement

    def as_csv(self) -> Iterator[str]:
        """For spreadsheets."""
        return as_csv(self.within())

    def as_json_lines(self) -> Iterator[str]:
        """For programs."""
        return as_json_lines(self.within())

    def as_rotki(self) -> Iterator[str]:
        """For rotki, which has no words for what stays in the account."""
        yield from as_rotki(self.within())
        self.written -= self.internal
        if self.internal:
            self.notes.append(
                f"left out: {_counted(self.internal)} between wallet and products, for which rotki"
                " has no type"
            )

    def as_beancount(self) -> Iterator[str]:
        """For double-entry books."""
        before = Period(until=self.period.since)
        earlier: Iterator[Movement] = iter(())
        if before.until is not None:
            earlier = ledger.movements(self.connection, until=before.until, only=self.coins)
        begins = None if self.period.since is None else self.period.since.date()
        for line in journal(earlier, self.within, self._witnessed(), begins):
            if line.startswith("; not asserted: "):
                self.notes.append(line[2:].rstrip())
            yield line

    def _witnessed(self) -> Witnessed:
        return Witnessed(
            before=ledger.lay_before(self.connection, only=self.coins),
            at_the_end=ledger.shown_last(self.connection, until=self.period.until, only=self.coins),
            ends=self._ends(),
        )

    def _ends(self) -> date | None:
        if self.period.until is not None:
            return day_after(self.period.until)
        last = ledger.last_moment(self.connection)
        return None if last is None else last.date() + timedelta(days=1)


_FORMATS: dict[str, Callable[[_Export], Iterator[str]]] = {
    "csv": _Export.as_csv,
    "jsonl": _Export.as_json_lines,
    "beancount": _Export.as_beancount,
    "rotki": _Export.as_rotki,
}


def _read_moment(context: click.Context, option: click.Parameter, value: str | None) -> Any:
    try:
        return None if value is None else moment(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no day or time; write one like 2026-05-12 or 2026-05-12T06:00Z",
            context,
            option,
        ) from None


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="csv",
    show_default=True,
    help="How it is written.",
)
@click.option(
    "--since",
    metavar="TIME",
    callback=_read_moment,
    help="From this day or time on, like 2026-05-12 or 2026-05-12T06:00Z; UTC without a zone.",
)
@click.option(
    "--until",
    metavar="TIME",
    callback=_read_moment,
    help="Up to this day or time, which is not in it any more.",
)
@click.option("--coin", "coins", metavar="COIN", multiple=True, help="Only this coin; repeatable.")
@click.option(
    "--to",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A new file, for its owner only. Default: standard output.",
)
@config_option
@ledger_option
def export(
    config_file: str | None,
    ledger_file: Path | None,
    *,
    form: str,
    since: datetime | None,
    until: datetime | None,
    coins: tuple[str, ...],
    target: Path | None,
) -> None:
    """Write what moved, for spreadsheets, programs and books.

    Every movement that the ledger knows: into and out of products, interest, and what the wallet
    gained and lost otherwise, with whose doing it was. The same ledger and period give the same
    bytes.
    """
    period = Period(since, until)
    if period.is_backwards:
        raise ConfigError(
            f"the period ends before it begins, or has no length: {period}",
            todo="--until is the first moment that is not in it any more, and later than --since",
        )
    if target is not None:
        refuse_existing(target)
    place: AbstractContextManager[IO[str]]
    place = held_back(print_as_it_is) if target is None else new_file(target)
    with (
        # The last to end: nobody who reads slowly holds the ledger's moment open.
        place as out,
        open_reader(ledger_named(config_file, ledger_file)) as reader,
        reader.reading() as connection,
    ):
        chosen = _known(coins, ledger.coins(connection))
        asked = _Export(connection, period, chosen)
        out.writelines(_FORMATS[form](asked))
    if target is not None:
        say(f"{_counted(asked.written)} in {target}", err=True)
    elif not asked.written:
        say(f"nothing moved {period}{_in(chosen)}", err=True)
    say(*asked.notes, err=True)


def _known(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    """The coins as the ledger writes them."""
    unknown = [coin for coin in asked if coin.upper() not in known and coin not in known]
    if unknown:
        near = get_close_matches(unknown[0].upper(), known, n=3, cutoff=0.5)
        raise ConfigError(
            f"the ledger knows no movement of {unknown[0]!r}",
            todo=f"did you mean {' or '.join(near)}?" if near else f"known are: {_few(known)}",
        )
    return sorted({coin if coin in known else coin.upper() for coin in asked})


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 20} more" if names[20:] else ""
    return (", ".join(names[:20]) or "none") + more


def _counted(number: int) -> str:
    return f"{number or 'no'} {'movement' if number == 1 else 'movements'}"


def _in(coins: Sequence[str]) -> str:
    return f" in {', '.join(coins)}" if coins else ""
