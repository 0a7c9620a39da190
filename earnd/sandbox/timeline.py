"""What the exchange does by itself as time passes, in the order in which it falls due.

Nothing here waits: `catch_up` is called before every look and every order, and makes happen
all that should have happened since the last call, each at its own moment.
"""

from __future__ import annotations

from datetime import datetime

from earnd.domain.money import floor_to
from earnd.sandbox.interest import interest, period_ends, sweeps
from earnd.sandbox.orders import headroom
from earnd.sandbox.state import Cause, Due, State


class Timeline:
    """Remembers how far the exchange's own doings have come."""

    def __init__(self, state: State, begin: datetime) -> None:
        self._state = state
        self._done_until = begin

    def catch_up(self, now: datetime) -> datetime:
        """Everything due by `now` has happened; returns the moment reached, which never recedes."""
        while True:
            moment = self._next_moment()
            if moment is None or moment > now:
                break
            self._happen(moment)
            self._done_until = moment
        self._done_until = max(self._done_until, now)
        return self._done_until

    def _next_moment(self) -> datetime | None:
        """The nearest moment at which something falls due; None while nothing can."""
        state = self._state
        moments = [due.at for due in (*state.interest_due, *state.redemptions_due)]
        if any(position.amount for position in state.positions.values()):
            moments.append(period_ends(state.settings).after(self._done_until))
        if state.auto_on:
            moments.append(sweeps(state.settings).after(self._done_until))
        return min(moments, default=None)

    def _happen(self, moment: datetime) -> None:
        """Redemptions arrive, the period's interest is earned and paid, then auto sweeps."""
        state, before = self._state, self._done_until
        for arriving in [due for due in state.redemptions_due if due.at <= moment]:
            state.arrive(arriving)
        if period_ends(state.settings).after(before) == moment:
            self._end_period(moment)
        for earned in [due for due in state.interest_due if due.at <= moment]:
            state.pay_interest(earned)
        if state.auto_on and sweeps(state.settings).after(before) == moment:
            self._sweep(moment)

    def _end_period(self, moment: datetime) -> None:
        """Each position has earned on the least it held, at the rate of this moment."""
        state = self._state
        for product_id, position in state.positions.items():
            earned = interest(state.products[product_id], position.lowest, state.settings)
            if earned > 0:
                at = moment + state.settings.payout_delay
                state.interest_due.append(Due(at, product_id, position.coin, earned))
            position.lowest = position.amount

    def _sweep(self, moment: datetime) -> None:
        """Each product with auto-subscribe on takes all the wallet has, as far as it may."""
        state = self._state
        for product_id in sorted(state.auto_on):
            spec = state.products[product_id]
            available = state.wallet.balance(spec.coin).available
            places = state.coin(spec.coin).precision
            amount = floor_to(min(available, headroom(state, spec)), places)
            if spec.selling and spec.on_sale(moment) and amount >= spec.minimum and amount > 0:
                cause = Cause(at=moment, by="exchange", subscribe_type="AUTO")
                state.subscribe(spec, amount, cause)
