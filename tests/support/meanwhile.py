"""What happens in the world between two looks of one cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from earnd.parts import Parts


class _Reader:
    """A reader after whose first look at the wallet something happens."""

    def __init__(self, inner: Any, happens: Callable[[], object]) -> None:
        self._inner, self._happens = inner, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def balances(self) -> Any:
        """The wallet as it was; afterwards it may be another."""
        seen = self._inner.balances()
        happens, self._happens = self._happens, lambda: None
        happens()
        return seen


def after_the_first_look(happens: Callable[[], object]) -> Callable[[Parts], Parts]:
    """A change for `Practice.cycle`: something happens once the cycle has looked at the wallet."""

    def change(parts: Parts) -> Parts:
        reader: Any = _Reader(parts.reader, happens)
        return replace(parts, reader=reader)

    return change
