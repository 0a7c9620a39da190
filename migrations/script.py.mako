"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}
Date: ${create_date.date()}
"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What this step promises, in one sentence."""
    ${upgrades if upgrades else "raise NotImplementedError('the step is not written yet')"}


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
