"""What a question about the best allocation means, word for word: every plan there is, tried.

Slow on purpose and exact. Nothing here is shared with the code that it judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import product as every
from typing import NamedTuple

from earnd.domain.allocation import Option, Question
from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ZERO, total
from earnd.domain.strategy import TierRule


class Plan(NamedTuple):
    """What to hold in each product, in the order of the options, and what that is worth."""

    amounts: tuple[Decimal, ...]
    yearly: Decimal
    worth: Decimal


def earns(option: Option, amount: Decimal) -> Decimal:
    """What an amount earns in a year, to the last digit."""
    with localcontext(EXACT):
        earned = ZERO
        if option.rule is TierRule.WHOLE:
            for band in option.bands:
                if band.upper is None or amount <= band.upper:
                    return amount * band.rate.value
                earned = band.upper * band.rate.value
            return earned
        for band in option.bands:
            top = amount if band.upper is None else min(amount, band.upper)
            if top > band.lower:
                earned += (top - band.lower) * band.rate.value
        return earned


def leaving_costs(question: Question, option: Option, base: Decimal, amount: Decimal) -> Decimal:
    """What it costs to hold this much, where as much as `base` could stay."""
    if amount >= base:
        return ZERO
    with localcontext(EXACT):
        left_behind = max(ZERO, earns(option, base) - earns(option, amount))
        return question.price * left_behind + question.fee


def possible(option: Option, unit: Decimal) -> list[Decimal]:
    """Every amount that could be held after at most one request, the least first."""
    held = option.held
    with localcontext(EXACT):
        found = {held}
        if option.may_enter:
            amount = held + unit
            while amount <= option.ceiling:
                if amount - held >= option.least_in:
                    found.add(amount)
                amount += unit
        if option.may_leave:
            amount = held - unit
            while amount >= 0:
                is_nothing = amount < unit
                if held - amount >= option.least_out and (
                    is_nothing or amount >= option.least_left
                ):
                    found.add(amount)
                amount -= unit
    return sorted(found)


def admissible(option: Option, unit: Decimal) -> list[Decimal]:
    """Those of the possible amounts no last part of which earns less than the thresholds ask."""
    among = possible(option, unit)
    return [
        amount
        for amount in among
        if _clears(option, option.floor.value, amount, among)
        and _clears(
            option, option.hurdle.value, amount, [less for less in among if less >= option.held]
        )
    ]


def _clears(option: Option, rate: Decimal, amount: Decimal, among: Sequence[Decimal]) -> bool:
    with localcontext(EXACT):
        return all(
            earns(option, amount) - earns(option, less) >= rate * (amount - less)
            for less in among
            if less < amount
        )


def base_of(option: Option, among: Sequence[Decimal]) -> Decimal:
    """The most of what is held that may stay; what is beyond it leaves without a price."""
    return max(amount for amount in among if amount <= option.held)


def every_plan(question: Question) -> Iterator[Plan]:
    """All plans within the money; if there is none, the one that brings home all it can."""
    choices = []
    for option in question.options:
        among = admissible(option, question.unit)
        base = base_of(option, among)
        choices.append([_single(question, option, base, amount) for amount in among])
    least = _together([choice[0] for choice in choices])
    if total(least.amounts) > question.placeable:
        yield least
        return
    for singles in every(*choices):
        plan = _together(singles)
        if total(plan.amounts) <= question.placeable:
            yield plan


def _single(question: Question, option: Option, base: Decimal, amount: Decimal) -> Plan:
    yearly = earns(option, amount)
    cost = leaving_costs(question, option, base, amount)
    return Plan((amount,), yearly, EXACT.subtract(yearly, cost))


def _together(singles: Sequence[Plan]) -> Plan:
    return Plan(
        tuple(amount for single in singles for amount in single.amounts),
        total(single.yearly for single in singles),
        total(single.worth for single in singles),
    )


def preference(question: Question, plan: Plan) -> tuple[Decimal, ...]:
    """Worth, then the least moved, then the most in held products, then the smaller ids."""
    pairs = list(zip(question.options, plan.amounts, strict=True))
    moved = total(abs(amount - option.held) for option, amount in pairs)
    in_held = total(amount for option, amount in pairs if option.held > 0)
    in_order = sorted(pairs, key=lambda pair: pair[0].product_id)
    return (plan.worth, -moved, in_held, *(amount for _, amount in in_order))


def best(question: Question) -> Plan:
    """The plan that the promise names: the only one that no other is preferred to."""
    return max(every_plan(question), key=lambda plan: preference(question, plan))


def as_plan(question: Question, targets: Mapping[ProductId, Decimal]) -> Plan:
    """The same plan from an answer, valued here; for small questions."""
    singles = []
    for option in question.options:
        among = admissible(option, question.unit)
        amount = targets[option.product_id]
        assert amount in among, f"{option.product_id}: {amount} is not admissible"
        singles.append(_single(question, option, base_of(option, among), amount))
    return _together(singles)
