"""What can go wrong, named for what happens next.

    EarndError
    ├── ConfigError            edit the file, or the secrets             exit 2
    ├── LedgerError            the ledger cannot be trusted or opened    exit 3
    │   ├── LedgerTooOld       run `earnd migrate`
    │   ├── LedgerTooNew       install a newer earnd
    │   ├── LedgerMismatch     it belongs to another mode or account
    │   ├── LedgerUnwritable   read-only, I/O error: nothing is sent
    │   │   └── LedgerHeldUp   disk full, or another program writes: a later write may work
    │   └── IllegalTransition  a bug; nothing was written
    ├── LedgerBusy             another earnd holds it                    exit 5
    ├── NoCopy                 no copy; the ledger is as it was         exit 1
    ├── ExchangeUnavailable    this cycle is over, the next may work     exit 1
    │   └── ExchangeClosed     it says itself that the next will not     exit 1
    ├── SurprisingReply        the API changed shape; nothing is moved   exit 1
    ├── AskedToStop            nothing new is begun                      exit 0
    └── ExchangeRefusedUs      key, permission, address, clock           exit 4

A write to the exchange raises none of these for what the exchange did: it returns an `Answer`
(`earnd.domain.answer`), because an exception could skip the record of it.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The contract of design section 12; systemd does not restart after 2, 3 and 4."""

    FINE = 0
    FINDING = 1
    USAGE = 2
    LEDGER = 3
    REFUSED = 4
    BUSY = 5


class EarndError(Exception):
    """Something a person can act on.

    `what` happened, `where`, and `todo`: each one sentence or less, none of it secret.
    """

    exit_code = ExitCode.FINDING

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  {self.todo}" if self.todo else text


class ConfigError(EarndError):
    """The configuration or the secrets are wrong; `problems` lists all of it, one line each."""

    exit_code = ExitCode.USAGE

    def __init__(
        self, what: str, *, where: str = "", todo: str = "", problems: tuple[str, ...] = ()
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.problems = problems

    def __str__(self) -> str:
        return (
            "\n".join((*self.problems, super().__str__())) if self.problems else super().__str__()
        )


class LedgerError(EarndError):
    """The ledger cannot be trusted or opened."""

    exit_code = ExitCode.LEDGER


class LedgerTooOld(LedgerError):
    """The file's schema is older than this program's."""


class LedgerTooNew(LedgerError):
    """The file's schema is newer than this program's."""


class LedgerMismatch(LedgerError):
    """The file belongs to another mode or another account."""


class LedgerUnwritable(LedgerError):
    """A commit failed: what is not durable is not sent."""


class LedgerHeldUp(LedgerUnwritable):
    """A commit failed for a reason that may pass by itself; the file is as it was before."""


class IllegalTransition(LedgerError):
    """An action was asked to take a step that the table of transitions does not have."""


class NoCopy(EarndError):
    """A copy of the ledger was not made; the ledger is as it was, and no half copy was left."""


class LedgerBusy(EarndError):
    """Another earnd holds the ledger's lock."""

    exit_code = ExitCode.BUSY


class ExchangeUnavailable(EarndError):
    """The exchange could not be asked, or did not answer in time; the next cycle may work."""


class ExchangeClosed(ExchangeUnavailable):
    """The exchange says that it is closed, or closed to us, for longer than a few cycles."""


class SurprisingReply(EarndError):
    """A reply was not what the API page says; earnd looks on but moves nothing."""


class AskedToStop(EarndError):
    """Somebody asked earnd to stop; what was in flight is looked after, nothing new is begun."""

    exit_code = ExitCode.FINE


class ExchangeRefusedUs(EarndError):
    """The exchange refuses our key, signature, permission, address or clock."""

    exit_code = ExitCode.REFUSED
