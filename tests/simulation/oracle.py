"""What must hold after every cycle, judged by what the exchange really did.

The practice exchange's books know what no API tells: who caused each record, and by which number.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from earnd.sandbox import Kind, Received, Record
from earnd.sandbox.clock import to_ms
from tests.simulation.lives import Returned
from tests.simulation.worlds import World
from tests.support.practice import Practice

OPEN = frozenset({"planned", "sending", "unknown", "accepted", "needs_operator"})
WRITTEN_OFF = frozenset({"rejected", "dropped"})
PROVEN = frozenset({"settled", "late"})


@dataclass(frozen=True, slots=True)
class Told:
    """An action as the ledger tells it."""

    action_id: int
    number: str
    verb: str
    product_id: str
    amount: Decimal
    state: str
    attempts: int
    planned_at: str


@dataclass(slots=True)
class Oracle:
    """Watches one account from its first request to the end."""

    account: Practice
    world: World
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why a person was asked, with what was really the case."""
    lied: bool = False
    """Whether a look of this cycle was not true."""
    clock_is_off: bool = False
    """Whether our clock is set wrong in this cycle."""
    honest_reads: dict[str, datetime] = field(default_factory=dict)
    """When each kind of record was last read truly and completely."""
    _seen_idle: Decimal | None = None
    _judged: set[tuple[int, int]] = field(default_factory=set)
    _reported: set[str] = field(default_factory=set)

    # What is looked at while a cycle runs.

    def mark(self) -> int:
        """How many faults have struck so far."""
        return len(self.account.server.faults.struck)

    def on_receive(self, request: Received) -> None:
        """The attempt is in the ledger before the exchange has the request, and is allowed."""
        body = json.loads(request.body)
        rows = [
            row[1:]
            for row in self.account.sql(
                "SELECT n.request_no, n.state, n.verb, n.amount, t.attempt, t.outcome"
                " FROM action_now AS n JOIN attempt_log AS t USING (action_id)"
            )
            if row[0] == request.request_no
        ]
        if [(row[0], row[4]) for row in rows] != [("sending", None)]:
            self._wrong(f"{request.request_no} arrived while the ledger says {rows}")
            return
        amount = Decimal(body["amount"])
        if rows[0][1] != request.endpoint or Decimal(rows[0][2]) != amount:
            self._wrong(f"the ledger says {rows}, what arrived is {body}")
        if request.endpoint == "subscribe":
            if self._seen_idle is None or self._seen_idle - amount < self.world.reserve:
                self._wrong(f"{amount} is sent with {self._seen_idle} idle")
            if self.account.idle() - amount < self.world.reserve:
                self.counts["reserve crossed behind our back or by a lie"] += 1
        else:
            self._redeem_of(str(body["earnId"]), amount)

    def _redeem_of(self, earn_id: str, amount: Decimal) -> None:
        position = next(
            (each for each in self.account.books.positions() if each.earn_id == earn_id), None
        )
        if position is None:
            self._wrong(f"redeem from {earn_id}, which there is not")
        elif amount > position.amount:
            self.counts["redeem of more than is held by now"] += 1
            unseen = self._unseen_redeems(position.product_id)
            if amount > position.amount + unseen:
                self._wrong(
                    f"redeem of {amount} of {position.amount} (and {unseen} unseen) held in "
                    f"{position.product_id}"
                )

    def _unseen_redeems(self, product_id: str) -> Decimal:
        known = {row[0] for row in self.account.sql("SELECT record_id FROM record_now")}
        return sum(
            (
                record.amount
                for record in self.account.books.records()
                if record.product_id == product_id
                and record.kind == "redeem"
                and record.record_id not in known
            ),
            Decimal(0),
        )

    def watch(self, returned: Returned) -> None:
        """What the adapter says is the truth, unless a fault made the exchange lie."""
        struck = self.account.server.faults.struck[returned.began_with :]
        if returned.name == "reader.balances":
            balance = returned.result.get("USDT")
            self._seen_idle = Decimal(0) if balance is None else balance.available
            if self._seen_idle != self.account.idle():
                self._lie(f"idle {self._seen_idle} for {self.account.idle()}", struck, "wallet")
        elif returned.name == "reader.records":
            kind, since = str(returned.args[0]), returned.kwargs["since"]
            self._records(kind, since, {row.record_id for row in returned.result}, struck)
        elif returned.name == "writer.send":
            self.counts["sent"] += 1
            self.counts[f"answer {returned.result.outcome.value}"] += 1

    def _records(
        self, kind: str, since: datetime | None, found: set[str], struck: list[Any]
    ) -> None:
        now = self.account.clock.now()
        true = {
            row.record_id
            for row in self.account.books.records()
            if row.kind == kind
            and row.visible_at <= now
            and (since is None or to_ms(row.at) >= to_ms(since))
        }
        if found == true:
            self.honest_reads[kind] = now
        else:
            self._lie(f"{kind} records {sorted(found ^ true)[:5]}", struck, "record")

    def _lie(self, what: str, struck: list[Any], endpoint: str) -> None:
        self.lied = True
        if any(fault.endpoint == endpoint for fault in struck):
            self.counts[f"lie about {endpoint} believed"] += 1
        else:
            self._wrong(f"the adapter says {what}, and nothing was wrong on the way")

    # What is looked at between cycles.

    def check(self) -> None:
        """The ledger and the books, side by side."""
        actions = self._actions()
        self._requests(actions)
        self._executions(actions)
        self._attributions(actions)
        self._write_offs(actions)
        self._doubts(actions)
        if not self.account.books.sums("USDT").balanced:
            self._wrong("the exchange's books do not add up")
        is_open = [told for told in actions.values() if told.state in OPEN]
        if len(is_open) > 1:
            self._wrong(f"{len(is_open)} open actions in one coin")
        failed = self.account.sql("SELECT cycle_id, failure FROM cycle_log WHERE outcome='failed'")
        if failed:
            self._wrong(f"unforeseen: {failed}")

    def check_rest(self) -> None:
        """After hours without faults and people, nothing is under way and nothing is unsaid."""
        actions = self._actions()
        asked = [told for told in actions.values() if told.state == "needs_operator"]
        lately = (self.account.clock.now() - timedelta(hours=2)).isoformat()
        for told in actions.values():
            if told.state in OPEN - {"needs_operator"} and told.planned_at < lately:
                self._wrong(f"at rest, but {told}")
        self.counts["needs_operator at rest"] += len(asked)
        found = dict(self.account.findings())
        found.pop("audit_late_action", None)
        if asked:
            found.pop("audit_stale_unknown", None)
        own = found.pop("audit_unexplained_movement", [])
        for row in own:
            near = [a for a in asked if a.verb == row["kind"] and a.product_id == row["product_id"]]
            if not near and row["kind"] != "interest":
                self._wrong(f"at rest, unexplained: {row}")
            elif not near:
                self._wrong(f"at rest, interest unexplained: {row}")
        if self._is_guessing_where_interest_goes() and found.pop("audit_holding_drift", None):
            self.counts["frozen at rest: interest goes into the product and nothing says so"] += 1
        for name, rows in found.items():
            self._wrong(f"at rest, {name}: {rows[:2]}")
        self._holdings()
        for reason, more in self.account.sql(
            "SELECT reason, detail FROM decision_log WHERE verdict = 'hold'"
            " AND cycle_id = (SELECT max(cycle_id) FROM decision_log)"
        ):
            why = json.loads(more or "{}").get("why", "") if reason == "holding_unverified" else ""
            self.counts[f"held at rest: {reason} {_plainly(why)}"] += 1

    def _is_guessing_where_interest_goes(self) -> bool:
        settings = self.world.settings
        is_set = "interest_paid" in self.world.strategy
        return (
            settings.interest_paid == "product" and settings.total_shape == "absent" and not is_set
        )

    def _holdings(self) -> None:
        last = self.account.sql("SELECT moves FROM cycle_log ORDER BY cycle_id DESC LIMIT 1")
        if last != [(0,)]:
            # What was subscribed after the last look is not in the holdings yet.
            return
        into_product = self.world.settings.interest_paid == "product"
        has_total = self.world.settings.total_shape != "absent"
        for product_id, amount, verified in self.account.sql(
            "SELECT product_id, amount, verified FROM holding_checked"
        ):
            truth, said = self.account.books.held(product_id), Decimal(amount)
            exact = has_total or not into_product
            if verified and (said != truth if exact else said > truth):
                self._wrong(f"at rest, {said} is verified in {product_id}, which holds {truth}")

    def _actions(self) -> dict[str, Told]:
        rows = self.account.sql(
            "SELECT action_id, request_no, verb, product_id, amount, state, attempts, planned_at"
            " FROM action_now ORDER BY action_id"
        )
        told = [
            Told(action_id, number, verb, product_id, Decimal(amount), state, attempts, planned_at)
            for action_id, number, verb, product_id, amount, state, attempts, planned_at in rows
        ]
        return {each.number: each for each in told}

    def _requests(self, actions: dict[str, Told]) -> None:
        """Each attempt went out once, if it did, and nothing else went out."""
        arrived = Counter(request.request_no for request in self.account.server.received)
        bodies: dict[str | None, set[bytes]] = defaultdict(set)
        for request in self.account.server.received:
            bodies[request.request_no].add(request.body)
        doubled = {
            number: count
            for number, count in arrived.items()
            if count > 1 or number not in actions or len(bodies[number]) > 1
        }
        twice = sum(f.kind == "deliver_twice" for f in self.account.server.faults.struck)
        surplus = sum(count - 1 for count in doubled.values())
        if surplus > twice or any(number not in actions for number in doubled):
            self._wrong(f"arrived more often than sent: {doubled}")
        for number, attempt, outcome in self.account.sql(
            "SELECT request_no, attempt, outcome FROM attempt_log"
        ):
            expected = {None: (0, 1, 2), "not_sent": (0,)}.get(outcome, (1, 2))
            if arrived[number] not in expected or attempt != 1:
                self._wrong(f"attempt {attempt} of {number}, {outcome}: arrived {arrived[number]}")
        for told in actions.values():
            if told.attempts == 0 and arrived[told.number]:
                self._wrong(f"{told} has no attempt, but arrived")

    def _executed(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.account.books.records():
            if record.by == "api" and record.request_no is not None:
                found[record.request_no].append(record)
        return found

    def _executions(self, actions: dict[str, Told]) -> None:
        for number, records in self._executed().items():
            told = actions.get(number)
            if told is None or len(records) > 1:
                self._wrong(f"{told} was carried out as {records}")
                continue
            record = records[0]
            is_it = (record.kind, record.product_id, record.amount) == (
                told.verb,
                told.product_id,
                told.amount,
            )
            if not is_it:
                self._wrong(f"{told} was carried out as {record}")

    def _attributions(self, actions: dict[str, Told]) -> None:
        """A proven action has its own record and no other; a record has its own owner."""
        truth = {record.record_id: record for record in self.account.books.records()}
        by_id = {told.action_id: told for told in actions.values()}
        owned: dict[int, list[str]] = defaultdict(list)
        for record_id, owner, action_id in self.account.sql(
            "SELECT record_id, attributed_to, action_id FROM movement"
        ):
            record = truth.get(record_id)
            if record is None:
                self._wrong(f"record {record_id} is in the ledger only")
                continue
            if action_id is not None:
                owned[action_id].append(record_id)
                self._owned(by_id[action_id], record)
            elif owner == "person" and record.by == "api":
                told = actions[record.request_no or ""]
                self._confused(f"{told}: its record {record_id} is a person's", told)
            elif owner == "interest" and record.kind != "interest":
                self._wrong(f"{record} is interest")
            elif owner == "auto_subscribe" and record.subscribe_type != "AUTO":
                self._wrong(f"{record} is auto-subscribe's")
        for told in actions.values():
            if (told.state in PROVEN) != (len(owned[told.action_id]) == 1):
                self._wrong(f"{told} has records {owned[told.action_id]}")

    def _owned(self, told: Told, record: Record) -> None:
        if record.by != "api" or record.request_no != told.number:
            self._confused(f"{told} has the record of another: {record}", told)

    def _confused(self, what: str, told: Told) -> None:
        """A wrong owner: a violation, unless nobody could have told the two apart."""
        number_shown = self.world.settings.records_with_request_no
        others = [r for r in self.account.books.records() if _is_twin(r, told)]
        if number_shown or not others:
            self._wrong(what)
        elif what not in self._reported:
            self._reported.add(what)
            self.counts["confused with an equal move of somebody else"] += 1

    def _write_offs(self, actions: dict[str, Told]) -> None:
        executed = self._executed()
        for told in actions.values():
            if told.state not in WRITTEN_OFF or told.number not in executed:
                continue
            record = executed[told.number][0]
            others = [r for r in self.account.books.records() if _is_twin(r, told)]
            read = self.honest_reads.get(record.kind)
            what = f"{told} was carried out as {record}"
            if read is not None and read > record.visible_at + timedelta(hours=8) and not others:
                self._wrong(f"{what}, and that was seen long ago")

    def _doubts(self, actions: dict[str, Told]) -> None:
        """New events: why a person was asked, and write-offs of what had been carried out."""
        executed = self._executed()
        by_id = {told.action_id: told for told in actions.values()}
        events = self.account.sql(
            "SELECT action_id, seq, from_state, to_state, at, evidence, actor FROM event_log"
            " ORDER BY action_id, seq"
        )
        for action_id, seq, before, state, at, evidence, actor in events:
            if (action_id, seq) in self._judged:
                continue
            self._judged.add((action_id, seq))
            told = by_id[action_id]
            mine = executed.get(told.number, [])
            others = [r for r in self.account.books.records() if _is_twin(r, told)]
            self.counts[f"{told.verb} entered {state}"] += 1
            if state == "needs_operator":
                why = str(json.loads(evidence or "{}").get("why", evidence))
                off = ", clock off" if self.clock_is_off else ""
                self.reasons[
                    f"{told.verb} {_plainly(why)} | was {before} | "
                    f"{'carried out' if mine else 'not carried out'}"
                    f"{', twin' if others else ''}{', late' if self._is_late(told) else ''}"
                    f"{off}{', lied to' if self.lied else ''}{self._wallet_moves(told)}"
                ] += 1
            if state in WRITTEN_OFF and mine and actor == "earnd":
                # The ledger keeps milliseconds, the books microseconds.
                is_before = to_ms(mine[0].at) <= to_ms(datetime.fromisoformat(at))
                self.counts[
                    f"{state} from {before} though carried out {'before' if is_before else 'after'}"
                ] += 1
                # The answer to a second delivery may well be a refusal of what the first one did.
                arrived = [r for r in self.account.server.received if r.request_no == told.number]
                if is_before and (before != "sending" or len(arrived) == 1):
                    self._wrong(f"{told} was written off, but {mine[0]}")

    def _wallet_moves(self, told: Told) -> str:
        """What moved the wallet since the action that no record tells of, and whether the
        exchange's own sum per coin could have been asked instead."""
        since = datetime.fromisoformat(told.planned_at)
        silent = {Kind.DEPOSIT, Kind.WITHDRAW, Kind.FREEZE, Kind.UNFREEZE, Kind.ARRIVE}
        kinds = sorted(
            {
                entry.kind.value
                for entry in self.account.books.journal()
                if entry.at >= since and entry.kind in silent
            }
        )
        has_total = self.world.settings.total_shape != "absent"
        return f", wallet: {' '.join(kinds) or 'quiet'}{', total shown' if has_total else ''}"

    def _is_late(self, told: Told) -> bool:
        """Whether its request lies on the way still, or was carried out long after its sending."""
        parked = self.account.server.face._parked
        return any(told.number.encode() in request.body for _, request in parked)

    def _wrong(self, what: str) -> None:
        if what not in self._reported:
            self._reported.add(what)
            self.violations.append(what)


def _is_twin(record: Record, told: Told) -> bool:
    return record.request_no != told.number and (record.kind, record.product_id, record.amount) == (
        told.verb,
        told.product_id,
        told.amount,
    )


def _plainly(why: str) -> str:
    """A reason without its numbers."""
    return re.sub(r"\d[\d.]*", "#", why)
