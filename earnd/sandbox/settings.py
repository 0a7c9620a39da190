"""Everything about the exchange that nobody documents, as settings with the likeliest default.

`Settings` rules the books, `Account` says who the customer is, `Gateway` rules the HTTP face.
All are values: change one with `dataclasses.replace`, or while it runs through
`Books.change_settings` and `SandboxServer.gateway`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the books behave. The defaults are the API page, and the older of BitMart's two texts."""

    interest_paid: Literal["wallet", "product"] = "wallet"
    """Where interest goes: to the spot wallet, or into the position, where it compounds."""
    interest_every: Literal["day", "hour"] = "day"
    tier_rule: Literal["marginal", "whole"] = "marginal"
    count_additional_apy: bool = True
    """Whether `additionalApy` is paid at all; if so, on the whole amount."""
    interest_places: int = 8
    """Interest is cut, never rounded up, to so many decimals."""

    day: timedelta = timedelta(hours=24)
    """How long a day of the exchange takes; 60 s pays a day's interest every minute.
    An hour is its 24th part, and the times of day below shrink with it."""
    day_starts: timedelta = timedelta(hours=4)
    """Time of day (UTC) at which an interest day begins: midnight in UTC-4."""
    payout_delay: timedelta = NOTHING
    """How long after the end of a period its interest is paid."""

    auto_at: timedelta = timedelta(hours=2)
    """Time of day (UTC) at which auto-subscribe sweeps the wallet, for products that have it on."""

    closed_from: timedelta | None = None
    """Time of day (UTC) from which orders get 80005; both ends set or neither."""
    closed_until: timedelta | None = None
    closed_for: frozenset[str] = frozenset({"subscribe", "redeem"})

    remember_for: timedelta | None = timedelta(hours=24)
    """How long a request number is known; zero for never, None for ever."""
    duplicate_answer: Literal["refuse", "agree"] = "refuse"
    """What a known number gets: 80013, or 1000 and true once more. It is never executed."""
    dedupe: Literal["first", "last"] = "first"
    """Whether a known number is noticed before the business checks or only after them."""
    burn_refused: bool = False
    """Whether a number that was refused is known from then on."""
    number_scope: Literal["account", "endpoint"] = "account"

    record_lag: timedelta = NOTHING
    """How long a new record stays invisible; fixed for each record when it is written."""
    records_with_request_no: bool = False
    record_status: str | None = None
    """Text of a `status` field in every record; None leaves the field out."""
    records_newest_first: bool = True
    record_span: timedelta | None = None
    """Longest span from `startTime` (1970 without one) to `endTime`; a longer one gets 80012."""

    positions_with_amount: bool = False
    list_empty_positions: bool = True
    redeem_takes: timedelta = NOTHING
    """How long redeemed money is on its way to the wallet."""
    max_purchase_counts: Literal["held", "order"] = "held"
    """Whether `maxPurchaseAmount` bounds all that is held, or one order."""
    tier_rate_when_none: Literal["empty", "missing", "null"] = "empty"

    total_shape: Literal["list", "object", "absent"] = "list"
    """What the total per coin looks like: clients in public disagree; absent is a 404."""
    total_object_coin: str = "USDT"
    default_precision: int = 8
    """Decimals of an amount in a coin that nothing was said about."""

    def __post_init__(self) -> None:
        if self.day < timedelta(seconds=1):
            raise ValueError(f"a day of {self.day} is too short to be divided into hours")
        if (self.closed_from is None) != (self.closed_until is None):
            raise ValueError("a closed window has two ends or none")
        if self.payout_delay < NOTHING or self.record_lag < NOTHING or self.redeem_takes < NOTHING:
            raise ValueError("delays are not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the customer is to the exchange; each field but the defaults earns a refusal."""

    risk_subscribe: bool = False
    """80008"""
    risk_redeem: bool = False
    """80009"""
    institution: bool = False
    """80014, on subscribing"""
    kyc_level: int = 2
    """80015 below 2, on subscribing"""
    country_served: bool = True
    """80017 if not, on everything"""
    subtype_fits: bool = True
    """80018 if not, on subscribing"""
    business_allowed: bool = True
    """80019 if not, on subscribing and redeeming"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key to the account, with the states that the gateway refuses."""

    access_key: str
    secret_key: str
    memo: str
    frozen: bool = False
    """30003"""
    ip_allowed: bool = True
    """30010 if not"""
    expired: bool = False
    """30011"""
    permissions: frozenset[str] = frozenset({"read", "finance"})
    """Without `read` a KEYED call gets 30012, without `finance` a SIGNED one."""
    may_operate: bool = True
    """30019 if not, on SIGNED calls, with HTTP 200"""


PRACTICE_ACCESS_KEY = "practice-access-key"
PRACTICE_SECRET_KEY = "practice-secret-key"  # noqa: S105 - public, opens imaginary money only
PRACTICE_MEMO = "practice"
PRACTICE_KEY = ApiKey(
    access_key=PRACTICE_ACCESS_KEY, secret_key=PRACTICE_SECRET_KEY, memo=PRACTICE_MEMO
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A maintenance notice of `/system/service`; status 0 announced, 1 running, 2 completed."""

    title: str
    service_type: Literal["spot", "contract", "account"]
    status: int
    start_ms: int
    end_ms: int


HEALTHY = (
    Notice(title="Spot API Stop", service_type="spot", status=2, start_ms=1, end_ms=2),
    Notice(title="Contract API Stop", service_type="contract", status=2, start_ms=1, end_ms=2),
    Notice(title="Account API Stop", service_type="account", status=2, start_ms=1, end_ms=2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """How the HTTP face behaves. Endpoint sets hold the names of `routes.ROUTES`."""

    future_ms: int = 1000
    """A timestamp this far ahead, or farther, gets 30007."""
    age_ms: int = 60_000
    """A timestamp older than this gets 30007."""

    limits_on: bool = True
    """Off for a clock that stands still while many calls are made."""
    earn_limit: int = 10
    earn_window: timedelta = timedelta(seconds=2)
    wallet_limit: int = 12
    wallet_window: timedelta = timedelta(seconds=2)
    system_limit: int = 10
    system_window: timedelta = timedelta(seconds=1)
    limit_headers: bool = True
    limit_mode: str = "IP"
    knocks_to_block: int = 20
    """So many 429s within `knock_window` turn into a block: 418 and 30017 for `block_for`."""
    knock_window: timedelta = timedelta(minutes=1)
    block_for: timedelta = timedelta(minutes=10)
    knocking_extends_block: bool = False

    notices: tuple[Notice, ...] = HEALTHY
    down: frozenset[str] = frozenset()
    """Endpoints that answer 30014, HTTP 503."""
    maintenance: frozenset[str] = frozenset()
    """Endpoints that answer 30016, HTTP 200."""
    deprecated: frozenset[str] = frozenset()
    """Endpoints that answer 30031, HTTP 200."""
    absent: frozenset[str] = frozenset()
    """Endpoints that are not there: 30000, HTTP 404."""
