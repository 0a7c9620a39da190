"""Subscribing and redeeming: what is checked, in which order, and what a request number does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from earnd.domain.money import EXACT, ZERO, minus, parse_amount
from earnd.sandbox.codes import Refusal
from earnd.sandbox.history import Record
from earnd.sandbox.interest import is_closed
from earnd.sandbox.products import ProductSpec
from earnd.sandbox.state import Cause, Position, State

REQUEST_NO = re.compile(r"[0-9]{20}")
Verb = Literal["subscribe", "redeem"]

NO_BOUND = Decimal(10) ** 20
"""More than the API can write: 20 digits before the point."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the body of a subscribe or redeem asks for, not yet judged."""

    verb: Verb
    target: object
    """`productId` or `earnId`."""
    amount: object
    request_no: object


def place(state: State, order: Order, cause: Cause) -> Record | None:
    """The record of what was done; None if the number was known and the settings say to agree.

    A known number is never executed. With `dedupe="last"` the business checks speak first, as an
    exchange does that looks for the number only when it writes: a repeat after the wallet was
    emptied then gets 80002, not 80013.
    """
    target, amount = _read(order)
    settings, number = state.settings, str(order.request_no)
    scope = order.verb if settings.number_scope == "endpoint" else "account"
    known = state.numbers.knows(scope, number, cause.at, settings.remember_for)
    if not (known and settings.dedupe == "first"):
        try:
            execute = prepare(state, order.verb, target, amount, cause)
        except Refusal:
            if settings.burn_refused and not known:
                state.numbers.remember(scope, number, cause.at)
            raise
        if not known:
            state.numbers.remember(scope, number, cause.at)
            return execute()
    if settings.duplicate_answer == "refuse":
        raise Refusal(80013)
    return None


def prepare(
    state: State, verb: Verb, target: str, amount: Decimal, cause: Cause
) -> Callable[[], Record]:
    """The doing of an order that every business check has let pass; nothing is done yet."""
    if verb == "subscribe":
        spec = _allowed_to_subscribe(state, target, amount, cause)
        return lambda: state.subscribe(spec, amount, cause)
    position = _allowed_to_redeem(state, target, amount, cause)
    return lambda: state.redeem(position, amount, cause)


def headroom(state: State, spec: ProductSpec) -> Decimal:
    """How much more this customer may subscribe, by every bound on the product but the wallet."""
    held = state.held(spec.product_id)
    bounds = [NO_BOUND]
    if state.settings.max_purchase_counts == "held":
        bounds.append(minus(spec.maximum, held))
    else:
        bounds.append(spec.maximum)
    if spec.user_limit is not None:
        bounds.append(minus(spec.user_limit, held))
    if spec.quota is not None:
        bounds.append(spec.quota)
    return max(ZERO, min(bounds))


def _read(order: Order) -> tuple[str, Decimal]:
    """Who and how much. Missing or mistyped fields get 80012, an amount that is none 80003."""
    if not isinstance(order.target, str) or not order.target:
        raise Refusal(80012)
    if not isinstance(order.request_no, str) or not REQUEST_NO.fullmatch(order.request_no):
        raise Refusal(80012)
    if not isinstance(order.amount, str) or not order.amount:
        raise Refusal(80012)
    try:
        amount = parse_amount(order.amount)
    except ValueError:
        raise Refusal(80003) from None
    if amount == 0:
        raise Refusal(80003)
    return order.target, amount


def _allowed_to_subscribe(
    state: State, product_id: str, amount: Decimal, cause: Cause
) -> ProductSpec:
    """The product, if the customer may put `amount` into it now."""
    _check_customer(state, "subscribe")
    spec = state.products.get(product_id)
    if spec is None:
        raise Refusal(80001)
    if is_closed(state.settings, "subscribe", cause.at):
        raise Refusal(80005)
    if not spec.selling:
        raise Refusal(80011)
    if not spec.on_sale(cause.at):
        raise Refusal(80010)
    if not spec.limits_make_sense():
        raise Refusal(80007)
    if _decimals(amount) > state.coin(spec.coin).precision:
        raise Refusal(80003)
    if amount < spec.minimum:
        raise Refusal(80021)
    _check_bounds(state, spec, amount)
    if amount > state.wallet.balance(spec.coin).available:
        raise Refusal(80002)
    return spec


def _check_bounds(state: State, spec: ProductSpec, amount: Decimal) -> None:
    """80006 for what this customer may hold, 80004 for what is left for everybody."""
    after = EXACT.add(state.held(spec.product_id), amount)
    counted = after if state.settings.max_purchase_counts == "held" else amount
    if counted > spec.maximum or (spec.user_limit is not None and after > spec.user_limit):
        raise Refusal(80006)
    if spec.quota is not None and amount > spec.quota:
        raise Refusal(80004)


def _allowed_to_redeem(state: State, earn_id: str, amount: Decimal, cause: Cause) -> Position:
    """The position, if the customer may take `amount` out of it now."""
    _check_customer(state, "redeem")
    position = state.position_by_earn_id(earn_id)
    if position is None:
        raise Refusal(80020)
    if is_closed(state.settings, "redeem", cause.at):
        raise Refusal(80005)
    if amount > position.amount:
        raise Refusal(80002)
    # All of it may always go, or compounded interest finer than an order could never leave.
    if amount != position.amount and _decimals(amount) > state.coin(position.coin).precision:
        raise Refusal(80003)
    return position


def _check_customer(state: State, verb: Verb) -> None:
    """What the exchange holds against the customer, whatever the order."""
    account = state.account
    if not account.country_served:
        raise Refusal(80017)
    if not account.business_allowed:
        raise Refusal(80019)
    if verb == "redeem":
        if account.risk_redeem:
            raise Refusal(80009)
        return
    if account.risk_subscribe:
        raise Refusal(80008)
    if account.institution:
        raise Refusal(80014)
    if account.kyc_level < 2:
        raise Refusal(80015)
    if not account.subtype_fits:
        raise Refusal(80018)


def _decimals(amount: Decimal) -> int:
    """The digits after the point as written: `1.10` has two."""
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
