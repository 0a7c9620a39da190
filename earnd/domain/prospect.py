"""Each product as a decision about its coin sees it: what it pays, what it takes, what forbids it.

What forbids a product is a hold that is ready to be recorded. There are three kinds: what keeps
money out (`entry`), what keeps money in however much it is wanted (`exit`), and what keeps money
in only as far as its rate is concerned (`doubt`): nobody leaves on an absence or an odd reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from earnd.domain.action import Verb
from earnd.domain.allocation import Option
from earnd.domain.holdings import Holding
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.money import NO_RATE, ROUNDING_DOWN, ZERO, Rate, floor_to, plain, total
from earnd.domain.plan import Hold
from earnd.domain.product import Band, Product
from earnd.domain.quarantine import Doubt, Oddity
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Share

NO_BOUND = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Prospect:
    """One product of the coin.

    `bands` are what it pays on what is held, without the maximum for purchases. `ceiling` is the
    most to hold after a purchase, and `full` the word for what sets it. `least` is the least to
    put in, `minimum` the least to leave behind. `permitted` is the strategy's word alone. `tight`
    says that it had no room lately: only idle money is tried there.
    """

    product_id: ProductId
    bands: tuple[Band, ...]
    held: Decimal = ZERO
    earn_id: EarnId | None = None
    least: Decimal = ZERO
    minimum: Decimal = ZERO
    ceiling: Decimal = ZERO
    full: str = "product_full"
    permitted: bool = False
    tight: bool = False
    entry: Hold | None = None
    exit: Hold | None = None
    doubt: Hold | None = None

    @property
    def is_open(self) -> bool:
        """Whether money may be put in."""
        return self.permitted and self.entry is None

    def rate_on(self, amount: Decimal) -> Rate:
        """What the next coin on top of `amount` earns, by the rate of its band."""
        for band in self.bands:
            if band.upper is None or amount < band.upper:
                return band.rate
        return NO_RATE

    def option(
        self, strategy: CoinStrategy, *, enter: bool = True, leave: bool = True, floor: bool = True
    ) -> Option:
        """The product as the allocation sees it, with the strategy's thresholds."""
        return Option(
            product_id=self.product_id,
            bands=self.bands,
            held=self.held,
            ceiling=self.ceiling,
            least_in=self.least,
            least_out=strategy.min_move,
            least_left=self.minimum,
            may_enter=enter and self.is_open and not (leave and self.tight),
            may_leave=leave and self.exit is None and self.doubt is None,
            hurdle=strategy.min_apy,
            floor=strategy.redeem_below_apy if floor else NO_RATE,
            rule=strategy.tier_rule,
        )


def prospects(situation: Situation, coin: Coin, strategy: CoinStrategy) -> tuple[Prospect, ...]:
    """Every product of the coin that is offered, or that something is held in, by its id."""
    offered = {p.product_id: p for p in situation.snapshot.products if p.coin == coin}
    held = {row.product_id: row for row in situation.holdings.of(coin) if row.amount > 0}
    cap = _cap(situation, coin, strategy)
    return tuple(
        _prospect(situation, strategy, product_id, offered, held.get(product_id), cap, coin=coin)
        for product_id in sorted(offered.keys() | held.keys())
    )


def _cap(situation: Situation, coin: Coin, strategy: CoinStrategy) -> Decimal:
    """The most that the strategy lets one product hold."""
    return part_of(strategy.max_per_product, situation, coin, strategy.precision)


def part_of(
    cap: Decimal | Share | None, situation: Situation, coin: Coin, precision: int
) -> Decimal:
    """A cap as an amount; a share is of all there is, idle and placed."""
    if cap is None:
        return NO_BOUND
    if isinstance(cap, Share):
        held = (row.amount for row in situation.holdings.of(coin))
        everything = total((situation.available(coin), *held))
        with localcontext(ROUNDING_DOWN):
            return floor_to(everything * cap.fraction, precision)
    return cap


def _prospect(  # noqa: PLR0917 - what is known about one product, from everywhere
    situation: Situation,
    strategy: CoinStrategy,
    product_id: ProductId,
    offered: Mapping[ProductId, Product],
    row: Holding | None,
    cap: Decimal,
    *,
    coin: Coin,
) -> Prospect:
    product = offered.get(product_id)
    doubt = situation.doubts.get(product_id)
    terms = doubt.trusted if doubt is not None else product
    if terms is None:
        terms = _as_its_position_says(situation, product_id, coin)
    held = ZERO if row is None else row.amount
    lesson = situation.lessons.least.get(product_id)
    minimum = terms.minimum if terms is not None else ZERO
    least = max(minimum, strategy.min_move, lesson.value if lesson is not None else ZERO)
    ceiling, full = _ceiling(situation, product, product_id, held, cap)
    return Prospect(
        product_id=product_id,
        bands=() if terms is None else bands_of(terms, strategy),
        held=held,
        earn_id=None if row is None else row.earn_id,
        least=least,
        minimum=minimum,
        ceiling=ceiling,
        full=full,
        permitted=product is not None and strategy.permits(product_id),
        tight=product_id in situation.lessons.tight,
        entry=None if product is None else _entry(situation, strategy, product, doubt, least),
        exit=None if row is None else _exit(situation, row),
        doubt=None if row is None else _doubt(row, terms, doubt, product),
    )


def _as_its_position_says(
    situation: Situation, product_id: ProductId, coin: Coin
) -> Product | None:
    """The terms of a product that is offered no more, by the rate in its position's row."""
    rows = [row for row in situation.snapshot.positions if row.product_id == product_id]
    if len(rows) != 1:
        return None
    row = rows[0]
    return Product(product_id, coin, row.rate, row.additional_rate, ZERO, ZERO)


def bands_of(product: Product, strategy: CoinStrategy) -> tuple[Band, ...]:
    """What a product pays on what is held in it: a maximum limits purchases, not what is paid."""
    held = replace(product, maximum=NO_BOUND)
    bands = held.bands(count_additional=strategy.count_additional_apy)
    return tuple(replace(band, upper=None) if band.upper == NO_BOUND else band for band in bands)


def _ceiling(
    situation: Situation,
    product: Product | None,
    product_id: ProductId,
    held: Decimal,
    cap: Decimal,
) -> tuple[Decimal, str]:
    """The most to hold after a purchase, and what sets it."""
    if product is None:
        return ZERO, "product_full"
    ends = [product.maximum]
    if product.has_tiers:
        ends.append(max((tier.upper for tier in product.tiers), default=ZERO))
    lesson = situation.lessons.most.get(product_id)
    if lesson is not None:
        ends.append(held + lesson.value)
    most = min(ends)
    return (cap, "max_per_product") if cap < most else (most, "product_full")


def _entry(
    situation: Situation,
    strategy: CoinStrategy,
    product: Product,
    doubt: Doubt | None,
    least: Decimal,
) -> Hold | None:
    """What keeps money out of a product whatever it pays."""
    coin, product_id = product.coin, product.product_id
    until = situation.cooldowns.on(Verb.SUBSCRIBE, coin, product_id)
    if until is not None:
        detail = {"until": until.at.isoformat(), "code": str(until.code)}
        return Hold(coin, Reason.COOLING_DOWN, product_id, detail=detail)
    left_at = situation.rotated_out.get(product_id)
    if left_at is not None and situation.now < left_at + strategy.rotation.cool_down:
        back = left_at + strategy.rotation.cool_down
        detail = {"at": left_at.isoformat(), "until": back.isoformat()}
        return Hold(coin, Reason.JUST_LEFT, product_id, detail=detail)
    if doubt is not None:
        return quarantined(coin, product_id, doubt, product)
    problem = product.tiers_problem()
    if problem is not None:
        return Hold(coin, Reason.TIERS_UNCLEAR, product_id, detail={"why": problem})
    bands = product.bands(count_additional=strategy.count_additional_apy)
    highest = max((band.rate for band in bands), default=NO_RATE)
    if highest > strategy.max_credible_apy:
        detail = {"rate": str(highest), "max_credible_apy": str(strategy.max_credible_apy)}
        return Hold(coin, Reason.RATE_NOT_CREDIBLE, product_id, detail=detail)
    cap = strategy.max_per_action
    if cap is not None and cap < least:
        detail = {"max_per_action": plain(cap), "least": plain(least)}
        return Hold(coin, Reason.MAX_PER_ACTION_TOO_SMALL, product_id, detail=detail)
    return None


def quarantined(
    coin: Coin,
    product_id: ProductId,
    doubt: Doubt,
    seen: Product | None,
    amount: Decimal | None = None,
) -> Hold:
    """A product whose latest reading is not believed yet."""
    detail = {
        "oddity": doubt.oddity.value,
        "since": doubt.since.isoformat(),
        "looks": str(doubt.looks),
        "needed_looks": str(doubt.needed),
        "until": doubt.until.isoformat(),
        "trusted_rate": str(_best_rate(doubt.trusted)),
    }
    if seen is not None and doubt.oddity is not Oddity.VANISHED:
        detail["seen_rate"] = str(_best_rate(seen))
    return Hold(coin, Reason.QUARANTINED, product_id, amount, detail)


def _best_rate(product: Product) -> Rate:
    bands = product.bands(count_additional=True)
    return max((band.rate for band in bands), default=product.rate)


def _exit(situation: Situation, row: Holding) -> Hold | None:
    """What keeps money in a product however much it is wanted."""
    if row.earn_id is None:
        return Hold(row.coin, Reason.POSITION_UNKNOWN, row.product_id, row.amount)
    until = situation.cooldowns.on(Verb.REDEEM, row.coin, row.product_id)
    if until is not None:
        detail = {"until": until.at.isoformat(), "code": str(until.code)}
        return Hold(row.coin, Reason.COOLING_DOWN, row.product_id, row.amount, detail)
    return None


def _doubt(
    row: Holding, terms: Product | None, doubt: Doubt | None, seen: Product | None
) -> Hold | None:
    """What keeps money in a product as far as its rate is concerned."""
    if doubt is not None:
        return quarantined(row.coin, row.product_id, doubt, seen, row.amount)
    if terms is None:
        return Hold(row.coin, Reason.PRODUCT_NOT_LISTED, row.product_id, row.amount)
    problem = terms.tiers_problem()
    if problem is not None:
        detail = {"why": problem}
        return Hold(row.coin, Reason.TIERS_UNCLEAR, row.product_id, row.amount, detail)
    return None
