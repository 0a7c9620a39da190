"""What `earnd explain` reads of a ledger: all that a decision, an action or a cycle rests on.

Like `earnd.ledger.queries`: rows as they stand in SQL, money as the text that it is. What was seen
is asked for as of a cycle, so that an old decision is shown beside what was known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from earnd.ledger.queries import Row, Source, decided_in

LATELY = 1000
"""How many cycles back a coin that nothing else tells of is still known."""


@dataclass(frozen=True, slots=True)
class CoinFacts:
    """One coin in the newest cycle that decided about it, or the last one before a moment.

    `cycle` and `run` are `None` where none ever decided about it. `later` are the cycles since
    then, by outcome, and `doubted` is of the week before it. What was seen is as of that cycle if
    a moment was asked for, else as of now. `tiers` are by the id of their row of `products`.
    """

    cycle: Row | None
    run: Row | None
    later: list[Row]
    decisions: list[Row]
    actions: list[Row]
    balance: Row | None
    holdings: list[Row]
    products: list[Row]
    tiers: Mapping[int, list[Row]]
    doubted: list[Row]
    lessons: list[Row]
    open_actions: list[Row]


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """One action with its life, its requests, its record and what people said of it."""

    action: Row
    events: list[Row]
    attempts: list[Row]
    records: list[Row]
    notes: list[Row]
    looks: int


@dataclass(frozen=True, slots=True)
class CycleFacts:
    """One cycle with everything that was decided and begun in it."""

    cycle: Row
    decisions: list[Row]
    actions: list[Row]


def newest_cycle(source: Source, at: str | None = None) -> int | None:
    """The newest cycle, or the last that had begun by a moment of the ledger's form."""
    with source.reading() as connection:
        return _number(
            connection,
            "SELECT cycle_id FROM cycle WHERE :at IS NULL OR began_at <= :at"
            " ORDER BY cycle_id DESC LIMIT 1",
            {"at": at},
        )


def first_moment(source: Source) -> str | None:
    """When the first cycle began."""
    with source.reading() as connection:
        rows = _rows(connection, "SELECT began_at FROM cycle ORDER BY cycle_id LIMIT 1")
    return str(rows[0]["began_at"]) if rows else None


def coins(source: Source) -> list[str]:
    """Every coin that the ledger has ever seen or decided about lately."""
    with source.reading() as connection:
        found = connection.execute(
            text(
                "SELECT coin FROM balance_now UNION SELECT coin FROM product_now"
                " UNION SELECT coin FROM holding_now UNION SELECT coin FROM action"
                " UNION SELECT coin FROM decision WHERE cycle_id >"
                " (SELECT max(cycle_id) FROM decision) - :lately ORDER BY coin"
            ),
            {"lately": LATELY},
        )
        return [str(name) for name in found.scalars()]


def coin_facts(source: Source, coin: str, upto: int | None) -> CoinFacts:
    """All about one coin, as of a cycle or now."""
    with source.reading() as connection:
        newest = _number(connection, "SELECT max(cycle_id) FROM cycle") or 0
        last = newest if upto is None else upto
        found = _number(connection, _DECIDED, {"upto": last, "coin": coin})
        seen_upto = last if upto is None else (found or last)
        asked: dict[str, str | int | None] = {
            "coin": coin,
            "cycle": found,
            "upto": seen_upto,
            "moment": None if upto is None else _end(connection, seen_upto),
        }
        products = _rows(connection, _PRODUCTS, asked)
        return CoinFacts(
            cycle=_one(connection, "SELECT * FROM cycle_log WHERE cycle_id = :cycle", asked),
            run=_one(connection, _RUN, asked),
            later=_rows(connection, _LATER, {**asked, "last": last}) if found else [],
            decisions=[row for row in decided_in(connection, found) if row["coin"] == coin],
            actions=_rows(
                connection,
                "SELECT * FROM action_now WHERE cycle_id = :cycle AND coin = :coin",
                asked,
            ),
            balance=_one(connection, _BALANCE, asked),
            holdings=_rows(connection, _HOLDINGS, asked),
            products=products,
            tiers={
                number: _rows(connection, _TIERS, {"seen": number})
                for row in products
                if isinstance(number := row["product_seen_id"], int)
            },
            doubted=_rows(connection, _DOUBTED, asked),
            lessons=_rows(connection, _LESSONS, asked),
            open_actions=_rows(connection, _OPEN, asked),
        )


def action_facts(source: Source, action_id: int) -> ActionFacts | None:
    """All about one action, or `None`."""
    asked: dict[str, str | int | None] = {"id": action_id}
    with source.reading() as connection:
        action = _one(connection, "SELECT * FROM action_now WHERE action_id = :id", asked)
        if action is None:
            return None
        return ActionFacts(
            action=action,
            events=_rows(
                connection,
                "SELECT seq, from_state, to_state, at, actor, evidence, attempt"
                " FROM action_event WHERE action_id = :id ORDER BY seq",
                asked,
            ),
            attempts=_rows(connection, _ATTEMPTS, asked),
            records=_rows(connection, "SELECT * FROM movement WHERE action_id = :id", asked),
            notes=_rows(
                connection,
                "SELECT at, who, text FROM operator_note WHERE action_id = :id"
                " ORDER BY operator_note_id",
                asked,
            ),
            looks=_number(
                connection, "SELECT count(*) FROM action_look WHERE action_id = :id", asked
            )
            or 0,
        )


def cycle_facts(source: Source, cycle_id: int) -> CycleFacts | None:
    """All about one cycle, or `None`."""
    asked: dict[str, str | int | None] = {"id": cycle_id, "cycle": cycle_id}
    with source.reading() as connection:
        cycle = _one(connection, "SELECT * FROM cycle_log WHERE cycle_id = :id", asked)
        if cycle is None:
            return None
        return CycleFacts(
            cycle=cycle,
            decisions=sorted(decided_in(connection, cycle_id), key=lambda row: str(row["coin"])),
            actions=_rows(connection, "SELECT * FROM action_now WHERE cycle_id = :id", asked),
        )


def action_numbered(source: Source, request_no: str) -> int | None:
    """The action with this request number, or `None`."""
    with source.reading() as connection:
        return _number(
            connection,
            "SELECT action_id FROM action WHERE request_no = :number",
            {"number": request_no},
        )


def newest_action(source: Source) -> int | None:
    """The newest action's number; `None` where there is none."""
    with source.reading() as connection:
        return _number(connection, "SELECT max(action_id) FROM action")


# The last cycle with rows about the coin, or the last that repeated it before another had any.
_DECIDED = """WITH written(cycle_id) AS (
  SELECT cycle_id FROM decision WHERE cycle_id <= :upto AND coin = :coin
  ORDER BY cycle_id DESC LIMIT 1
)
SELECT coalesce((
  SELECT g.cycle_id FROM decision_again g
  WHERE g.cycle_id <= :upto AND g.same_as = w.cycle_id AND g.cycle_id < coalesce(
    (SELECT min(d.cycle_id) FROM decision d WHERE d.cycle_id > w.cycle_id),
    9223372036854775807)
  ORDER BY g.cycle_id DESC LIMIT 1), w.cycle_id)
FROM written w"""

_RUN = """SELECT r.run_id, r.version, r.config_digest FROM cycle c JOIN run r ON r.run_id = c.run_id
WHERE c.cycle_id = :cycle"""

_LATER = """SELECT coalesce(outcome, 'not over') AS outcome, count(*) AS cycles
FROM cycle_log WHERE cycle_id > :cycle AND cycle_id <= :last GROUP BY 1 ORDER BY 1"""

_BALANCE = """SELECT available, frozen, seen_at FROM balance_seen
WHERE coin = :coin AND cycle_id <= :upto ORDER BY balance_seen_id DESC LIMIT 1"""

_HOLDINGS = """SELECT h.product_id, h.earn_id, h.amount, h.verified, h.why, h.at
FROM (SELECT product_id FROM holding_checked WHERE coin = :coin) k
JOIN holding_seen h ON h.holding_seen_id = (SELECT s.holding_seen_id FROM holding_seen s
  WHERE s.product_id = k.product_id AND s.cycle_id <= :upto
  ORDER BY s.holding_seen_id DESC LIMIT 1)
WHERE h.amount <> '0' OR NOT h.verified ORDER BY h.product_id"""

_PRODUCTS = """SELECT p.* FROM (SELECT product_id FROM product_now WHERE coin = :coin) k
JOIN product_seen p ON p.product_seen_id = (SELECT s.product_seen_id FROM product_seen s
  WHERE s.product_id = k.product_id AND s.cycle_id <= :upto
  ORDER BY s.product_seen_id DESC LIMIT 1)
ORDER BY p.product_id"""

_TIERS = "SELECT lower, upper, rate FROM tier_seen WHERE product_seen_id = :seen ORDER BY n"

_DOUBTED = """SELECT max(cycle_id) AS cycle_id, at, product_id, reason, detail FROM decision_log
WHERE cycle_id <= :cycle AND cycle_id > coalesce((SELECT c.cycle_id FROM cycle c
  WHERE c.cycle_id <= :cycle AND c.began_at < strftime('%Y-%m-%dT%H:%M:%fZ',
    (SELECT n.began_at FROM cycle n WHERE n.cycle_id = :cycle), '-7 days')
  ORDER BY c.cycle_id DESC LIMIT 1), 0)
AND coin = :coin AND reason IN ('quarantined', 'list_shrunk')
GROUP BY product_id, reason ORDER BY cycle_id DESC"""

_LESSONS = """SELECT * FROM lesson_log
WHERE (coin = :coin OR kind = 'everything_rests')
AND at <= coalesce(:moment, '9999') AND until > coalesce(:moment,
  (SELECT at FROM look ORDER BY look_id DESC LIMIT 1), '')
ORDER BY until"""

_OPEN = """SELECT a.action_id, a.request_no, a.verb, a.product_id, a.amount, e.to_state AS state,
  e.at AS since
FROM action a JOIN action_event e ON e.action_id = a.action_id AND e.seq = (
  SELECT max(m.seq) FROM action_event m
  WHERE m.action_id = a.action_id AND m.at <= coalesce(:moment, '9999'))
WHERE a.coin = :coin AND e.to_state NOT IN ('settled', 'rejected', 'dropped', 'late')
ORDER BY a.action_id"""

_ATTEMPTS = """SELECT t.attempt, t.sent_at, r.answered_at, r.latency_ms, r.outcome, r.http_status,
  r.code, r.message, r.trace, r.consequence, r.detail
FROM attempt t LEFT JOIN attempt_answer r ON r.action_id = t.action_id AND r.attempt = t.attempt
WHERE t.action_id = :id ORDER BY t.attempt"""


def _end(connection: Connection, cycle_id: int) -> str | None:
    """When a cycle ended; the last look of it where it did not."""
    found = _one(
        connection,
        "SELECT coalesce(ended_at, (SELECT max(k.at) FROM look k WHERE k.cycle_id = :id), began_at)"
        " AS at FROM cycle_log WHERE cycle_id = :id",
        {"id": cycle_id},
    )
    return None if found is None else str(found["at"])


def _rows(
    connection: Connection, statement: str, values: Mapping[str, str | int | None] | None = None
) -> list[Row]:
    return [dict(row) for row in connection.execute(text(statement), values or {}).mappings()]


def _one(
    connection: Connection, statement: str, values: Mapping[str, str | int | None]
) -> Row | None:
    rows = _rows(connection, statement, values)
    return rows[0] if rows else None


def _number(
    connection: Connection, statement: str, values: Mapping[str, str | int | None] | None = None
) -> int | None:
    found = connection.execute(text(statement), values or {}).scalar_one_or_none()
    return None if found is None else int(found)
