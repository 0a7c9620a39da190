"""The log: readable on a terminal, JSON otherwise, and never a secret in it.

It is for operators; the ledger is the record, and nothing exists only in a log. So nothing fails
because the log cannot be written.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Collection, Mapping, MutableMapping
from contextlib import suppress
from numbers import Real
from typing import TextIO, cast

import structlog

from earnd.ports import Log
from earnd.printable import printable

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

_FIRST = ("timestamp", "level", "event")
SHORTEST_REDACTED = 8
"""A memo is chosen by a person and may be `a`: to cut it out of every word would ruin the log and
tell what was cut. A secret this short is kept out by never being put in, as all of them are."""

_MANY_LINES = ("exception", "stack")


class _Redactor:
    """Replaces secret values wherever they stand, and characters that act on a terminal.

    In text, where a line break would begin a line that could pass for one of ours, values are kept
    on one line and tracebacks are indented.
    """

    def __init__(self, secrets: Collection[str], *, is_text: bool) -> None:
        self._is_text = is_text
        # Longest first, so that a secret that contains another leaves nothing of itself.
        long = (secret for secret in secrets if len(secret) >= SHORTEST_REDACTED)
        self._secrets = sorted(long, key=len, reverse=True)

    def __call__(
        self, _logger: object, _method: str, event_dict: MutableMapping[str, object]
    ) -> MutableMapping[str, object]:
        clean: dict[str, object] = {key: None for key in _FIRST if key in event_dict}
        for key, value in event_dict.items():
            if self._is_text and key in _MANY_LINES:
                lines = str(value).split("\n")
                clean[key] = "\n".join(f"    {self._clean(line)}" for line in lines)
            else:
                clean[key] = self._clean(value)
        return clean

    def _clean(self, value: object) -> object:
        match value:
            case Real() | None:
                return value
            case Mapping():
                return {self._text(key): self._clean(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._clean(item) for item in value]
            case _:
                return self._text(value)

    def _text(self, value: object) -> str:
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return printable(text) if self._is_text else "\n".join(map(printable, text.split("\n")))


class _Patient:
    """A stream whose reader may go away, whose terminal may close, whose disk may be full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes what can be written."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hands it on."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure(
    *,
    level: str,
    form: str,
    secrets: Collection[str] = (),
    stream: TextIO | None = None,
) -> Log:
    """Sets the log up and answers it; `form` is `auto`, `text` or `json`.

    Libraries that use the standard library's logging (APScheduler, Alembic) and Python's own
    warnings come out the same way, from `warning` upwards.
    """
    out = stream or sys.stderr
    patient = cast("TextIO", _Patient(out))
    is_text = form == "text" or (form == "auto" and out.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Plain, on purpose: prettier ones show the values of variables, and those may be secret.
        structlog.processors.format_exc_info,
        structlog.processors.StackInfoRenderer(),
        _Redactor(secrets, is_text=is_text),
    ]
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(
            colors=out.isatty() and not os.environ.get("NO_COLOR"),
            sort_keys=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
        if is_text
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(patient),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(patient)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, LEVELS[level]))
    logging.captureWarnings(capture=True)
    return cast("Log", structlog.get_logger())
