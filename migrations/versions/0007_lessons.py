"""What each refusal taught, for whoever asks why something was left alone or tried with less.

Revision: 0007, after 0006
Date: 2026-11-24

Nothing is stored: earnd derives what a refusal forbids and teaches from the answer itself, whenever
it decides. The view says the same to an auditor. The spans are written down here a second time, and
a test holds them equal to those that earnd goes by. `hold_product`, `hold_coin` and `wait` are also
what older versions wrote for refusals that have words of their own now.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A word about sales makes no sense as the answer to a redeem, and an amount that would be nothing
# with one decimal less cannot be tried with fewer: both rest for an hour and teach nothing.
LESSON_LOG = """CREATE VIEW lesson_log AS
WITH heard AS (
  SELECT r.answered_at AS at, a.verb, a.coin, a.product_id, a.amount, r.code, a.action_id,
    CASE
      WHEN a.verb = 'redeem' AND r.consequence IN
        ('quota_gone', 'cap_reached', 'minimum_higher', 'not_on_sale', 'closed')
        THEN 'hold_product'
      WHEN r.consequence = 'too_precise' AND NOT
        (a.amount GLOB '*.*' AND substr(a.amount, 1, length(a.amount) - 1) GLOB '*[1-9]*')
        THEN 'hold_coin'
      ELSE r.consequence
    END AS consequence
  FROM attempt_answer r JOIN action a ON a.action_id = r.action_id
  WHERE r.outcome <> 'yes'
),
taught (consequence, kind, verb, span) AS (VALUES
  ('wait',             'coin_rests',       NULL,        '+15 minutes'),
  ('not_now',          'coin_rests',       NULL,        '+15 minutes'),
  ('too_precise',      'coin_rests',       NULL,        '+15 minutes'),
  ('too_precise',      'decimals',         NULL,        '+30 days'),
  ('hold_coin',        'coin_rests',       NULL,        '+1 hours'),
  ('quota_gone',       'product_rests',    NULL,        '+15 minutes'),
  ('quota_gone',       'most',             NULL,        '+1 hours'),
  ('quota_gone',       'tight',            NULL,        '+2 days'),
  ('cap_reached',      'product_rests',    NULL,        '+15 minutes'),
  ('cap_reached',      'most',             NULL,        '+24 hours'),
  ('cap_reached',      'tight',            NULL,        '+30 days'),
  ('minimum_higher',   'product_rests',    NULL,        '+1 hours'),
  ('minimum_higher',   'least',            NULL,        '+24 hours'),
  ('not_on_sale',      'product_rests',    NULL,        '+1 hours'),
  ('hold_product',     'product_rests',    NULL,        '+1 hours'),
  ('closed',           'product_rests',    NULL,        '+12 hours'),
  ('stop_subscribing', 'everything_rests', 'subscribe', '+12 hours'),
  ('stop_redeeming',   'everything_rests', 'redeem',    '+3 hours'),
  ('stop_all',         'everything_rests', 'subscribe', '+1 hours'),
  ('stop_all',         'everything_rests', 'redeem',    '+1 hours')
)
SELECT h.at, strftime('%Y-%m-%dT%H:%M:%fZ', h.at, t.span) AS until, t.kind,
  coalesce(t.verb, h.verb) AS verb, h.coin, h.product_id, h.amount, h.code, h.action_id
FROM heard h JOIN taught t ON t.consequence = h.consequence"""


def upgrade() -> None:
    """One view."""
    op.execute(LESSON_LOG)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
