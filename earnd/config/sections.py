"""The sections of the configuration file that are about how earnd works, not about which coin.

A key that nothing reads is not added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from earnd.config.kinds import ADDRESS, COPIES, CRON, LABEL, PATH, choice, duration
from earnd.config.section import Clash, Section
from earnd.config.values import show_duration


class Wallet(StrEnum):
    """The wallet that idle money lies in."""

    SPOT = "spot"
    ACCOUNT = "account"


class TotalPerCoin(StrEnum):
    """Whether the exchange's own sum per coin is a witness."""

    USE = "use"
    IGNORE = "ignore"


class LogLevel(StrEnum):
    """The least important line that is written."""

    INFO = "info"
    DEBUG = "debug"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a line of the log looks."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class AccountSection(Section):
    """The account at the exchange."""

    label: Annotated[str, LABEL] = Field(
        default="default",
        description="A name for the account, kept in the ledger: a ledger serves one account.",
    )


class ExchangeSection(Section):
    """Where the exchange is and how long it is waited for."""

    base_url: Annotated[str, ADDRESS] = Field(
        default="https://api-cloud.bitmart.com",
        description="Where the API is: https, or plain http on this machine (a sandbox).",
    )
    wallet: Annotated[Wallet, choice(Wallet)] = Field(
        default=Wallet.SPOT, description="The wallet that idle money lies in: spot or account."
    )
    connect_timeout: Annotated[timedelta, duration("1s", "60s")] = Field(
        default=timedelta(seconds=5), description="The longest wait for a connection."
    )
    read_timeout: Annotated[timedelta, duration("1s", "60s")] = Field(
        default=timedelta(seconds=10), description="The longest silence while a reply arrives."
    )
    total_timeout: Annotated[timedelta, duration("1s", "60s")] = Field(
        default=timedelta(seconds=20),
        description="The longest that one request may take in all, at most 60s.",
    )
    ca_file: Annotated[Path | None, PATH] = Field(
        default=None,
        description="A file of certificate authorities to trust instead of the usual ones.",
    )
    total_per_coin: Annotated[TotalPerCoin, choice(TotalPerCoin)] = Field(
        default=TotalPerCoin.USE,
        description="Whether to check holdings against the exchange's own sum per coin.",
    )
    history_window: Annotated[timedelta | None, duration("1h", "365d").or_auto()] = Field(
        default=None,
        description="How much of the history is asked for at once; auto asks for all of it, and "
        "for less where the exchange refuses.",
    )

    def clashes(self) -> Iterator[Clash]:
        """The parts of a wait fit into the whole."""
        total = show_duration(self.total_timeout)
        for key in ("connect_timeout", "read_timeout"):
            part = getattr(self, key)
            if part > self.total_timeout:
                text = f"{show_duration(part)} is longer than total_timeout, {total}"
                yield Clash((key, "total_timeout"), text)


class SecretsSection(Section):
    """Where the key is found; never the key itself."""

    directory: Annotated[Path | None, PATH] = Field(
        default=None,
        description="A directory, yours alone (chmod 700), with files access_key, secret_key and "
        "memo. Not needed with systemd credentials or EARND_* variables.",
    )


class LedgerSection(Section):
    """The file that everything is recorded in."""

    path: Annotated[Path | None, PATH] = Field(
        default=None,
        description="The ledger. Default: earnd-<mode>.db in $STATE_DIRECTORY, else beside this "
        "file.",
    )


class ScheduleSection(Section):
    """When cycles run: by interval or by crontab, not both."""

    every: Annotated[timedelta | None, duration("10s", "24h").or_nothing()] = Field(
        default=timedelta(minutes=15), description="The time between cycles; null with cron."
    )
    cron: Annotated[str | None, CRON] = Field(
        default=None,
        description="Five fields in UTC instead of every, like '5 4 * * *'; weekdays by name.",
    )
    jitter: Annotated[timedelta, duration("0s", "24h")] = Field(
        default=timedelta(0),
        description="Each cycle starts up to this much later, at random; less than every.",
    )

    @model_validator(mode="before")
    @classmethod
    def _cron_replaces_every(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("cron") is not None:
            return {"every": None, **data}
        return data

    def clashes(self) -> Iterator[Clash]:
        """There is one rhythm, and the jitter is less than its gaps."""
        if self.every is None and self.cron is None:
            yield Clash(("every", "cron"), "either every or cron is needed")
        if self.every is not None and self.cron is not None:
            yield Clash(("cron", "every"), "every is given too; keep one of them")
        # A crontab's gaps differ; an hour is what the usual ones bear.
        gap = self.every or timedelta(hours=1)
        if self.jitter >= gap:
            than = "every" if self.every else "1h, the most with cron"
            text = f"{show_duration(self.jitter)} is not less than {than}"
            yield Clash(("jitter", "every", "cron"), text)


class BackupSection(Section):
    """Copies of the ledger."""

    every: Annotated[timedelta | None, duration("1h", "90d").or_nothing()] = Field(
        default=timedelta(days=1),
        description="How old the newest copy may be before the service makes another; null: never.",
    )
    folder: Annotated[Path | None, PATH] = Field(
        default=None,
        description="Where the copies are kept. Default: a folder backups beside the ledger.",
    )
    keep: Annotated[int, COPIES] = Field(
        default=14, description="So many of the newest copies are kept; older ones are deleted."
    )


class SettlingSection(Section):
    """How an action without a clear answer is followed up."""

    patience: Annotated[timedelta, duration("5m", "24h")] = Field(
        default=timedelta(minutes=30),
        description="How long to look for the effect of a request before a person is asked.",
    )
    replay_window: Annotated[timedelta, duration("0s", "10m")] = Field(
        default=timedelta(minutes=2),
        description="How long after its first sending a lost request may be sent again, under its "
        "own number; 0s for never.",
    )
    clock_doubt: Annotated[timedelta, duration("1s", "10m")] = Field(
        default=timedelta(seconds=60),
        description="How far the exchange's times may be off when matching its records.",
    )


class LimitsSection(Section):
    """When nothing is sent, whatever the strategy wants."""

    max_clock_skew: Annotated[timedelta, duration("1s", "60s")] = Field(
        default=timedelta(seconds=10),
        description="Nothing is sent while our clock and the exchange's differ by more.",
    )
    max_data_age: Annotated[timedelta, duration("5s", "1h")] = Field(
        default=timedelta(minutes=2),
        description="Nothing is sent on what was seen longer ago than this.",
    )
    pause_file: Annotated[Path | None, PATH] = Field(
        default=None, description="While this file exists, nothing is sent; looking goes on."
    )


class LogSection(Section):
    """What is written to standard output for operators; the record is the ledger."""

    level: Annotated[LogLevel, choice(LogLevel, warn="write warning")] = Field(
        default=LogLevel.INFO, description="The least important line that is written."
    )
    format: Annotated[LogFormat, choice(LogFormat)] = Field(
        default=LogFormat.AUTO,
        description="text for people, json for programs, auto: text on a terminal, else json.",
    )
