"""The whole configuration file; with `sections`, every key: kind, default, meaning, rules.

A key is added in one of the two, in `example.yaml` and nowhere else; the schema, the effective
configuration and the messages follow from these modules. A key that nothing reads is not added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from earnd.config.coin import CoinSection
from earnd.config.kinds import COIN, COIN_MODE, choice
from earnd.config.section import Clash, Section
from earnd.config.sections import (
    AccountSection,
    BackupSection,
    ExchangeSection,
    LedgerSection,
    LimitsSection,
    LogSection,
    ScheduleSection,
    SecretsSection,
    SettlingSection,
)
from earnd.config.values import show_duration
from earnd.domain.ids import Coin
from earnd.domain.strategy import Mode, Strategy

EVERY_COIN = "*"
"""The entry for all coins that have none of their own."""


class RunMode(StrEnum):
    """Whether anything is sent."""

    DRY_RUN = "dry-run"
    """Looks and decides; has nothing to send with."""
    LIVE = "live"


PAPER = "this version has no paper mode yet; dry-run looks and decides without sending"


CoinEntries = Annotated[
    Mapping[Annotated[str, COIN], CoinSection],
    BeforeValidator(lambda data: {} if data is None else data),
    AfterValidator(MappingProxyType),
]


class StrategySection(Section):
    """What to do with which coin."""

    mode: Annotated[Mode, COIN_MODE] = Field(
        default=Mode.ON,
        description="For all coins together; of this and a coin's own mode the stricter counts.",
    )
    coins: CoinEntries = Field(
        default_factory=lambda: MappingProxyType({}),
        description='Coins by symbol, and "*" for all others. A listed coin inherits nothing '
        'from "*"; a coin that is not listed is not managed unless there is a "*".',
    )


class Config(Section):
    """The whole file. All of it may be left out: then earnd only looks, and manages no coin."""

    mode: Annotated[RunMode, choice(RunMode, paper=PAPER)] = Field(
        default=RunMode.DRY_RUN,
        description="dry-run: look and decide, send nothing; live: move money.",
    )
    account: AccountSection = Field(
        default=AccountSection(), description="The account at the exchange."
    )
    exchange: ExchangeSection = Field(
        default=ExchangeSection(), description="Where the exchange is and how long to wait."
    )
    secrets: SecretsSection = Field(
        default=SecretsSection(), description="Where the key is found; never the key itself."
    )
    ledger: LedgerSection = Field(
        default=LedgerSection(), description="The file that everything is recorded in."
    )
    schedule: ScheduleSection = Field(
        default=ScheduleSection(), description="When cycles run: every or cron, not both."
    )
    backup: BackupSection = Field(
        default=BackupSection(), description="Copies of the ledger: how often, where, how many."
    )
    settling: SettlingSection = Field(
        default=SettlingSection(), description="How unclear answers are followed up."
    )
    limits: LimitsSection = Field(
        default=LimitsSection(), description="When nothing is sent, whatever the strategy wants."
    )
    log: LogSection = Field(default=LogSection(), description="Lines for operators.")
    strategy: StrategySection = Field(
        default_factory=StrategySection, description="What to do with which coin."
    )

    def clashes(self) -> Iterator[Clash]:
        """No need can begin to be due and be past between two cycles."""
        every = self.schedule.every
        for symbol, entry in self.strategy.coins.items():
            if every is not None and entry.needs and timedelta(0) < entry.need_lead < every:
                text = f"{show_duration(entry.need_lead)} is less than schedule.every, "
                text += f"{show_duration(every)}: a need could be over between two cycles"
                at = ("strategy", "coins", symbol, "need_lead")
                yield Clash(("strategy", "schedule"), text, at)

    def strategy_value(self) -> Strategy:
        """The strategy as the domain reads it."""
        entries = self.strategy.coins
        default = entries.get(EVERY_COIN)
        return Strategy(
            coins=MappingProxyType(
                {
                    Coin(symbol): entry.strategy()
                    for symbol, entry in entries.items()
                    if symbol != EVERY_COIN
                }
            ),
            default=default.strategy() if default else None,
            mode=self.strategy.mode,
        )
