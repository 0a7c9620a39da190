"""`earnd unwind`: everything comes home, and stays there until somebody says otherwise."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.running import stop_on_signals
from earnd.cli.show import print_json, say
from earnd.cli.unwinding_view import (
    UnwindView,
    account_lines,
    auto_subscribed,
    facts_of,
    left_line,
    whole_line,
)
from earnd.config.model import RunMode
from earnd.config.secrets import scrub_environment
from earnd.config.values import read_duration, show_duration
from earnd.domain.ids import Coin
from earnd.domain.strategy import Mode, Strategy
from earnd.domain.unwinding import Outlook, Standing
from earnd.errors import AskedToStop, ConfigError, ExchangeRefusedUs, ExitCode
from earnd.unwinding import Ending, Pace, Unwinder
from earnd.wiring import Wired, log_for, secrets_of, wired

_ENDS: Final = {
    Ending.STUCK: "not everything is home: what is left cannot be brought home now",
    Ending.OUT_OF_PATIENCE: "not everything is home: nothing came home for {patience}; run this "
    "again to go on waiting",
    Ending.TROUBLE: "not everything is known to be home: the exchange cannot be asked any more",
    Ending.STOPPED: "asked to stop: what was under way is recorded; run this again to go on",
}
_AUTO: Final = (
    "BitMart's own auto-subscribe is on for {coins}: it will put the money back. Switch it off in "
    "BitMart's app or on its pages, under Earn."
)
_LATER: Final = (
    "Interest that arrives in a product from now on is seen by running this again.",
    "`strategy.mode: redeem-only` in the configuration keeps the daemon from putting it back.",
)


@click.command()
@click.option("--coin", "names", multiple=True, metavar="COIN", help="Only this coin; repeatable.")
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask before anything is sent.")
@click.option(
    "--rounds-apart",
    default="30s",
    show_default=True,
    help="The least time between two rounds, 1s to 1h.",
)
@click.option(
    "--patience",
    default="2h",
    show_default=True,
    help="How long to wait while nothing comes home, 1s to 7d.",
)
@config_option
@json_option
def unwind(
    names: Sequence[str],
    rounds_apart: str,
    patience: str,
    config_file: str | None,
    *,
    is_agreed: bool,
    as_json: bool,
) -> int:
    """Bring everything home, and see that it is.

    Redeems all that is held, of every coin or of those that are named, whatever the strategy says
    of them: reserve, floors, modes and max_per_day are of no matter, max_per_action is kept.
    Shows what it will do and asks first. What is refused for now is waited for; what is refused
    for longer ends it with words and 1, as does a wish to stop. Run it again to go on: nothing is
    redeemed twice. Stop the daemon first. Exits 0 when a last look says that nothing is held.
    """
    pace = Pace(
        _span("--rounds-apart", rounds_apart, timedelta(hours=1)),
        _span("--patience", patience, timedelta(days=7)),
    )
    file = loaded(config_file)
    if file.config.mode is RunMode.LIVE and not is_agreed:
        _refuse_unless_asked(as_json=as_json)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    # A log between the bars would tear them apart; what is amiss is worth it.
    log = log_for(file, secrets, level="warning" if sys.stdout.isatty() else None)
    with wired(file, secrets, path, log=log) as here:
        stop_on_signals(here.stop)
        coins = frozenset(map(Coin, names)) or None
        view = UnwindView(is_silent=as_json)
        return _Command(here, coins, pace, view, as_json=as_json).run(is_agreed=is_agreed)


def _span(option: str, text: str, most: timedelta) -> timedelta:
    try:
        span = read_duration(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}", todo="say it like 30s or 2h") from None
    if not timedelta(seconds=1) <= span <= most:
        raise ConfigError(
            f"{option} {text} is not from 1s to {show_duration(most)}", todo="say it like 30s or 2h"
        )
    return span


def _refuse_unless_asked(*, as_json: bool) -> None:
    """What moves everything is agreed to by a person, at a terminal or beforehand."""
    if as_json or not sys.stdin.isatty():
        raise ConfigError(
            "this brings everything home, and there is nobody to ask",
            where="earnd unwind",
            todo="run it at a terminal without --json, or say --yes",
        )


class _Command:
    """One run of the command, from the first look to the account."""

    def __init__(
        self,
        here: Wired,
        coins: Collection[Coin] | None,
        pace: Pace,
        view: UnwindView,
        *,
        as_json: bool,
    ) -> None:
        self._here = here
        self._usual = here.parts.strategy
        parts = replace(here.parts, strategy=self._usual.unwinding(coins))
        self._unwinder = Unwinder(parts, view, pace)
        self._coins, self._pace, self._view, self._as_json = coins, pace, view, as_json

    def run(self, *, is_agreed: bool) -> int:
        """Its exit code."""
        try:
            standing = self._unwinder.look()
        except AskedToStop:
            say(_ENDS[Ending.STOPPED], err=True)
            return ExitCode.FINDING
        _refuse_unknown(self._coins or (), standing, self._usual)
        if self._here.parts.writer is None:
            return self._would(standing)
        may_send = standing.moves or standing.has(Outlook.SOON) or standing.has(Outlook.DOUBTFUL)
        if may_send and not self._as_json:
            self._announce(standing)
            if not is_agreed and not self._is_agreed_to():
                say("not agreed to; nothing was sent", err=True)
                return ExitCode.FINDING
        with self._view:
            ending = self._unwinder.run()
        return self._account(ending, auto_subscribed(standing))

    def _would(self, standing: Standing) -> int:
        """A dry run has nothing to send with."""
        if self._as_json:
            print_json({"ending": "dry_run", "home": standing.is_home, **facts_of(standing, {})})
        elif standing.is_home:
            say("nothing is held; there is nothing to bring home")
        else:
            say(*(f"would bring home {whole_line(move)}" for move in standing.moves))
            say(*(f"would leave {left_line(hold)}" for hold in standing.holds))
            say("mode is dry-run: nothing was sent")
        return ExitCode.FINE

    def _announce(self, standing: Standing) -> None:
        if standing.moves:
            say("this brings home, into the wallet:")
            say(*(f"  {whole_line(move)}" for move in standing.moves))
        self._view.stands(standing, {})
        auto = auto_subscribed(standing)
        if auto:
            say(_AUTO.format(coins=", ".join(sorted(auto))))

    def _is_agreed_to(self) -> bool:
        # At a question Ctrl-C means no, not: after what is under way.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        answer = click.confirm("Go on?", default=False)
        stop_on_signals(self._here.stop)
        return answer

    def _account(self, ending: Ending, auto: Collection[Coin]) -> int:
        unwinder, standing = self._unwinder, self._unwinder.standing
        trouble = unwinder.trouble
        auto = sorted({*auto, *auto_subscribed(standing)})
        if self._as_json:
            print_json(
                {
                    "ending": ending.value,
                    "home": ending is Ending.HOME,
                    **facts_of(standing, unwinder.home),
                    "auto_subscribe": auto,
                    "failure": None if trouble is None else str(trouble),
                }
            )
        else:
            self._tell(ending, auto)
        if ending is Ending.HOME:
            return ExitCode.FINE
        return ExitCode.REFUSED if isinstance(trouble, ExchangeRefusedUs) else ExitCode.FINDING

    def _tell(self, ending: Ending, auto: Collection[Coin]) -> None:
        unwinder = self._unwinder
        if ending is Ending.HOME:
            say("everything is home: the last look found nothing held and nothing open")
        else:
            patience = show_duration(self._pace.patience)
            say(_ENDS[ending].format(patience=patience), err=True)
            if unwinder.trouble is not None:
                say(*str(unwinder.trouble).splitlines(), err=True)
        say(*account_lines(unwinder.standing, unwinder.home))
        if auto:
            say(_AUTO.format(coins=", ".join(auto)))
        if ending is Ending.HOME:
            say(*_LATER[: None if self._may_go_back() else 1])

    def _may_go_back(self) -> bool:
        """Whether the daemon would put money of these coins to work again."""
        usual, coins = self._usual, self._coins
        entries = [usual.for_coin(coin) for coin in coins or usual.coins]
        if not coins:
            entries.append(usual.for_all_others)
        return any(entry is not None and entry.mode is Mode.ON for entry in entries)


def _refuse_unknown(coins: Collection[Coin], standing: Standing, usual: Strategy) -> None:
    """A slip of the pen must not be told that everything is home."""
    seen = standing.situation
    known = {
        *usual.coins,
        *seen.snapshot.balances,
        *(product.coin for product in seen.snapshot.products),
        *(row.coin for row in seen.snapshot.positions),
        *(row.coin for row in seen.holdings.rows),
    }
    for coin in sorted(set(coins) - known):
        near = difflib.get_close_matches(coin.upper(), sorted(known), n=1)
        raise ConfigError(
            f"--coin {coin}: neither the exchange nor the strategy knows it",
            todo=f"do you mean {near[0]}?" if near else "coins are named as `earnd status` does",
        )
