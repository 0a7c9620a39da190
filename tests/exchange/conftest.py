from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.signing import Credentials
from earnd.exchange.transport import Limits
from tests.exchange.hostile import Behaviour, FakeClock, HostileServer, always, reply

ACCESS = "80618e45710812162b04892c7ee5ead4a3cc3e56"
SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"
MEMO = "test001"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], HostileServer]]:
    """Starts servers that end with the test."""
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(HostileServer(answer))


@pytest.fixture
def server(serve: Callable[[Behaviour], HostileServer]) -> HostileServer:
    return serve(always(reply("{}")))


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(ACCESS, SECRET, MEMO)


@pytest.fixture
def client(
    server: HostileServer, credentials: Credentials, clock: FakeClock
) -> Iterator[BitmartClient]:
    limits = Limits(connect_s=2, read_s=2, total_s=4)
    with BitmartClient(server.url, credentials, clock, jitter=lambda: 0.5, limits=limits) as client:
        yield client
