"""Rates of the past as files that `earnd simulate` reads, from a folder of downloaded histories.

Each is one coin with a few products; where the sources are of several dollar coins, they are taken
for one, as if changing one into another cost nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

Rows = Iterator[dict[str, str]]

OKX = "okx_simple_earn_flexible_usdt_hourly_2025-04_2026-08.csv"
POOLS = "defillama_stablecoin_pools_daily_2025-04_2026-08.csv"
CATALOGUE = "binance_simple_earn_flexible_majors_snapshots.csv"
GLITCH = "okx_glitch_2025-11-13.csv"

DOLLARS = frozenset({"USDT", "USDC", "FDUSD", "USD1", "U", "RLUSD", "TUSD", "DAI"})
COLUMNS = ("time", "product", "rate", "tiers", "minimum", "open", "redeemable")
BEYOND = "1000000000"


def okx(folder: Path) -> Rows:
    """The hourly lending rate of USDT."""
    for row in _read(folder / OKX):
        yield {"time": row["timestamp_utc"], "product": "OKX", "rate": row["apr"]}


def flat(percent: str) -> Callable[[Path], Rows]:
    """A product that always pays the same."""

    def rows(folder: Path) -> Rows:
        del folder
        yield {"time": "2025-04-01", "product": f"flat {percent}", "rate": percent}

    return rows


def pool(name: str) -> Callable[[Path], Rows]:
    """The daily rate of a lending pool."""

    def rows(folder: Path) -> Rows:
        for row in _read(folder / POOLS):
            if row["pool"] == name:
                yield {"time": row["date"], "product": name, "rate": f"{row['apy_percent']}%"}

    return rows


def catalogue(folder: Path) -> Rows:
    """The dollar coins of a catalogue with tiers that sell out, every six hours."""
    for row in _read(folder / CATALOGUE):
        if row["asset"] not in DOLLARS:
            continue
        base, upper = row["base_apr"], row["tier_upper"]
        tiers = "none"
        if upper:
            # The bonus is paid on top of the base, up to its bound.
            tiers = f"0-{upper} @ {_sum(base, row['tier_bonus_apr'])}; {upper}-{BEYOND} @ {base}"
        is_open = row["can_purchase"] == "True" and row["is_sold_out"] == "False"
        yield {
            "time": row["snapshot_utc"],
            "product": row["asset"],
            "rate": base,
            "tiers": tiers,
            "minimum": row["min_purchase"],
            "open": str(is_open),
            "redeemable": row["can_redeem"],
        }


AAVE, FLUID, FXSAVE = pool("AAVE USDC"), pool("Fluid USDC"), pool("fxSAVE (fx Protocol)")

PORTFOLIOS: Mapping[str, tuple[Callable[[Path], Rows], ...]] = {
    "OKX, flat 3 %": (okx, flat("3%")),
    "OKX, flat 3 % and 4 %": (okx, flat("3%"), flat("4%")),
    "Aave, Fluid, fxSAVE": (AAVE, FLUID, FXSAVE),
    "OKX, Aave, Fluid": (okx, AAVE, FLUID),
    "all six": (okx, flat("3%"), flat("4%"), AAVE, FLUID, FXSAVE),
}
"""Hourly USDT against products that never change and daily pools."""


def write(path: Path, *rows: Rows) -> Path:
    """A file of rates with these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for some in rows:
            writer.writerows(some)
    return path


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _sum(left: str, right: str) -> str:

    return format(Decimal(left) + Decimal(right), "f")
