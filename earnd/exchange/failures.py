"""What each exception of the HTTP libraries means, in one table.

The table gives words, never a verdict: whether a request may have left is known from the
connection (`earnd.exchange.deadline.Call`), because one class covers both cases.
No text of an exception is passed on: some quote header values, and ours are secrets.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Mapping
from types import MappingProxyType

from requests import exceptions as asked
from urllib3 import exceptions as below

_OURS = "earnd asked in a way that the HTTP library does not allow"
_BROKEN = "the reply broke off or broke the rules of HTTP"
_NOT_CONNECTED = "no connection was made"
_NAME = "the host's name could not be resolved"
_TLS = "the encrypted connection failed"
_PROXY = "a proxy failed, though none is used"
_REPEAT = "the library tried to repeat the request, though it must not"
_ENCODED = "the reply's encoding could not be undone"
_SLOW = "the exchange took too long"
_POOL = "no connection could be taken from the pool"
_UNKNOWN = "the connection failed in an unforeseen way"

MEANING: Mapping[type[BaseException], str] = MappingProxyType(
    {
        # requests
        asked.RequestException: _UNKNOWN,
        asked.ConnectionError: "the connection failed",
        asked.ConnectTimeout: "connecting took too long",
        asked.ReadTimeout: _SLOW,
        asked.Timeout: _SLOW,
        asked.SSLError: _TLS,
        asked.ProxyError: _PROXY,
        asked.InvalidProxyURL: _PROXY,
        asked.HTTPError: _UNKNOWN,
        asked.TooManyRedirects: _REPEAT,
        asked.RetryError: _REPEAT,
        asked.UnrewindableBodyError: _REPEAT,
        asked.ChunkedEncodingError: _BROKEN,
        asked.ContentDecodingError: _ENCODED,
        asked.StreamConsumedError: _BROKEN,
        asked.InvalidJSONError: _BROKEN,
        asked.JSONDecodeError: _BROKEN,
        asked.URLRequired: _OURS,
        asked.MissingSchema: _OURS,
        asked.InvalidSchema: _OURS,
        asked.InvalidURL: _OURS,
        asked.InvalidHeader: _OURS,
        # urllib3
        below.HTTPError: _UNKNOWN,
        below.PoolError: _POOL,
        below.EmptyPoolError: _POOL,
        below.FullPoolError: _POOL,
        below.ClosedPoolError: _POOL,
        below.RequestError: _UNKNOWN,
        below.MaxRetryError: "the connection failed",
        below.NewConnectionError: _NOT_CONNECTED,
        below.NameResolutionError: _NAME,
        below.ConnectTimeoutError: "connecting took too long",
        below.ReadTimeoutError: _SLOW,
        below.TimeoutError: _SLOW,
        below.TimeoutStateError: _OURS,
        below.SSLError: _TLS,
        below.ProxyError: _PROXY,
        below.ProxySchemeUnknown: _PROXY,
        below.ProxySchemeUnsupported: _PROXY,
        below.ProtocolError: _BROKEN,
        below.IncompleteRead: "the reply is shorter than announced",
        below.InvalidChunkLength: _BROKEN,
        below.InvalidHeader: _BROKEN,
        below.HeaderParsingError: _BROKEN,
        below.ResponseError: _REPEAT,
        below.ResponseNotChunked: _BROKEN,
        below.BodyNotHttplibCompatible: _BROKEN,
        below.DecodeError: _ENCODED,
        below.HostChangedError: _REPEAT,
        below.UnrewindableBodyError: _REPEAT,
        below.LocationValueError: _OURS,
        below.LocationParseError: _OURS,
        below.URLSchemeUnknown: _OURS,
        # the standard library
        http.client.HTTPException: _BROKEN,
        http.client.IncompleteRead: "the reply is shorter than announced",
        http.client.RemoteDisconnected: "the exchange hung up without a reply",
        ssl.SSLError: _TLS,
        ssl.SSLCertVerificationError: "the exchange's certificate could not be verified",
        socket.gaierror: _NAME,
        TimeoutError: _SLOW,
        ConnectionRefusedError: "the connection was refused",
        ConnectionResetError: "the connection was reset",
        BrokenPipeError: "the connection was closed while the request was being sent",
        OSError: "the connection failed",
        Exception: _UNKNOWN,
    }
)


def describe(error: BaseException) -> str:
    """What went wrong, in words that hold nothing of the request; never raises."""
    root = _root(error)
    words = next(MEANING[kind] for kind in type(root).__mro__ if kind in MEANING)
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"{words} ({root.verify_message})"
    name = errno.errorcode.get(root.errno or 0) if isinstance(root, OSError) else None
    return f"{words} ({name})" if name and not isinstance(root, ssl.SSLError) else words


def _root(error: BaseException) -> BaseException:
    """The innermost of the exceptions that the libraries wrapped into one another."""
    # The libraries wrap three deep; the bound is there for a chain that bites its tail.
    for _ in range(10):
        inner = _wrapped(error)
        if inner is None:
            return error
        error = inner
    return error


def _wrapped(error: BaseException) -> BaseException | None:
    # urllib3 says where it failed more clearly than the system error it was made from.
    if isinstance(error, below.NameResolutionError):
        return None
    candidates = [getattr(error, "reason", None), *error.args[::-1]]
    if isinstance(error, below.NewConnectionError):
        candidates.append(error.__cause__)
    return next((each for each in candidates if isinstance(each, BaseException)), None)
