"""What an invented life of earnd sees and decides, in the rows that it would have written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from benchmarks.laying import Layer
from earnd.ledger.columns import moment_text

UNIT = 10**8
CYCLE = timedelta(minutes=5)
A_DAY = timedelta(days=1) // CYCLE

HOURLY = ("1001", "1002")
DAILY = ("1101", "1201", "1301")
COIN = {"1001": "USDT", "1002": "USDT", "1101": "USDC", "1201": "BTC", "1301": "ETH"}
OFFERS = (*HOURLY, *DAILY, *(str(number) for number in range(1401, 1408)))


def plain(units: int) -> str:
    """As the ledger writes money; a unit is 0.00000001."""
    whole, part = divmod(units, UNIT)
    return f"{whole}.{part:08d}".rstrip("0").rstrip(".")


def text(**values: str) -> str:
    """As the ledger writes JSON."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def rate_text(basis_points: int) -> str:
    """As the ledger writes a rate."""
    return f"0.{basis_points:04d}".rstrip("0")


@dataclass
class Seen:
    """Where the life stands; `run` is the row of `run` that it happens in."""

    layer: Layer
    begins: datetime
    run: int
    prefix: str
    random: Random = field(default_factory=lambda: Random(20261127))  # noqa: S311 - a story's seed
    cycle_id: int = 0
    at: str = ""
    moment: datetime = field(init=False)
    wallet: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    profit: dict[str, int] = field(default_factory=dict)
    records: int = 0
    same_as: int = 0
    decided: tuple[dict[str, int], dict[str, int]] | None = None
    moved: bool = False

    def __post_init__(self) -> None:
        self.moment = self.begins

    def look(self) -> None:
        """A whole look, and what was made of it."""
        shape = {"products": len(OFFERS), "positions": len(self.held), "coins": len(self.wallet)}
        skew = self.random.randint(-9, 9)
        self.layer.put(
            "look", cycle_id=self.cycle_id, at=self.at, kind="full", clock_skew_ms=skew, **shape
        )
        self.layer.put(
            "look", cycle_id=self.cycle_id, at=self.at, kind="holdings", holdings=len(self.held)
        )

    def see_balances(self, *coins: str) -> None:
        """What lies idle in these coins."""
        for coin in coins:
            self.layer.put(
                "balance_seen",
                cycle_id=self.cycle_id,
                seen_at=self.at,
                coin=coin,
                available=plain(self.wallet[coin]),
                frozen="0",
            )

    def flow(self, coin: str, amount: int, kind: str, owner: str) -> None:
        """What came into the wallet beside savings."""
        self.layer.put(
            "wallet_flow",
            cycle_id=self.cycle_id,
            coin=coin,
            from_at=self.at if kind == "opening" else moment_text(self.moment - CYCLE),
            at=self.at,
            direction="in",
            amount=plain(amount),
            kind=kind,
            attributed_to=owner,
            by_record=0,
        )

    def account(self) -> None:
        """The wallet was held against the records."""
        self.layer.put(
            "wallet_account",
            cycle_id=self.cycle_id,
            at=self.at,
            record_upto=self.layer.last("record_seen"),
            status_upto=0,
            balance_upto=self.layer.last("balance_seen"),
        )

    def offer(self, product: str) -> None:
        """A product with another rate."""
        rate = self.random.randint(100, 900)
        seen = self.layer.put(
            "product_seen",
            cycle_id=self.cycle_id,
            seen_at=self.at,
            product_id=product,
            coin=COIN.get(product, "USDT"),
            listed=1,
            apy=rate_text(rate),
            additional_apy="0",
            minimum="0.1",
            maximum="100000",
            has_tiers=1,
            tag="",
        )
        for n, (lower, upper) in enumerate((("0", "1000"), ("1000", "100000"))):
            band = {"lower": lower, "upper": upper, "rate": rate_text(rate // (n + 1))}
            self.layer.put("tier_seen", product_seen_id=seen, n=n, **band)

    def record(self, kind: str, product: str, amount: int, at: str) -> int:
        """A row of the exchange's history; answers its place."""
        self.records += 1
        return self.layer.put(
            "record_seen",
            record_id=str(300000 + self.records),
            kind=kind,
            product_id=product,
            coin=COIN[product],
            amount=plain(amount),
            at=at,
            subscribe_type="NORMAL" if kind == "subscribe" else None,
            cycle_id=self.cycle_id,
            seen_at=self.at,
        )

    def attribute(self, seq: int, to: str, action_id: int | None = None) -> None:
        """Whose doing a record is."""
        self.layer.put(
            "attribution",
            record_seq=seq,
            attributed_to=to,
            action_id=action_id,
            cycle_id=self.cycle_id,
            at=self.at,
        )

    def see_position(self, product: str) -> None:
        """The exchange's row of what is held."""
        self.layer.put(
            "position_seen",
            cycle_id=self.cycle_id,
            seen_at=self.at,
            earn_id=f"2{product}",
            product_id=product,
            coin=COIN[product],
            listed=1,
            apy="0.05",
            additional_apy="0",
            total_profit=plain(self.profit.get(product, 0)),
            auto_subscribe=0,
        )

    def decide(
        self,
        *,
        coin: str,
        verdict: str,
        amount: str,
        reason: str,
        detail: str,
        product: str | None,
    ) -> None:
        """A move or a hold."""
        self.moved = self.moved or verdict != "hold"
        self.layer.put(
            "decision",
            cycle_id=self.cycle_id,
            at=self.at,
            coin=coin,
            verdict=verdict,
            product_id=product,
            amount=amount,
            reason=reason,
            detail=detail,
        )

    def hold(self) -> None:
        """One hold of the idle and one of the held money of each coin, as long as they last."""
        now = (dict(self.wallet), dict(self.held))
        if self.same_as and now == self.decided:
            self.layer.put(
                "decision_again", cycle_id=self.cycle_id, same_as=self.same_as, at=self.at
            )
            return
        for coin, idle in self.wallet.items():
            held = sum(units for other, units in self.held.items() if COIN[other] == coin)
            kept = text(available=plain(idle), binding="min_move", keep_idle="50", min_move="5")
            best = text(binding="none", rate="5.00%")
            self._held_back(coin, plain(idle), "under_min_move", kept)
            self._held_back(coin, plain(held), "best_already", best)
        # A cycle with a move is not repeated: the next one writes its holds anew.
        self.same_as, self.decided = (0 if self.moved else self.cycle_id), now

    def _held_back(self, coin: str, amount: str, reason: str, detail: str) -> None:
        self.decide(
            coin=coin, verdict="hold", amount=amount, reason=reason, detail=detail, product=None
        )
