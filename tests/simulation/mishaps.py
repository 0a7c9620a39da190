"""What goes wrong on the way, drawn anew for a cycle."""

from __future__ import annotations

from random import Random

from earnd.sandbox import Fault

READS = ("product", "earn", "record", "total", "wallet", "time", "service")

_ON_ANY = (
    "drop_before",
    "drop_after",
    "reset_before",
    "reset_after",
    "cut_body",
    "cut_close_framed",
    "html",
    "status",
    "code",
    "system_error_before",
    "system_error_after",
    "data_false_before",
    "data_false_after",
    "data_value",
    "garbage",
    "duplicate_keys",
    "nan",
    "redirect",
    "swap",
    "stale",
    "deliver_twice",
)
_ON_LISTS = ("bad_total", "repeat_id", "shift_pages", "empty_list")
_STATUSES = (400, 404, 429, 500, 502, 504, 520)
_READ_CODES = (30000, 30002, 30007, 30013, 30014, 30016, 30017, 80012, 80016, 80023)
_REFUSALS = (80001, 80002, 80003, 80004, 80005, 80006, 80011, 80019, 80020, 80021)
_WRITE_CODES = (*_REFUSALS, 30007, 30013, 30014, 30016, 30017, 80013, 80016, 80023)


def draw_read_faults(rng: Random) -> list[Fault]:
    """One to three faults for the looks of a cycle."""
    return [draw_read_fault(rng, rng.choice(READS)) for _ in range(rng.choice((1, 1, 2, 3)))]


def draw_write_fault(rng: Random, endpoint: str, *, parks: bool) -> Fault:
    """One fault for the next money request."""
    kind = rng.choice((*_ON_ANY, *("park",) * 6) if parks else _ON_ANY)
    match kind:
        case "code":
            # A refusal is a refusal (A4); what proves nothing may have been carried out.
            code = rng.choice(_WRITE_CODES)
            is_open = code in {80013, 80016, 80023}
            return Fault(endpoint, kind, code=code, apply=is_open and rng.random() < 0.5)
        case "status" | "html":
            status = rng.choice(_STATUSES) if kind == "status" else rng.choice((200, 403, 503))
            applies = status != 429 and rng.random() < 0.5
            return Fault(endpoint, kind, status=status, apply=applies)
        case "data_value":
            value: object = rng.choice((1, 0, "true", None))
            return Fault(endpoint, kind, value=value, apply=rng.random() < 0.5)
        case "stale" | "swap":
            # The reply to an earlier request says yes, which no client could see through.
            return Fault(endpoint, "swap", other=rng.choice(("product", "wallet")))
        case "cut_close_framed" | "cut_body":
            return Fault(endpoint, kind, cut_at=rng.randint(0, 40))
        case _:
            return Fault(endpoint, kind)


def draw_read_fault(rng: Random, endpoint: str) -> Fault:
    lists = _ON_LISTS if endpoint in {"product", "earn", "record"} else ()
    kind = rng.choice(_ON_ANY + lists * 3)
    nth, times = rng.randint(1, 6), rng.choice((1, 2, 4, None))
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
        case _:
            return Fault(endpoint, kind, nth=nth, times=times)
