"""The log: readable on a terminal, JSON otherwise, and never a secret in it.

It is for operators; the ledger is the record, and nothing exists only in a log.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, MutableMapping
from numbers import Real
from typing import TextIO, cast

import structlog

from earnd.ports import Log

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if code != 10}


class _Redactor:
    """Replaces secret values wherever they stand, and control characters that forge lines."""

    def __init__(self, secrets: Collection[str]) -> None:
        # Longest first, so that a secret that contains another leaves nothing of itself.
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def __call__(
        self, _logger: object, _method: str, event_dict: MutableMapping[str, object]
    ) -> MutableMapping[str, object]:
        return {key: self._clean(value) for key, value in event_dict.items()}

    def _clean(self, value: object) -> object:
        match value:
            case Real() | None:
                return value
            case dict():
                return {str(key): self._clean(item) for key, item in value.items()}
            case list() | tuple():
                return [self._clean(item) for item in value]
            case _:
                text = str(value)
                for secret in self._secrets:
                    text = text.replace(secret, "***")
                return text.translate(_CONTROL)


def configure(
    *,
    level: str,
    form: str,
    secrets: Collection[str] = (),
    stream: TextIO | None = None,
) -> Log:
    """Sets the log up and answers it; `form` is `auto`, `text` or `json`.

    Libraries that use the standard library's logging (APScheduler, Alembic) come out the same way.
    """
    out = stream or sys.stderr
    is_text = form == "text" or (form == "auto" and out.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Redactor(secrets),
    ]
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=out.isatty())
        if is_text
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    return cast("Log", structlog.get_logger())
