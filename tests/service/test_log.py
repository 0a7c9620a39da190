"""The log: one form for all of it, no secret in it, and no line that somebody else wrote."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from earnd.config.load import load
from earnd.log import configure
from earnd.printable import printable
from earnd.wiring import log_for
from tests.support.practice import KEYS, flexible, practice

SECRETS = ("s3cret-word-key-1234", "s3cret-word", "memo of mine")
EVIL = "USDT\n2026-05-01T00:00:00Z [info     ] all.is_well\x1b[2J\x9b31m\u2028\u202e\r"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The log belongs to the process; each test leaves it as it found it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    """The error with the traceback of having been raised."""
    try:
        raise error from cause  # noqa: TRY301 - to be raised is what it is here for
    except Exception as caught:  # noqa: BLE001 - it is the one that was raised
        return caught


def told(form: str, event: str, /, **fields: object) -> str:
    """What one event looks like."""
    out = io.StringIO()
    configure(level="debug", form=form, secrets=SECRETS, stream=out).warning(event, **fields)
    return out.getvalue()


def parsed(event: str, **fields: object) -> dict[str, Any]:
    """One event as JSON."""
    found: dict[str, Any] = json.loads(told("json", event, **fields))
    return found


def test_where_there_is_no_terminal_each_line_is_json_with_time_level_and_event_first() -> None:
    text = told("auto", "cycle.finished", cycle=3, idle={"USDT": "100"}, open=0, failure=None)

    assert text.count("\n") == 1
    found = json.loads(text)
    assert list(found)[:3] == ["timestamp", "level", "event"]
    assert found | {"timestamp": ""} == {
        "timestamp": "",
        "level": "warning",
        "event": "cycle.finished",
        "cycle": 3,
        "idle": {"USDT": "100"},
        "open": 0,
        "failure": None,
    }
    assert found["timestamp"].endswith("Z")


def test_text_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = told("text", "cycle.finished", cycle=3)

    assert "cycle.finished" in text
    assert "cycle=3" in text
    assert "\x1b" not in text, "colours are for terminals"


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_text_in_colour_unless_that_is_unwanted(
    monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        configure(level="info", form="auto", stream=terminal).info("cycle.finished", cycle=3)
        text = os.read(ours, 4096).decode()
    os.close(ours)

    assert "cycle.finished" in text
    assert "{" not in text
    assert ("\x1b[" in text) == (not no_color)


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_hidden_wherever_they_stand(form: str) -> None:
    """H32, E2, E3."""
    text = told(
        form,
        f"went to {SECRETS[0]}",
        plain=SECRETS[0],
        nested={"deep": [{"er": (SECRETS[1], {SECRETS[2]: SECRETS[2]})}]},
        in_a_set={SECRETS[0]},
        an_error=ValueError(f"bad key {SECRETS[0]!r}"),
        raw=SECRETS[0].encode(),
        a_path=Path("/var", SECRETS[1]),
    )

    for secret in SECRETS:
        assert secret not in text
    assert "-key-1234" not in text, "the longer secret is hidden whole"
    assert "***" in text


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_hidden_in_tracebacks_too(form: str) -> None:
    """E3, E4."""
    out = io.StringIO()
    log = configure(level="info", form=form, secrets=SECRETS, stream=out)
    hidden = SECRETS[0]
    inner, outer = KeyError(hidden), RuntimeError(f"signing with {hidden} failed")
    log.error("cycle.crashed", error=repr(outer), exc_info=raised(outer, inner))

    assert hidden not in out.getvalue()
    assert "RuntimeError: signing with *** failed" in out.getvalue()
    assert "KeyError: '***'" in out.getvalue()
    assert "Traceback" in out.getvalue()


@pytest.mark.parametrize("form", ["json", "text"])
def test_foreign_text_stays_on_its_line_and_acts_on_no_terminal(form: str) -> None:
    """E8."""
    text = told(form, "coin.seen", coin=EVIL, idle={EVIL: EVIL}, coins=[EVIL])

    assert text.count("\n") == 1
    shown = json.dumps(json.loads(text), ensure_ascii=False) if form == "json" else text[:-1]
    for acting in ("\x1b", "\x9b", "\u2028", "\u202e", "\r"):
        assert acting not in shown
    assert "\\x1b[2J" in shown


def test_foreign_text_in_a_traceback_cannot_begin_a_line_of_the_log() -> None:
    """E8."""
    out = io.StringIO()
    log = configure(level="info", form="text", stream=out)
    log.error("cycle.crashed", exc_info=raised(ValueError(EVIL)))

    first, *rest = out.getvalue().splitlines()
    assert "cycle.crashed" in first
    assert all(line.startswith("    ") for line in rest if line)
    assert "\x1b" not in out.getvalue()


@given(st.text())
def test_printable_text_is_one_line_that_any_terminal_may_have(text: str) -> None:
    shown = printable(text)

    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"} for letter in shown)
    assert printable(shown) == shown
    shown.encode()


def test_several_lines_of_an_error_stay_readable_in_json() -> None:
    assert parsed("cycle.finished", failure="refused\n  do this")["failure"] == "refused\n  do this"


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_libraries_say_comes_out_in_the_same_form(form: str) -> None:
    """O11."""
    out = io.StringIO()
    configure(level="info", form=form, secrets=SECRETS, stream=out)
    theirs = logging.getLogger("apscheduler.scheduler")
    theirs.warning("Execution of job %s skipped\n%s", "cycle", SECRETS[0])
    theirs.info("not this")
    theirs.error("went wrong", exc_info=raised(ValueError(SECRETS[0])))

    text = out.getvalue()
    assert SECRETS[0] not in text
    assert "not this" not in text
    if form == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line["level"] for line in lines] == ["warning", "error"]
        assert lines[0]["event"] == "Execution of job cycle skipped\n***"
        assert "ValueError: ***" in lines[1]["exception"]
    else:
        assert "Execution of job cycle skipped\\x0a***" in text


def test_warnings_of_python_come_out_in_the_same_form() -> None:
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure(level="info", form="json", stream=out)
        warnings.warn("old fashioned", DeprecationWarning, stacklevel=1)

    (line,) = out.getvalue().splitlines()
    assert "old fashioned" in json.loads(line)["event"]


def test_only_what_is_at_least_of_the_level_is_said_by_libraries_too() -> None:
    out = io.StringIO()
    log = configure(level="error", form="json", stream=out)
    log.warning("not.this")
    logging.getLogger("apscheduler").warning("nor this")
    log.error("but.this")

    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["but.this"]


class Broken(io.StringIO):
    """A stream whose reader has gone away."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_log_that_nobody_can_write_fails_nothing(form: str) -> None:
    """R5."""
    configure(level="info", form=form, stream=Broken()).error("cycle.crashed")
    logging.getLogger("apscheduler").error("too")


def test_a_level_asked_for_by_a_command_never_says_more_than_was_configured(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with practice(tmp_path, flexible("1001")) as account:
        account.more = "log: {level: error, format: json}"
        log = log_for(load(account.config), None, level="warning")
        log.warning("not.this")
        log.error("but.this")

    assert [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()] == [
        "but.this"
    ]


def test_a_cycle_at_level_debug_tells_no_secret(tmp_path: Path) -> None:
    """X36, E3."""
    with practice(tmp_path, flexible("1001")) as account:
        account.cycle()
        text = account.log.getvalue()

    assert "cycle.finished" in text
    assert not any(value in text for value in KEYS.values())


def test_a_memo_as_short_as_a_word_does_not_ruin_the_log() -> None:
    out = io.StringIO()
    configure(level="debug", form="json", secrets=["e", "live"], stream=out).info(
        "cycle.finished", mode="live"
    )

    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["mode"]) == ("cycle.finished", "info", "live")
