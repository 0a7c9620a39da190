"""Movements as CSV (RFC 4180) and as JSON lines, with the same fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from earnd.domain.movement import Movement
from earnd.printable import printable

FIELDS: Final = (
    "id",
    "at",
    "kind",
    "direction",
    "coin",
    "amount",
    "product_id",
    "attributed_to",
    "action_id",
    "record_id",
)

_ACTIVE: Final = ("=", "+", "-", "@")


def harmless(text: str) -> str:
    """Foreign text that a spreadsheet takes for text: before a formula's first letter stands a `'`.

    Source: OWASP, "CSV Injection". Whatever acts on a terminal, tabs and line ends among it, is
    written out by `printable`.
    """
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_ACTIVE) else shown


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The header and the rows, each line ended by CR LF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(row)
        yield buffer.getvalue()


def as_csv(movements: Iterable[Movement]) -> Iterator[str]:
    """One line a movement; what there is not is empty."""
    return csv_lines(FIELDS, ([_cell(value) for value in _values(each)] for each in movements))


def as_json_lines(movements: Iterable[Movement]) -> Iterator[str]:
    """One object a line: amounts as text, so that no reader makes floats of them."""
    for each in movements:
        fields = dict(zip(FIELDS, _values(each), strict=True))
        yield json.dumps(fields, separators=(",", ":")) + "\n"


def _values(each: Movement) -> tuple[str | int | None, ...]:
    return (
        each.id,
        each.at,
        each.kind,
        each.direction.value,
        each.coin,
        each.amount,
        each.product_id,
        each.attributed_to,
        each.action_id,
        each.record_id,
    )


def _cell(value: str | int | None) -> str:
    return "" if value is None else harmless(str(value))
