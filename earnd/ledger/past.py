"""What was seen of the products lately, for those who judge a reading by the ones before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.sql.selectable import TextualSelect

from earnd.domain.ids import Coin, ProductId
from earnd.domain.product import Product, Tier
from earnd.domain.quarantine import Reading
from earnd.ledger.columns import Moment, Money, RateText, moment_text, storable

_COLUMNS: Final = (
    "p.product_seen_id, p.seen_at, p.product_id, p.coin, p.listed, p.apy, p.additional_apy,"
    " p.minimum, p.maximum, p.has_tiers, p.tag"
)

# Walked from the newest row down, so that it costs as much as what is younger.
_BEFORE = text(
    "SELECT product_seen_id FROM product_seen WHERE seen_at <= :since"
    " ORDER BY product_seen_id DESC LIMIT 1"
)
_LOOKS_BEFORE = text("SELECT look_id FROM look WHERE at < :since ORDER BY look_id DESC LIMIT 1")

_IN_FORCE = """
WITH RECURSIVE keys(key) AS (
  SELECT min(product_id) FROM product_seen
  UNION ALL
  SELECT (SELECT min(n.product_id) FROM product_seen n WHERE n.product_id > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT p.product_seen_id FROM keys
JOIN product_seen p ON p.product_seen_id = (
  SELECT max(m.product_seen_id) FROM product_seen m
  WHERE m.product_id = keys.key AND m.product_seen_id <= :known)
"""

_LATER = "SELECT product_seen_id FROM product_seen WHERE product_seen_id > :known"

_OF_ONE = """
SELECT s.product_seen_id FROM product_seen s
WHERE s.product_id = :product_id AND s.seen_at < :until
  AND s.product_seen_id >= coalesce((
    SELECT m.product_seen_id FROM product_seen m
    WHERE m.product_id = :product_id AND m.seen_at <= :since
    ORDER BY m.product_seen_id DESC LIMIT 1), 0)
"""

_LOOKS = text(
    "SELECT look_id, at FROM look WHERE look_id > :known AND kind = 'full' ORDER BY look_id"
).columns(at=Moment)

_STRETCHES: Final = 256
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Past:
    """Readings and looks, each row read once in the life of the process.

    A cycle asks for weeks of them several times, and little is new. Rows are only ever added, so
    what was read stays true, and the highest number read tells where to go on.
    """

    _since: datetime = _NEVER
    _known: int = 0
    _readings: dict[ProductId, tuple[Reading, ...]] = field(default_factory=dict)
    _looked_since: datetime = _NEVER
    _looks_known: int = 0
    _looks: tuple[datetime, ...] = ()
    _stretches: dict[tuple[str, str, str], tuple[Reading, ...]] = field(default_factory=dict)

    def readings(
        self, connection: Connection, since: datetime
    ) -> Mapping[ProductId, tuple[Reading, ...]]:
        """Of each product what it offered at `since`, and everything that it did later."""
        readings, known = self._readings, self._known
        if since < self._since:
            known = _newest(connection, since)
            first = _read(connection, _IN_FORCE, {"known": known})
            readings = {product_id: (reading,) for _, product_id, reading in first}
        later: dict[ProductId, list[Reading]] = defaultdict(list)
        for number, product_id, reading in _read(connection, _LATER, {"known": known}):
            later[product_id].append(reading)
            known = number
        self._readings = {
            product_id: _from((*readings.get(product_id, ()), *later.get(product_id, ())), since)
            for product_id in readings.keys() | later.keys()
        }
        self._since, self._known = since, known
        return self._readings

    def looks(self, connection: Connection, since: datetime) -> tuple[datetime, ...]:
        """When the whole exchange was looked at, at or after `since`, oldest first."""
        looks, known = self._looks, self._looks_known
        if since < self._looked_since:
            found = connection.execute(_LOOKS_BEFORE, {"since": moment_text(since)}).scalar()
            looks, known = (), int(found or 0)
        rows = connection.execute(_LOOKS, {"known": known}).all()
        if rows:
            known = rows[-1].look_id
        self._looks = tuple(at for at in (*looks, *(row.at for row in rows)) if at >= since)
        self._looked_since, self._looks_known = since, known
        return self._looks

    def between(
        self, connection: Connection, product_id: ProductId, since: datetime, until: datetime
    ) -> tuple[Reading, ...]:
        """What one product offered at `since`, and everything that it did later before `until`.

        `until` is past, so the answer never changes.
        """
        span = {"since": moment_text(since), "until": moment_text(until)}
        key = (product_id, span["since"], span["until"])
        if key not in self._stretches:
            if len(self._stretches) >= _STRETCHES:
                self._stretches.clear()
            values = {"product_id": storable(product_id), **span}
            found = _read(connection, _OF_ONE, values)
            self._stretches[key] = tuple(reading for _, _, reading in found)
        return self._stretches[key]


def _newest(connection: Connection, since: datetime) -> int:
    found = connection.execute(_BEFORE, {"since": moment_text(since)}).scalar()
    return int(found or 0)


def _from(series: tuple[Reading, ...], since: datetime) -> tuple[Reading, ...]:
    """Without what was over by `since`."""
    gone = 0
    while gone + 1 < len(series) and series[gone + 1].at <= since:
        gone += 1
    return series[gone:] if gone else series


def _read(
    connection: Connection, which: str, values: Mapping[str, int | str]
) -> Iterator[tuple[int, ProductId, Reading]]:
    """Readings with their number and their product, in the order in which they were seen."""
    rows, tiers = _statements(which)
    bands: dict[int, list[Tier]] = defaultdict(list)
    for number, lower, upper, rate in connection.execute(tiers, values):
        bands[number].append(Tier(lower, upper, rate))
    for row in connection.execute(rows, values):
        number, seen_at, product_id, coin, listed, apy, additional, least, most, has, tag = row
        product = Product(
            product_id=ProductId(product_id),
            coin=Coin(coin),
            rate=apy,
            additional_rate=additional,
            minimum=least,
            maximum=most,
            tiers=tuple(bands.get(number, ())),
            has_tiers=bool(has),
            tag=tag,
        )
        yield number, product.product_id, Reading(seen_at, product if listed else None)


@cache
def _statements(which: str) -> tuple[TextualSelect, TextualSelect]:
    # Made once: to take a text apart costs more than to run it.
    rows = text(
        f"SELECT {_COLUMNS} FROM product_seen p WHERE p.product_seen_id IN ({which})"  # noqa: S608 - ours
        " ORDER BY p.product_seen_id"
    )
    tiers = text(
        "SELECT t.product_seen_id, t.lower, t.upper, t.rate FROM tier_seen t"  # noqa: S608 - ours
        f" WHERE t.product_seen_id IN ({which}) ORDER BY t.product_seen_id, t.n"
    )
    return (
        rows.columns(
            seen_at=Moment, apy=RateText, additional_apy=RateText, minimum=Money, maximum=Money
        ),
        tiers.columns(lower=Money, upper=Money, rate=RateText),
    )
