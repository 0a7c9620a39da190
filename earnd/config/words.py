"""Readers of the texts that have a grammar of their own: address, crontab, coin, label."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final

from apscheduler.triggers.cron import CronTrigger

from earnd.config.values import refusal

_ADDRESS: Final = re.compile(
    r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)
_SOME_MONDAY: Final = datetime(2024, 1, 1, tzinfo=UTC)


def read_base_url(value: object) -> str:
    """The address without a slash at its end: https, or plain http on this machine only.

    What is wrong with a userinfo or query is told without repeating it: people put keys there.
    """
    if not isinstance(value, str):
        raise refusal("an address is wanted, like https://host", value)
    if "@" in value or "?" in value or "#" in value:
        raise ValueError(
            "an address of scheme, host and port is wanted: no user, query or fragment"
        )
    match = _ADDRESS.fullmatch(value)
    if not match:
        if re.match(r"[a-z]+://[^/]+/.", value, re.IGNORECASE):
            raise refusal("an address without a path is wanted", value)
        raise refusal("an address is wanted, like https://host or https://host:8443", value)
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    if port is not None and not 0 < int(port) < 65_536:
        raise ValueError(f"a port from 1 to 65535 is wanted; got {port}")
    if scheme not in {"http", "https"} or (scheme == "http" and not _is_this_machine(host)):
        raise refusal(
            "https is wanted; plain http only on this machine (127.0.0.1, ::1, localhost), for it "
            "would send the key in the clear",
            value,
        )
    return f"{scheme}://{host}" if port is None else f"{scheme}://{host}:{int(port)}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    # Not is_loopback for version 6: newer Pythons extend it to addresses mapped from version 4.
    return address.is_loopback if address.version == 4 else address == ip_address("::1")


def read_cron(value: object) -> str:
    """Five fields of a crontab in UTC that come round at some time."""
    wanted = "five fields are wanted, like '5 4 * * *' (minute, hour, day, month, weekday)"
    if not isinstance(value, str):
        raise refusal(wanted, value)
    fields = value.split()
    if len(fields) != 5 or not value.isascii():
        raise refusal(wanted, value)
    if re.search(r"[0-9]", re.sub(r"/[0-9]+", "", fields[4])):
        # cron counts weekdays from Sunday, APScheduler from Monday: a day apart, silently.
        raise refusal(
            "write weekdays by name (mon, tue, ... sun): programs number them differently", value
        )
    expression = " ".join(fields)
    try:
        trigger = CronTrigger.from_crontab(expression, timezone=UTC)
    except ValueError as error:
        raise refusal(f"not a crontab ({error})", value) from None
    if trigger.get_next_fire_time(None, _SOME_MONDAY) is None:
        raise refusal("no such day ever comes", value)
    return expression


def read_coin(value: object) -> str:
    """A coin's symbol as the exchange writes it, or `*` for all coins without their own entry."""
    if value == "*":
        return "*"
    if isinstance(value, str) and re.fullmatch(r"[A-Z0-9._-]{1,20}", value):
        return value
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,20}", value):
        raise ValueError(f"coins are written in upper case; did you mean '{value.upper()}'?")
    raise ValueError('a coin\'s symbol is wanted, like USDT, or "*" for all others')


def read_label(value: object) -> str:
    """A short name that is safe in file names, logs and SQL."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,40}", value):
        return value
    raise refusal("up to 40 letters, digits, '.', '_' or '-' are wanted", value)
