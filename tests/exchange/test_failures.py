from __future__ import annotations

import inspect
import ssl
from types import ModuleType

import pytest
import requests
import urllib3
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3.exceptions import MaxRetryError, ProtocolError

from earnd.exchange.connection import NO_RETRY
from earnd.exchange.failures import MEANING, describe


@pytest.mark.parametrize("module", [requests.exceptions, urllib3.exceptions])
def test_every_exception_of_the_libraries_has_a_meaning(module: ModuleType) -> None:
    classes = {
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Exception)
        and not issubclass(each, Warning)
        and each.__module__ == module.__name__
    }

    assert len(classes) > 15
    assert classes - set(MEANING) == set()


def test_the_innermost_exception_is_described() -> None:
    reset = ConnectionResetError(104, "Connection reset by peer")
    wrapped = RequestsConnectionError(ProtocolError("Connection aborted.", reset))

    assert describe(wrapped) == "the connection was reset (ECONNRESET)"


def test_a_chain_that_bites_its_tail_ends() -> None:
    error = MaxRetryError(None, "/", None)  # type: ignore[arg-type]
    error.reason = error

    assert describe(error) == "the connection failed"


def test_nothing_of_an_exceptions_text_is_passed_on() -> None:
    """H32, E4."""
    for kind in (
        ValueError,
        RuntimeError,
        OSError,
        ssl.SSLError,
        requests.exceptions.InvalidHeader,
    ):
        assert "canary" not in describe(kind("X-BM-KEY: canary"))


def test_the_library_is_told_never_to_repeat() -> None:
    """H9, U6."""
    assert NO_RETRY.total == NO_RETRY.connect == NO_RETRY.redirect == 0
    assert NO_RETRY.read is False
    for status in (301, 413, 429, 500, 502, 503):
        assert not NO_RETRY.is_retry("POST", status, has_retry_after=True)
