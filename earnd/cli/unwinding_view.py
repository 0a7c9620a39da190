"""What `earnd unwind` shows: a line per change, bars on a terminal, and the account at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from earnd.cli.reasons import sentence
from earnd.cli.show import say
from earnd.domain.action import RecordedAction, State
from earnd.domain.answer import Consequence
from earnd.domain.ids import Coin
from earnd.domain.money import ROUNDING_DOWN, ZERO, floor_to, plain, total
from earnd.domain.plan import Hold, Move
from earnd.domain.reason import Reason
from earnd.domain.unwinding import Outlook, Standing, outlook
from earnd.errors import EarndError
from earnd.outcome import CycleReport
from earnd.printable import printable

_IN_THE_APP: Final = "redeem it in BitMart's app or on its pages; earnd sees that and counts it"
_YOU_CAN: Final[Mapping[Reason, str]] = {
    Reason.OPEN_ACTION: "say what became of it: `earnd resolve {action}`, see docs/failures.md",
    Reason.HOLDING_UNVERIFIED: _IN_THE_APP,
    Reason.POSITION_UNKNOWN: _IN_THE_APP,
    Reason.PAUSED: "remove it, and run this again",
    Reason.CLOCK_SKEW: "set this machine's clock right, and run this again",
    Reason.MAINTENANCE: "run this again when it is over",
    Reason.PER_ACTION_LIMIT: "it is less than a request can name: allow more",
}
_REFUSED: Final[Mapping[Consequence, str]] = {
    Consequence.NOT_ON_SALE: "the exchange says that the product is closed at this time",
    Consequence.CLOSED: "the exchange says that the product is closed for good",
    Consequence.HOLD_PRODUCT: "the exchange does not serve this product",
    Consequence.MINIMUM_HIGHER: "the exchange wants more to be redeemed at once",
    Consequence.HOLD_COIN: "the exchange does not take the request",
    Consequence.STOP_REDEEMING: "the exchange forbids this account to redeem: ask its support",
    Consequence.STOP_ALL: "the exchange forbids this account to use Earn, or has ended its API",
}
_WORTH_TELLING: Final = timedelta(minutes=1)
_WHOLE: Final = 100


class UnwindView:
    """Hears how it goes and tells it; with `is_silent` nothing, for the facts at the end."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._console = Console(highlight=False)
        self._shows_bars = self._console.is_terminal and not is_silent
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._bars: dict[Coin, TaskID] = {}
        self._told: set[tuple[object, ...]] = set()
        self._trouble = ""

    def __enter__(self) -> Self:
        if self._shows_bars:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Stopping what never started prints an empty line.
        if self._shows_bars:
            self._progress.stop()

    def stands(self, standing: Standing, home: Mapping[Coin, Decimal]) -> None:
        """What is held back now, where that is news; and how far each coin is."""
        left = [hold for hold in standing.holds if outlook(hold) is not Outlook.HOME]
        for hold in left:
            if _key(hold) not in self._told:
                self._line(f"left for now: {left_line(hold)}")
        self._told = {_key(hold) for hold in left}
        self._trouble = ""
        held = standing.held
        for coin in sorted({*held, *home}):
            self._advance(coin, home.get(coin, ZERO), held.get(coin, ZERO))

    def went(self, report: CycleReport) -> None:
        """What was refused, and what has no clear answer yet."""
        for done in report.tally.done:
            if done.state is State.SETTLED:
                continue
            action = done.action
            what = f"{plain(action.amount)} {action.coin} from product {action.product_id}"
            known = {
                State.REJECTED: f"refused: {what}: {done.answer.detail}",
                State.DROPPED: f"not sent: {what}: {done.answer.detail}",
                State.ACCEPTED: f"agreed to: {what}; its effect is not seen yet",
            }
            unclear = f"no clear answer: {what}; earnd looks for what became of it"
            self._line(known.get(done.state, unclear))

    def came_home(self, redeem: RecordedAction) -> None:
        """One line for each redeem whose effect was seen."""
        what = f"{plain(redeem.amount)} {redeem.coin} from product {redeem.product_id}"
        self._line(f"brought home: {what}")

    def waits(self, until: datetime, wait: timedelta) -> None:
        """Until when, where it is long enough to wonder."""
        if wait >= _WORTH_TELLING:
            self._line(f"looks again at {until:%Y-%m-%d %H:%M:%S} UTC")

    def troubled(self, error: EarndError) -> None:
        """Why the exchange could not be asked, where that is news."""
        if error.what != self._trouble:
            self._line(f"could not look: {error.what}")
        self._trouble = error.what

    def _advance(self, coin: Coin, home: Decimal, left: Decimal) -> None:
        state = f"{plain(home)} home, {plain(left)} left"
        whole = total((home, left))
        done = ROUNDING_DOWN.divide(home * _WHOLE, whole) if whole > 0 else ZERO
        if coin not in self._bars:
            self._bars[coin] = self._progress.add_task(coin, total=_WHOLE, state=state)
        self._progress.update(self._bars[coin], completed=int(floor_to(done, 0)), state=state)

    def _line(self, text: str) -> None:
        if self._is_silent:
            return
        if self._shows_bars:
            self._console.print(escape(printable(text)), soft_wrap=True)
        else:
            say(text)


def _key(hold: Hold) -> tuple[object, ...]:
    """What makes two holds the same news."""
    return hold.coin, hold.product_id, hold.reason, hold.detail.get("until"), hold.detail.get("why")


def whole_line(move: Move) -> str:
    """What a redeem brings home in the end, which is more than one request may carry."""
    return (
        f"{move.detail.get('held', plain(move.amount))} {move.coin} from product {move.product_id}"
    )


def left_line(hold: Hold) -> str:
    """What is left where, why, and what a person can do."""
    much = "" if hold.amount is None else f"{plain(hold.amount)} "
    where = f" in product {hold.product_id}" if hold.product_id else ""
    return "; ".join((f"{much}{hold.coin}{where}: {_why(hold)}", *todo(hold)))


def _why(hold: Hold) -> str:
    words = sentence(hold.reason.value, hold.detail)
    if hold.reason is Reason.COOLING_DOWN and "consequence" in hold.detail:
        said = _REFUSED.get(Consequence(hold.detail["consequence"]))
        return words if said is None else f"{said}; {words}"
    return words


def todo(hold: Hold) -> Iterator[str]:
    """What a person can do, where waiting does not help."""
    if outlook(hold) in (Outlook.HOME, Outlook.SOON):
        return
    if hold.reason is Reason.COOLING_DOWN:
        yield f"run this again after that, or {_IN_THE_APP}"
    elif hold.reason in _YOU_CAN:
        yield _YOU_CAN[hold.reason].format_map(hold.detail)


def coins_of(standing: Standing, home: Mapping[Coin, Decimal]) -> list[Coin]:
    """The coins that an account is given of."""
    left = {hold.coin for hold in standing.holds if outlook(hold) is not Outlook.HOME}
    return sorted({*standing.held, *home, *left})


def facts_of(standing: Standing, home: Mapping[Coin, Decimal]) -> dict[str, Any]:
    """How far it is, for programs; amounts are text."""
    return {
        "coins": [
            {
                "coin": coin,
                "brought_home": plain(home.get(coin, ZERO)),
                "left": plain(standing.held.get(coin, ZERO)),
                "in_the_wallet": plain(standing.situation.available(coin)),
            }
            for coin in coins_of(standing, home)
        ],
        "can_go": [
            {"coin": move.coin, "product_id": move.product_id, "amount": plain(move.amount)}
            for move in standing.moves
        ],
        "left": [
            {
                "coin": hold.coin,
                "product_id": hold.product_id,
                "amount": None if hold.amount is None else plain(hold.amount),
                "reason": hold.reason.value,
                "why": _why(hold),
                "waiting_helps": outlook(hold) is Outlook.SOON,
                "todo": list(todo(hold)),
                "detail": dict(hold.detail),
            }
            for hold in standing.holds
            if outlook(hold) is not Outlook.HOME
        ],
        "dust": {
            str(hold.product_id): hold.detail["dust"]
            for hold in standing.holds
            if "dust" in hold.detail
        },
    }


def account_lines(standing: Standing, home: Mapping[Coin, Decimal]) -> Iterator[str]:
    """The account, coin by coin, and what is left."""
    for coin in coins_of(standing, home):
        left = standing.held.get(coin, ZERO)
        yield (
            f"  {coin}: {plain(home.get(coin, ZERO))} brought home, {plain(left)} left, "
            f"{plain(standing.situation.available(coin))} in the wallet"
        )
    for hold in standing.holds:
        if outlook(hold) is not Outlook.HOME:
            yield f"  left: {left_line(hold)}"
        elif "dust" in hold.detail:
            where = f"{hold.detail['dust']} {hold.coin} in product {hold.product_id}"
            places = hold.detail["precision"]
            yield f"  left: {where}: less than a request with {places} decimals can name"


def auto_subscribed(standing: Standing) -> Collection[Coin]:
    """The coins in which the exchange's own auto-subscribe is on."""
    leaves = standing.situation.strategy.leaves
    rows = standing.situation.snapshot.positions
    return {row.coin for row in rows if row.auto_subscribe and leaves(row.coin)}
