"""What goes wrong on the way, drawn anew for a request or a cycle by the rates of a world."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from earnd.sandbox import Fault

READS = ("product", "earn", "record", "record", "total", "wallet", "time", "service")

_ON_ANY = (
    "drop_before",
    "drop_after",
    "reset_before",
    "reset_after",
    "stall_before",
    "stall_after",
    "cut_body",
    "cut_close_framed",
    "endless",
    "html",
    "status",
    "code",
    "system_error_before",
    "system_error_after",
    "data_false_before",
    "data_false_after",
    "data_value",
    "garbage",
    "gzip_bomb",
    "duplicate_keys",
    "nan",
    "redirect",
    "swap",
    "deliver_twice",
)
_ON_LISTS = ("bad_total", "repeat_id", "shift_pages", "empty_list", "stale")
_LISTS = ("product", "earn", "record")
_CACHED = ("record", "wallet", "total", "wallet", "total")
_ENDPOINTS = dict.fromkeys(_ON_LISTS, _LISTS) | {"stale": _CACHED}
WRITE_KINDS = (*_ON_ANY, "refusal")
READ_KINDS = (*_ON_ANY, *_ON_LISTS)

LIES = frozenset({"stale", "swap", "empty_list", "data_value", "cut_close_framed"})
"""Kinds of faults under which a look may say, in good form, what is not so."""

_STATUSES = (400, 404, 429, 500, 502, 504, 520)
_READ_CODES = (30000, 30002, 30007, 30013, 30014, 30016, 30017, 80012, 80016, 80023)
_REFUSALS = (80001, 80002, 80003, 80004, 80005, 80006, 80011, 80019, 80020, 80021)
_UNCLEAR_CODES = (80013, 80016, 80023, 30014)
_GATEWAY_CODES = (30007, 30013, 30014, 30016, 30017)


def draw_write_fault(rng: Random, endpoint: str, rates: Mapping[str, float]) -> Fault | None:
    """What strikes the next money request, if anything does."""
    struck = [kind for kind, rate in rates.items() if rng.random() < rate]
    return _write_fault(rng, endpoint, rng.choice(struck)) if struck else None


def _write_fault(rng: Random, endpoint: str, kind: str) -> Fault:
    match kind:
        case "code":
            # What proves nothing may have been carried out.
            code = rng.choice(_UNCLEAR_CODES)
            return Fault(endpoint, "code", code=code, apply=rng.random() < 0.5)
        case "refusal":
            # A refusal is a refusal: that one is not a lie is what everything rests on.
            return Fault(endpoint, "code", code=rng.choice((*_REFUSALS, *_GATEWAY_CODES)))
        case "status" | "html":
            status = rng.choice(_STATUSES) if kind == "status" else rng.choice((200, 403, 503))
            applies = status != 429 and rng.random() < 0.5
            return Fault(endpoint, kind, status=status, apply=applies)
        case "data_value":
            value: object = rng.choice((1, 0, "true", None))
            return Fault(endpoint, kind, value=value, apply=rng.random() < 0.5)
        case "swap":
            # A reply to an earlier request that says yes could not be seen through by anybody.
            return Fault(endpoint, "swap", other=rng.choice(("product", "wallet")))
        case "cut_close_framed" | "cut_body":
            return Fault(endpoint, kind, cut_at=rng.randint(0, 40))
        case "gzip_bomb":
            return Fault(endpoint, kind, size=4000)
        case _:
            return Fault(endpoint, kind)


def draw_read_faults(rng: Random, rates: Mapping[str, float]) -> list[Fault]:
    """What strikes the looks of one cycle."""
    return [_read_fault(rng, kind) for kind, rate in rates.items() if rng.random() < rate]


def _read_fault(rng: Random, kind: str) -> Fault:
    endpoint = rng.choice(_ENDPOINTS.get(kind, READS))
    nth, times = rng.randint(1, 6), rng.choice((1, 1, 2, 4, None))
    match kind:
        case "code":
            return Fault(endpoint, kind, code=rng.choice(_READ_CODES), nth=nth, times=times)
        case "status":
            return Fault(endpoint, kind, status=rng.choice(_STATUSES), nth=nth, times=times)
        case "data_value":
            return Fault(endpoint, kind, value=rng.choice(([], {}, None, 7)), nth=nth, times=times)
        case "swap":
            other = rng.choice([name for name in READS if name != endpoint])
            return Fault(endpoint, kind, other=other, nth=nth, times=times)
        case "gzip_bomb":
            return Fault(endpoint, kind, size=4000, nth=nth, times=times)
        case _:
            return Fault(endpoint, kind, nth=nth, times=times)
