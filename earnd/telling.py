"""One line in the log for every state that an action enters."""

from __future__ import annotations

from earnd.domain.action import RecordedAction, State
from earnd.ports import Log

_ALARMS = frozenset({State.NEEDS_OPERATOR, State.LATE})
_AS_IT_SHOULD_BE = frozenset({State.PLANNED, State.SENDING, State.ACCEPTED, State.SETTLED})


def tell(log: Log, action: RecordedAction, to: State, why: str, *, code: int | None = None) -> None:
    """Says that an action entered a state, and why: an error where somebody should act on it."""
    write = log.info if to in _AS_IT_SHOULD_BE else log.warning
    if to in _ALARMS:
        write = log.error
    write(
        f"action.{to.value}",
        action=action.action_id,
        request_no=action.request_no,
        verb=action.verb.value,
        coin=action.coin,
        product_id=action.product_id,
        amount=f"{action.amount:f}",
        why=why,
        code=code,
    )
