"""Faults that change what a reply says. What they do to the connection is in `wire`."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from earnd.sandbox.codes import EARN_CODES, GATEWAY_CODES, OK, CodeRow
from earnd.sandbox.faults import REMOVED, Fault
from earnd.sandbox.reply import Reply, envelope
from earnd.sandbox.routes import Listing
from earnd.sandbox.rows import Row

CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser before accessing the site</h1>"
    b"<p>Error code: 1010</p></body></html>"
)

Distortion = Callable[[Fault, Reply, str], Reply]
"""From the fault, the true reply and a trace id: the reply that is sent."""


def distorted(fault: Fault, true: Reply, trace: str) -> Reply:
    """The reply under this fault; the true one if the fault is not about what it says."""
    distortion = DISTORTIONS.get(fault.kind)
    return true if distortion is None else distortion(fault, true, trace)


def _html(fault: Fault, _true: Reply, _trace: str) -> Reply:
    page = fault.body or CHALLENGE
    return Reply(fault.status or 403, raw=page, content_type="text/html; charset=UTF-8")


def _status(fault: Fault, _true: Reply, trace: str) -> Reply:
    status = fault.status or 502
    if fault.code is not None:
        return envelope(fault.code, fault.message or _row(fault.code).message, status, trace)
    return Reply(status, raw=fault.body or b"", content_type="text/plain")


def _code(fault: Fault, _true: Reply, trace: str) -> Reply:
    code = fault.code or OK
    row = _row(code)
    return envelope(code, fault.message or row.message, fault.status or row.status, trace)


def _row(code: int) -> CodeRow:
    """The documented row of a code; a code nobody has documented is plausible all the same."""
    return EARN_CODES.get(code) or GATEWAY_CODES.get(code) or CodeRow("Unknown error", 400)


def _system_error(_fault: Fault, _true: Reply, trace: str) -> Reply:
    row = EARN_CODES[80016]
    return envelope(80016, row.message, row.status, trace)


def _data_false(_fault: Fault, _true: Reply, trace: str) -> Reply:
    return Reply(200, {"message": "OK", "code": OK, "trace": trace, "data": False})


def _data_value(fault: Fault, _true: Reply, trace: str) -> Reply:
    document: dict[str, object] = {"message": "OK", "code": OK, "trace": trace}
    if fault.value is not REMOVED:
        document["data"] = fault.value
    return Reply(200, document)


def _garbage(fault: Fault, true: Reply, _trace: str) -> Reply:
    return replace(true, raw=fault.body or b'\x00\xff{"code":1000,"data":tru')


def _gzip_bomb(fault: Fault, true: Reply, trace: str) -> Reply:
    start = b'{"message":"OK","code":1000,"trace":"' + trace.encode()
    inflated = start + b" " * fault.size + b'","data":true}'
    packed = gzip.compress(inflated, compresslevel=9, mtime=0)
    return replace(true, raw=packed, headers=(*true.headers, ("Content-Encoding", "gzip")))


def _duplicate_keys(_fault: Fault, true: Reply, _trace: str) -> Reply:
    lies = {"code": 80002, "message": "Insufficient balance", "data": False}
    pairs = []
    for key, value in (true.document or {}).items():
        pairs.append((key, lies.get(key, "")))
        pairs.append((key, value))
    text = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)
    return replace(true, raw=b"{" + text.encode() + b"}")


def _nan(_fault: Fault, true: Reply, _trace: str) -> Reply:
    data = (true.document or {}).get("data")
    if isinstance(data, dict) and "total" in data:
        return true.with_data(data | {"total": math.nan})
    return true.with_data(math.nan)


def _redirect(fault: Fault, _true: Reply, _trace: str) -> Reply:
    headers = (("Location", fault.location),)
    return Reply(fault.status or 302, raw=b"", headers=headers, content_type="text/html")


def _bad_total(fault: Fault, true: Reply, _trace: str) -> Reply:
    if true.listing is None:
        return true
    return true.with_data(true.listing.data() | {"total": len(true.listing.rows) + fault.by})


def _shift_pages(_fault: Fault, true: Reply, _trace: str) -> Reply:
    if true.listing is None or not true.listing.rows:
        return true
    newcomer: Row = dict(true.listing.rows[0])
    for name in ("recordId", "earnId", "productId"):
        if name in newcomer:
            newcomer[name] = f"9{newcomer[name]}"
            break
    return true.with_data(replace(true.listing, rows=[newcomer, *true.listing.rows]).data())


def _repeat_id(_fault: Fault, true: Reply, _trace: str) -> Reply:
    if true.listing is None:
        return true
    rows = true.listing.data()["list"]
    if not isinstance(rows, list) or not rows:
        return true
    # The total stays true where it can, so that only the repeated id gives it away.
    repeated = [*rows[:-1], rows[0]] if len(rows) > 1 else [rows[0], rows[0]]
    total = max(len(true.listing.rows), len(repeated))
    return true.with_data({"total": total, "list": repeated})


def _empty_list(_fault: Fault, true: Reply, _trace: str) -> Reply:
    data = (true.document or {}).get("data")
    if true.listing is not None:
        return true.with_data(Listing([], true.listing.page, true.listing.size).data())
    if isinstance(data, dict):
        return true.with_data({name: [] for name in data})
    return true.with_data([])


def _malformed_field(fault: Fault, true: Reply, _trace: str) -> Reply:
    document: Any = json.loads(true.body)
    *way, last = fault.path.split(".")
    place = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    name: Any = int(last) if isinstance(place, list) else last
    if fault.value is REMOVED:
        del place[name]
    else:
        place[name] = fault.value
    return replace(true, document=document)


DISTORTIONS: dict[str, Distortion] = {
    "html": _html,
    "status": _status,
    "code": _code,
    "system_error_before": _system_error,
    "system_error_after": _system_error,
    "data_false_before": _data_false,
    "data_false_after": _data_false,
    "data_value": _data_value,
    "garbage": _garbage,
    "gzip_bomb": _gzip_bomb,
    "duplicate_keys": _duplicate_keys,
    "nan": _nan,
    "redirect": _redirect,
    "bad_total": _bad_total,
    "shift_pages": _shift_pages,
    "repeat_id": _repeat_id,
    "empty_list": _empty_list,
    "malformed_field": _malformed_field,
}
