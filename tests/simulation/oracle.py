"""What must hold while a cycle runs, judged at the wire and at the ports.

The numbers are those of the list of invariants in `docs/exactly-once.md`; here and in `verdicts`:

| invariant | where |
|---|---|
| I1 numbers are well formed and never used for two actions, across restores too | verdicts |
| I2 nothing arrives whose attempt is not durable in the ledger | here |
| I3 arrivals of a number = attempts that may have left; four at most | here, verdicts |
| I4 all sendings of a number carry the same bytes, those that the ledger has | here |
| I5 nothing is sent after yes, 80013, a clean refusal or an end | here |
| I6 one action at a time is not over | verdicts |
| I7 a number is carried out once at most | verdicts |
| I8 settled: carried out once; rejected or dropped: never, or `late` follows | verdicts |
| I9 every record is attributed once, to whom it belongs | verdicts |
| I10, I11 an action has one record, which says what it asked for | verdicts |
| I12, I14, I15 events are without gaps, legal, and the state is the last of them | verdicts |
| I13, I31 nothing that was written changes | verdicts |
| I16, I18 the books add up, holdings are true, no redeem exceeds what is held; at rest the
  wallet's flows are what people brought and took, to the last digit | both |
| I19 reserve and limits, over what was sent | here |
| I20 no transaction is open while a request is under way | here |
| I21 a second process is kept out | `seed` |
| I22 amounts are written in one way, and arrive as they are recorded | here |
| I25 the exchange never has to say that it is asked too often | here |
| I26 after the faults everything comes to rest | verdicts |
| I27 a cycle is bounded, in requests and in time | verdicts |
| I28 a second cycle at the same moment changes nothing | verdicts |
| I29 all this from any instant of death and any older copy | `seed` |
| I30 nothing is planned while earnd is paused | here |
| I32 a write-off rests on two complete looks ten minutes apart after the last sending | verdicts |
| I33 nothing is sent, and nothing is written off, while our clock is wrong | both |
| I35 what the ledger says of an answer is what came | here, verdicts |
| I36 a seed repeats itself | `test_simulation.py` |

I17 does not apply (records are not postings), and I23, I24 and I34 are tested elsewhere: secrets
in `tests/service` and `tests/cli`, paths and hosts in `tests/exchange`, copies in `tests/ledger`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from earnd.domain.plan import Move
from earnd.exchange.transport import NoAnswer, NotSent, RawReply, Reply
from earnd.sandbox import Fault, Received
from earnd.sandbox.clock import to_ms
from earnd.sandbox.gateway import Request
from tests.simulation.findings import Findings
from tests.simulation.lives import Returned
from tests.simulation.mirror import newest_record
from tests.simulation.mishaps import LIES

AMOUNT = re.compile(r"(0|[1-9]\d{0,19})(\.\d{0,17}[1-9])?", re.ASCII)
NUMBER = re.compile(r"[1-9]\d{19}", re.ASCII)
MOST_SENDINGS = 4
SKEW = timedelta(seconds=10)
LONGEST_REPLAY = timedelta(minutes=10)
SLACK = timedelta(seconds=90)
"""What a cycle's own looks may take, with the slowest replies that there are."""
SAYS_YES = frozenset({"yes"})
UNSURE = frozenset({"unclear"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """A sending that reached the exchange."""

    at: datetime
    verb: str
    amount: Decimal
    body: bytes


@dataclass(slots=True)
class Oracle:
    """Watches one account from its first request to the end."""

    found: Findings
    arrivals: dict[str, list[Arrived]] = field(default_factory=dict)
    """By number, over all ledgers that there were."""
    since_restore: dict[str, int] = field(default_factory=dict)
    """Arrivals by number since the ledger became what it is."""
    answers: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    """By number, what the ledger may make of each reply that came back."""
    in_transaction: Any = bool
    """Says whether the ledger has a transaction open."""
    lies: set[str] = field(default_factory=set)
    """Endpoints of which a look of this cycle was not true."""
    clock_is_off: bool = False
    """Whether our clock is wrong since before this cycle began."""
    time_is_faulty: bool = False
    """Whether the exchange's time was not told truly in this cycle."""
    offset: timedelta = timedelta(0)
    decided: Sequence[Move] = ()
    """What earnd decided last."""
    _seen_idle: Decimal | None = None
    _wallet_read_at: datetime | None = None
    """When the last reading of the wallet began."""
    _history_read_at: dict[str, datetime] = field(default_factory=dict)
    """When the last reading of each kind of record began."""
    _struck_before: int = 0
    _true_idle: Decimal = Decimal(0)

    # What goes over the wire.

    def mark(self) -> int:
        """How many faults have struck so far."""
        return len(self.found.account.face.faults.struck)

    def on_receive(self, request: Received) -> bool:
        """A money request arrives, and nothing has been made of it yet.

        Answers whether earnd sent it; false when the network only delivers it once more.
        """
        found, account = self.found, self.found.account
        number = request.request_no or ""
        body = json.loads(request.body)
        arrived = Arrived(request.at, request.endpoint, Decimal(body["amount"]), request.body)
        before = self.arrivals.setdefault(number, [])
        again = bool(before) and before[-1].at == arrived.at and self._is_delivered_twice()
        if before and before[0].body != request.body:
            found.wrong("I4", f"{number} is sent as {request.body!r}, before as {before[0].body!r}")
        before.append(arrived)
        if again:
            return False
        self.since_restore[number] = self.since_restore.get(number, 0) + 1
        self._form(number, str(body["amount"]))
        rows = account.sql(
            "SELECT a.action_id, n.state, a.verb, a.amount FROM action a"
            " JOIN action_now n USING (action_id) WHERE a.request_no = ?",
            number,
        )
        if not rows:
            found.wrong("I2", f"{number} arrived, and the ledger does not know it")
            return True
        action_id, state, verb, amount = rows[0]
        if (state, verb, amount) != ("sending", request.endpoint, str(body["amount"])):
            found.wrong("I2", f"{number} arrived as {body} while the ledger says {rows[0]}")
        self._attempts(action_id, number, request)
        self._limits(number, request.endpoint, arrived.amount)
        if request.endpoint == "redeem":
            self._redeem_of(str(body["earnId"]), arrived.amount)
        self._moment(number)
        return True

    def _form(self, number: str, amount: str) -> None:
        if not NUMBER.fullmatch(number):
            self.found.wrong("I1", f"{number!r} is no request number")
        if not AMOUNT.fullmatch(amount):
            self.found.wrong("I22", f"the amount {amount!r} is not written as amounts are")
        if self.in_transaction():
            self.found.wrong("I20", f"a transaction is open while {number} is under way")

    def _moment(self, number: str) -> None:
        if self.clock_is_off and not self.time_is_faulty and abs(self.offset) > SKEW:
            self.found.wrong("I33", f"{number} is sent with our clock wrong by {self.offset}")
        paused_at, read_at = self.found.account.paused_at, self._wallet_read_at
        if paused_at is not None and read_at is not None and paused_at < read_at:
            self.found.wrong("I30", f"{number} is sent, and earnd is paused since {paused_at}")

    def _is_delivered_twice(self) -> bool:
        struck = self.found.account.face.faults.struck
        return bool(struck) and struck[-1].kind == "deliver_twice"

    def _attempts(self, action_id: int, number: str, request: Received) -> None:
        found = self.found
        attempts = found.account.sql(
            "SELECT t.attempt, t.request, r.outcome FROM attempt t"
            " LEFT JOIN attempt_answer r USING (action_id, attempt)"
            " WHERE t.action_id = ? ORDER BY t.attempt",
            action_id,
        )
        *earlier, last = attempts or [(0, "", "missing")]
        if last[2] is not None:
            found.wrong("I2", f"{number} arrived, and no attempt of it is open: {attempts}")
        may_have_left = [outcome for _, _, outcome in earlier if outcome != "not_sent"]
        if self.since_restore[number] > len(may_have_left) + 1:
            found.wrong("I3", f"{number} arrived {self.since_restore[number]} times: {attempts}")
        if len(attempts) > MOST_SENDINGS:
            found.wrong("I3", f"{number} is sent {len(attempts)} times")
        if any(request.body.decode() not in told for _, told, _ in attempts):
            found.wrong("I4", f"{number} carries {request.body!r}, the ledger says {attempts}")
        clean_refusal = bool(may_have_left) and may_have_left[0] in {"refused", "not_executed"}
        if clean_refusal or {"yes", "seen"} & set(may_have_left):
            found.wrong("I5", f"{number} is sent again after {may_have_left}")
        if earlier:
            found.counts["re-sent"] += 1
            self._again(number)

    def _again(self, number: str) -> None:
        """A re-send needs a number that is fresh, and a look and a wallet that say nothing."""
        found, now = self.found, self.found.account.clock.now()
        found.read_books()
        first = self.arrivals[number][0].at
        if now - first > LONGEST_REPLAY + SLACK:
            found.wrong("I3", f"{number} is sent again, and its first sending was at {first}")
        for record in found.executed.get(number, []):
            read_at = self._history_read_at.get(record.kind, first)
            if record.visible_at < read_at and "record" not in self.lies:
                found.wrong("I5", f"{number} is sent again, and {record} was there to be seen")
            elif record.at < (self._wallet_read_at or first) and "wallet" not in self.lies:
                if any(found.twins_of_record(record)):
                    found.tolerated("re-sent while another's equal move hid the first", number)
                else:
                    found.wrong("I5", f"{number} is sent again, and the wallet shows {record}")

    def _limits(self, number: str, verb: str, amount: Decimal) -> None:
        found, strategy = self.found, self.found.account.strategy
        if verb == "subscribe":
            idle = self._seen_idle
            if idle is None or idle - amount < strategy.reserve:
                found.wrong("I19", f"{amount} is sent with {idle} idle, {strategy.reserve} to keep")
            if found.account.idle() - amount < strategy.reserve:
                found.counts["reserve crossed behind our back or by a lie"] += 1
        if strategy.per_action is not None and amount > strategy.per_action:
            found.wrong("I19", f"{amount} is sent, and {strategy.per_action} is the most")
        if strategy.per_day is not None:
            self._day(number, verb, amount, strategy.per_day)

    def _day(self, number: str, verb: str, amount: Decimal, most: Decimal) -> None:
        """All that arrived in a day and was not refused; what the ledger has forgotten is out."""
        now = self.found.account.clock.now()
        sent = amount
        for other, arrivals in self.arrivals.items():
            last = arrivals[-1]
            is_today = now - last.at < timedelta(hours=24) - timedelta(minutes=1)
            if other == number or last.verb != verb or not is_today:
                continue
            if other in self.found.forgotten or self._is_refused(other):
                continue
            sent += last.amount
        if sent > most:
            self.found.wrong("I19", f"{sent} to {verb} in a day with {number}, {most} is the most")

    def _is_refused(self, number: str) -> bool:
        replies = self.answers.get(number, [])
        return bool(replies) and all(each & {"refused", "not_executed"} for each in replies)

    def _redeem_of(self, earn_id: str, amount: Decimal) -> None:
        found = self.found
        positions = found.account.books._state.positions.values()
        position = next((each for each in positions if each.earn_id == earn_id), None)
        if position is None:
            found.wrong("I18", f"redeem from {earn_id}, which there is not")
        elif amount > position.amount:
            unseen = self._unseen_redeems(position.product_id)
            if amount > position.amount + unseen:
                found.wrong(
                    "I18",
                    f"redeem of {amount} of {position.amount} (and {unseen} unseen) held in "
                    f"{position.product_id}",
                )

    def _unseen_redeems(self, product_id: str) -> Decimal:
        known = {row[0] for row in self.found.account.sql("SELECT record_id FROM record_seen")}
        return sum(
            (
                record.amount
                for record in self.found.account.books._state.records
                if record.product_id == product_id
                and record.kind == "redeem"
                and record.record_id not in known
            ),
            Decimal(0),
        )

    def on_applied(self, request: Request) -> None:
        """The exchange has dealt with a request this very moment."""
        if request.path.endswith("/wallet"):
            self._true_idle = self.found.account.idle()

    def on_reply(self, request: Request, reply: Reply) -> None:
        """A reply is about to be read."""
        struck = self._struck_by_this()
        status = None if isinstance(reply, NotSent) else reply.status
        if status in {418, 429} and struck is None:
            self.found.wrong("I25", f"the exchange says {status} to {request.path} by itself")
        if request.method == "POST":
            number = str(json.loads(request.body)["requestNo"])
            self.answers.setdefault(number, []).append(may_mean(reply))

    def _struck_by_this(self) -> Fault | None:
        struck = self.found.account.face.faults.struck
        new = struck[self._struck_before :]
        self._struck_before = len(struck)
        return new[-1] if new else None

    # What the ports return.

    def watch(self, returned: Returned) -> None:
        """What the adapter says is the truth, unless a fault made the exchange lie."""
        found = self.found
        match returned.name:
            case "reader.balances":
                balance = returned.result.get("USDT")
                self._seen_idle = Decimal(0) if balance is None else balance.available
                self._wallet_read_at = returned.began_at
                if self._seen_idle != self._true_idle:
                    told = f"idle {self._seen_idle} for {self._true_idle}"
                    self._lie(told, returned.began_with, "wallet")
            case "reader.records":
                self._records(returned)
            case "reader.clock_skew_ms":
                self._skew(returned)
            case "ledger.record_decisions":
                self.decided = returned.args[2]
            case "ledger.plan_action":
                found.known_at_plan[returned.result.request_no] = newest_record(found.account)
            case "writer.send":
                found.counts["sent"] += 1
                found.counts[f"answer {returned.result.outcome.value}"] += 1
            case _:
                pass

    def _skew(self, returned: Returned) -> None:
        off = timedelta(milliseconds=returned.result) + self.offset
        # Half of the round trip is what nobody can know.
        if abs(off) > timedelta(seconds=5):
            self.time_is_faulty = True
            if not self._faults_since(returned.began_with, "time"):
                self.found.wrong("I33", f"the skew is said to be {returned.result} ms")

    def _records(self, returned: Returned) -> None:
        kind, since = str(returned.args[0]), returned.kwargs["since"]
        self._history_read_at[kind] = returned.began_at
        found = {row.record_id for row in returned.result}
        now = self.found.account.clock.now()
        # What became visible while the pages were read may be there or not.
        latest = now - timedelta(minutes=1)
        sure, all_of_it = set(), set()
        for row in self.found.account.books._state.records:
            if row.kind != kind or row.visible_at > now:
                continue
            if since is not None and to_ms(row.at) < to_ms(since):
                continue
            all_of_it.add(row.record_id)
            if row.visible_at <= latest:
                sure.add(row.record_id)
        if sure <= found <= all_of_it:
            self.found.honest_reads[kind] = latest
        else:
            wrong = sorted((sure - found) | (found - all_of_it))
            self._lie(f"{kind} records {wrong[:5]}", returned.began_with, "record")

    def _lie(self, what: str, began_with: int, endpoint: str) -> None:
        self.lies.add(endpoint)
        if self._faults_since(began_with, endpoint):
            self.found.counts[f"lie about {endpoint} believed"] += 1
        else:
            self.found.wrong("I31", f"the adapter says {what}, and nobody lied to it")

    def _faults_since(self, began_with: int, endpoint: str) -> bool:
        struck = self.found.account.face.faults.struck[began_with:]
        return any(fault.endpoint == endpoint and fault.kind in LIES for fault in struck)


def may_mean(reply: Reply) -> frozenset[str]:
    """The outcomes that a reply to a money request allows, by the exchange's documents alone."""
    if isinstance(reply, NotSent):
        return frozenset({"not_sent"})
    if isinstance(reply, NoAnswer):
        return UNSURE
    return _may_mean_whole(reply)


def _may_mean_whole(reply: RawReply) -> frozenset[str]:
    try:
        fields = json.loads(reply.body, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        return UNSURE
    code = fields.get("code") if isinstance(fields, dict) else None
    data = fields.get("data") if isinstance(fields, dict) else None
    if not isinstance(code, int):
        return UNSURE
    if code == 1000:
        return SAYS_YES if reply.status == 200 and data is True else UNSURE
    if code == 80013 and reply.status == 400:
        return frozenset({"seen"})
    if 80000 <= code <= 80022 and code != 80016 and reply.status == 400:
        return frozenset({"refused"})
    if 30000 <= code <= 30031 and reply.status < 500:
        return frozenset({"not_executed", "refused", "unclear"})
    return UNSURE


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
