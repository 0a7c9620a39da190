"""`earnd simulate`: a strategy over a history of rates, and what could have been earned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.config.kinds import duration
from earnd.config.values import read_positive
from earnd.config.words import read_coin
from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Strategy
from earnd.errors import ConfigError
from earnd.simulation.cells import read_moment
from earnd.simulation.history import HOUR, History, hour_from, hour_until, whole_hour

if TYPE_CHECKING:
    from earnd.config.load import LoadedConfig
    from earnd.simulation.running import Simulation, Tell

PICTURES = (".png", ".svg")


def _as(read: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A reader of a value as the callback of an option."""

    def callback(context: click.Context, option: click.Parameter, value: Any) -> Any:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from None

    return callback


def _read_named_coin(text: str) -> Coin:
    coin = read_coin(text)
    if coin == "*":
        raise ValueError("one coin is wanted, like USDT")
    return Coin(coin)


def _read_transit(text: str) -> timedelta:
    span: timedelta = duration("1h", "30d").read(text)
    if span % HOUR:
        raise ValueError("whole hours are wanted, like 1h or 24h")
    return span


def _read_picture(text: str) -> Path:
    path = Path(text)
    if path.suffix not in PICTURES:
        raise ValueError(f"a file that ends in {' or '.join(PICTURES)} is wanted")
    if not path.parent.is_dir():
        raise ValueError(f"there is no directory {path.parent}")
    return path


@click.command()
@config_option
@click.option(
    "--rates",
    "rates_file",
    required=True,
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="What each product paid from when on.",
)
@click.option("--coin", required=True, callback=_as(_read_named_coin), help="The coin they pay in.")
@click.option(
    "--money",
    required=True,
    metavar="AMOUNT",
    callback=_as(read_positive),
    help="How much of it lies in the wallet at the start.",
)
@click.option(
    "--from",
    "begins",
    metavar="DATE",
    callback=_as(read_moment),
    help="The first moment, a date or a full hour. Default: when the rates begin.",
)
@click.option(
    "--until",
    "ends",
    metavar="DATE",
    callback=_as(read_moment),
    help="The last moment. Default: when the rates end.",
)
@click.option(
    "--every",
    default="1h",
    show_default=True,
    metavar="DURATION",
    callback=_as(duration("1m", "7d").read),
    help="The time between cycles.",
)
@click.option(
    "--transit",
    default="1h",
    show_default=True,
    metavar="DURATION",
    callback=_as(_read_transit),
    help="How long moved money earns nothing in all, in whole hours.",
)
@json_option
@click.option(
    "--plot",
    "picture",
    metavar="FILE.png|svg",
    callback=_as(_read_picture),
    help="Draw rates, holdings and what was earned. Needs the extra: pip install 'earnd[plot]'.",
)
def simulate(  # noqa: PLR0917 - one for each option
    config_file: str | None,
    rates_file: Path,
    coin: Coin,
    money: Decimal,
    begins: datetime | None,
    ends: datetime | None,
    every: timedelta,
    transit: timedelta,
    *,
    as_json: bool,
    picture: Path | None,
) -> None:
    """Try a strategy on a history of rates.

    The daemon's own decisions, on the practice exchange's books, in virtual time; beside them the
    most that perfect foresight could have earned at the same price of moving, and what others
    would have done. Sends nothing and needs no account; docs/simulate.md explains the file.
    """
    from earnd.cli import simulated_view as view
    from earnd.simulation.ratesfile import read_rates
    from earnd.simulation.running import simulate as run
    from earnd.simulation.world import Scene

    if picture is not None:
        _need_the_extra()
    whole, own = _strategy_of(loaded(config_file), coin)
    history = read_rates(rates_file)
    first, last = _period(history, rates_file, begins, ends)
    scene = Scene(history, coin, own, money, first, last, every, transit)
    with _progress() as tell:
        result = run(scene, whole, tell)
    if picture is not None:
        _draw(result, picture)
    view.print_facts(result) if as_json else view.print_words(result)


def _strategy_of(file: LoadedConfig, coin: Coin) -> tuple[Strategy, CoinStrategy]:
    """The file's strategy, without any other coin, and the coin's own."""
    strategy = file.config.strategy_value()
    own = strategy.for_coin(coin)
    if own is None:
        raise ConfigError(
            f"the strategy does not manage {coin}",
            where=str(file.path),
            todo=f'name {coin} under strategy.coins, or "*" for every coin',
        )
    return replace(strategy, coins={coin: own}, default=None), own


def _period(
    history: History, path: Path, begins: datetime | None, ends: datetime | None
) -> tuple[datetime, datetime]:
    """From when to when, in full hours within the history."""
    first = hour_from(history.first) if begins is None else begins
    last = hour_until(history.last) if ends is None else ends
    wrong = [moment for moment in (begins, ends) if moment is not None and not whole_hour(moment)]
    if wrong:
        what = f"a full hour is wanted, not {_utc(wrong[0])}"
    elif first < history.first:
        what = f"the rates begin at {_utc(history.first)}, after {_utc(first)}"
    elif last > history.last:
        what = f"the rates end at {_utc(history.last)}, before {_utc(last)}"
    elif last <= first:
        what = f"there is no time between {_utc(first)} and {_utc(last)}"
    else:
        return first, last
    raise ConfigError(what, where=str(path), todo="see --from and --until")


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}".replace(":00Z", "Z")


def _need_the_extra() -> None:
    try:
        import_module("matplotlib")
    except ImportError:
        raise ConfigError(
            "matplotlib is not installed, and pictures need it",
            where="--plot",
            todo="pip install 'earnd[plot]', or leave --plot out",
        ) from None


def _draw(result: Simulation, picture: Path) -> None:
    from earnd.simulation.plot import draw

    try:
        draw(result, picture)
    except OSError as error:
        raise ConfigError(
            f"the picture cannot be written: {error.strerror}", where=str(picture)
        ) from None


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """A bar for each run on a terminal, on standard error; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    tasks: dict[str, TaskID] = {}
    bars = (TextColumn("{task.description:>17}"), BarColumn(), TimeRemainingColumn())
    with Progress(*bars, console=console, transient=True) as progress:

        def tell(name: str, done: int, of: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=of)
            progress.update(tasks[name], completed=done)

        yield tell
