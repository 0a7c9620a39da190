from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.matrix import Theatre, theatre


@pytest.fixture(scope="session")
def house() -> Iterator[Theatre]:
    """One theatre for all cases of this test process."""
    with theatre() as made:
        yield made
