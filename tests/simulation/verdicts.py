"""What must hold between cycles and at rest: the ledger and the books, side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import TRANSITIONS
from earnd.sandbox import Kind, Record
from earnd.sandbox.clock import to_ms
from tests.simulation.findings import Findings, plainly
from tests.simulation.mirror import (
    OPEN,
    PROVEN,
    WRITTEN_OFF,
    Event,
    Mirror,
    Row,
    Told,
)
from tests.simulation.oracle import Oracle

APART = timedelta(minutes=10)
LONG_AGO = timedelta(hours=8)
JUST_NOW = timedelta(hours=2)
MOST_REQUESTS = 1500
LONGEST_CYCLE = timedelta(minutes=30)
STEPS = {(str(before), str(after)) for before, all_ in TRANSITIONS.items() for after in all_}


@dataclass(slots=True)
class Verdicts:
    """Compares the ledger with the exchange's own books; see `oracle` for the list."""

    found: Findings
    oracle: Oracle
    _identity: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _judged: set[tuple[str, int, datetime]] = field(default_factory=set)

    def check(self) -> None:
        """After every cycle, however it ended."""
        self.found.read_books()
        news = self.found.mirror.refresh()
        for what in news.rewritten:
            self.found.wrong("I13", f"{what} changed")
        for told in news.actions:
            self._number(told)
        for told, event in news.events:
            self._step(told, event)
        for row in news.records:
            self._record(row)
        for row, owner, action_id in news.owners:
            self._owner(row, owner, action_id)
        for action_id in {told.action_id for told, _ in news.events} | self.found.mirror.live:
            self._action(self.found.mirror.actions[action_id])
        is_open = [t for t in self.found.mirror.actions.values() if t.state in OPEN]
        if len(is_open) > 1:
            self.found.wrong("I6", f"not over: {', '.join(map(str, is_open))}")
        if not self.found.account.books.sums("USDT").balanced:
            self.found.wrong("I16", "the exchange's books do not add up")

    def check_cycle(self, requests: int, took: timedelta) -> None:
        """A cycle that was not cut short is bounded."""
        if requests > MOST_REQUESTS or took > LONGEST_CYCLE:
            self.found.wrong("I27", f"a cycle made {requests} requests and took {took}")

    def restored(self) -> None:
        """The ledger is an older copy from now on."""
        before = set(self.found.mirror.by_number)
        self.found.mirror = Mirror(self.found.account)
        self.oracle.since_restore.clear()
        self.check()
        self.found.forgotten |= before - set(self.found.mirror.by_number)

    # One action, one event, one record.

    def _number(self, told: Told) -> None:
        identity = (told.action_id, told.verb, told.product_id, told.amount)
        known = self._identity.setdefault(told.number, identity)
        # A newer copy may bring back what an older one had lost.
        self.found.forgotten.discard(told.number)
        if known != identity:
            self.found.wrong("I1", f"{told.number} was {known} and is {identity}")

    def _step(self, told: Told, event: Event) -> None:
        found = self.found
        before = told.events[event.seq - 1].state if event.seq else None
        if event.seq >= len(told.events) or told.events[event.seq] is not event:
            found.wrong("I12", f"the events of {told} have gaps")
        elif event.before != before or (event.seq and (before, event.state) not in STEPS):
            found.wrong("I15", f"{told} went from {before} to {event.state}")
        key = (told.number, event.seq, event.at)
        if key in self._judged:
            return
        self._judged.add(key)
        found.counts[f"{told.verb} entered {event.state}"] += 1
        if event.state == "needs_operator":
            self._asked(told, event)
        if event.state == "rejected" and event.before == "unknown" and event.actor == "earnd":
            self._write_off(told, event)
        if event.state in WRITTEN_OFF and event.actor == "earnd":
            self._was_it_done(told, event)
            if event.before == "sending":
                self._was_it_clean(told, event)

    def _write_off(self, told: Told, event: Event) -> None:
        found = self.found
        if self.oracle.clock_is_off and not self.oracle.time_is_faulty:
            found.wrong("I33", f"{told} is written off while our clock is wrong")
        if "failed" in event.why:
            return
        last = max((sending.at for sending in told.attempts), default=told.planned_at)
        looks = [look for look in told.looks if last <= look <= event.at]
        if len(looks) < 2 or max(looks) - min(looks) < APART:
            found.wrong("I32", f"{told} is written off after looks at {looks}, sent at {last}")

    def _was_it_clean(self, told: Told, event: Event) -> None:
        """What a later sending is told says nothing about the first."""
        attempt = told.events[event.seq - 1].attempt or 0
        earlier = [each.outcome for each in told.attempts if each.attempt < attempt]
        if any(outcome != "not_sent" for outcome in earlier):
            self.found.wrong("I8", f"{told} is over by its attempt {attempt}, after {earlier}")

    def _was_it_done(self, told: Told, event: Event) -> None:
        """Written off, and had been carried out already?"""
        mine = self.found.executed.get(told.number, [])
        if not mine:
            return
        # The ledger keeps milliseconds, the books microseconds.
        is_before = to_ms(mine[0].at) <= to_ms(event.at - self.oracle.offset)
        self.found.counts[
            f"{event.state} from {event.before} though carried out "
            f"{'before' if is_before else 'after'}"
        ] += 1
        # The answer to a second delivery may well be a refusal of what the first one did.
        arrivals = len(self.oracle.arrivals.get(told.number, []))
        if is_before and arrivals <= len(told.attempts):
            both_lied = {"record", "wallet"} <= self.oracle.lies
            what = f"{told} was written off ({event.why}), but {mine[0]}"
            if both_lied and event.before == "unknown":
                self.found.tolerated("history and wallet both lied to", what)
            else:
                self.found.wrong("I8", what)

    def _record(self, row: Row) -> None:
        truth = self._truth(row.record_id)
        told = (row.kind, row.product_id, row.coin, row.amount, to_ms(row.at))
        if truth is None or told != (
            truth.kind,
            truth.product_id,
            truth.coin,
            truth.amount,
            to_ms(truth.at),
        ):
            self.found.wrong("I31", f"the ledger has {row}, the exchange {truth}")

    def _truth(self, record_id: str) -> Record | None:
        records = self.found.account.books._state.records
        at = int(record_id) - 300001 if record_id.isdecimal() else -1
        return records[at] if 0 <= at < len(records) else None

    def _owner(self, row: Row, owner: str, action_id: int | None) -> None:
        found, record = self.found, self._truth(row.record_id)
        if record is None:
            return
        if action_id is not None:
            self._owned(found.mirror.actions[action_id], record)
        elif owner == "person" and record.by == "api":
            told = found.mirror.by_number.get(record.request_no or "")
            if told is not None:
                self._confused(f"{told}: its record {row.record_id} is a person's", told)
        elif owner == "interest" and record.kind != "interest":
            found.wrong("I9", f"{record} is interest")
        elif owner == "auto_subscribe" and record.subscribe_type != "AUTO":
            found.wrong("I9", f"{record} is auto-subscribe's")
        elif owner == "person" and (record.kind == "interest" or record.subscribe_type == "AUTO"):
            found.wrong("I9", f"{record} is a person's")

    def _owned(self, told: Told, record: Record) -> None:
        says = (record.kind, record.product_id, record.amount)
        if says != (told.verb, told.product_id, told.amount):
            self.found.wrong("I11", f"{told} has {record}")
        if record.by != "api" or record.request_no != told.number:
            what = f"{told} has the record of another: {record}"
            if self.found.is_undecidable(told, record):
                self.found.tolerated("another's record taken that nobody could tell apart", what)
            else:
                self.found.wrong("I9", what)

    def _confused(self, what: str, told: Told) -> None:
        """Its own record is another's: a violation, unless another equal one stood in for it."""
        if any(self.found.is_undecidable(told, twin) for twin in self.found.twins_of(told)):
            self.found.tolerated("our record not told from another's", what)
        else:
            self.found.wrong("I9", what)

    def _action(self, told: Told) -> None:
        found = self.found
        owned = found.mirror.owned.get(told.action_id, [])
        if len(owned) > 1:
            found.wrong("I10", f"{told} has {owned}")
        by_person = told.events[-1].actor == "operator"
        if (told.state in PROVEN) != (len(owned) == 1) and not by_person:
            found.wrong("I8", f"{told} has the records {owned}")
        mine = found.executed.get(told.number, [])
        if len(mine) > 1:
            found.wrong("I7", f"{told} was carried out as {mine}")
        for record in mine:
            says = (record.kind, record.product_id, record.amount)
            if says != (told.verb, told.product_id, told.amount):
                found.wrong("I11", f"{told} was carried out as {record}")
        self._sendings(told)
        self._answers(told)
        if told.state in WRITTEN_OFF and mine:
            self._overlooked(told, mine[0])

    def _sendings(self, told: Told) -> None:
        arrived = self.oracle.since_restore.get(told.number, 0)
        outcomes = [sending.outcome for sending in told.attempts]
        most = sum(outcome != "not_sent" for outcome in outcomes)
        sure = sum(outcome not in {None, "not_sent"} for outcome in outcomes)
        # An older copy knows attempts whose arrival was before it was put back.
        all_arrived = len(self.oracle.arrivals.get(told.number, []))
        if arrived > most or all_arrived < sure:
            self.found.wrong("I3", f"{told} arrived {arrived} times, the ledger says {outcomes}")
        if len({sending.request for sending in told.attempts}) > 1:
            self.found.wrong("I4", f"{told} has attempts that differ")

    def _answers(self, told: Told) -> None:
        """The ledger claims nothing that no reply said."""
        said = self.oracle.answers.get(told.number, [])
        heard = [
            sending.outcome
            for sending in told.attempts
            if sending.outcome not in {None, "unclear", "not_sent"}
        ]
        unsaid = [word for word in heard if not any(word in may for may in said)]
        if unsaid:
            self.found.wrong("I35", f"{told} is said to have been answered {unsaid}: {said}")
        if told.state == "accepted" and "yes" not in heard:
            self.found.wrong("I35", f"{told}, and nobody said yes: {heard}")

    def _overlooked(self, told: Told, record: Record) -> None:
        read = self.found.honest_reads.get(record.kind)
        if read is None or read <= record.visible_at + LONG_AGO:
            return
        if told.events[-1].actor == "operator":
            return
        what = f"{told} was carried out as {record}, and that was seen long ago"
        if any(self.found.is_undecidable(told, twin) for twin in self.found.twins_of(told)):
            self.found.tolerated("our record not told from another's", what)
        else:
            self.found.wrong("I8", what)

    # Why a person is asked.

    def _asked(self, told: Told, event: Event) -> None:
        mine = self.found.executed.get(told.number, [])
        causes = [
            "carried out" if mine else "not carried out",
            *(["twin"] if self.found.twins_of(told) else []),
            *(["on its way"] if self.found.is_on_its_way(told.number) else []),
            *(["clock off"] if self.oracle.clock_is_off else []),
            *([f"lied to about {' '.join(sorted(self.oracle.lies))}"] if self.oracle.lies else []),
            self._wallet_moves(told),
        ]
        lag = self.found.account.books.settings.record_lag
        if lag > timedelta(minutes=30):
            causes.append("records lag longer than patience")
        said = f"{told.verb} {plainly(event.why)} | was {event.before} | {', '.join(causes)}"
        self.found.reasons[said] += 1

    def _wallet_moves(self, told: Told) -> str:
        """What moved the wallet since the action that no record tells of, and whether the
        exchange's own sum per coin could have been asked instead."""
        since = told.planned_at - self.oracle.offset
        silent = {Kind.DEPOSIT, Kind.WITHDRAW, Kind.FREEZE, Kind.UNFREEZE, Kind.ARRIVE}
        kinds = sorted(
            {
                entry.kind.value
                for entry in self.found.account.books._state.wallet.journal
                if entry.at >= since and entry.kind in silent
            }
        )
        has_total = self.found.world.settings.total_shape != "absent"
        return f"wallet: {' '.join(kinds) or 'quiet'}{', total shown' if has_total else ''}"

    # At rest.

    def under_way(self) -> list[Told]:
        """What should be over by now. What was begun just now may take its time."""
        lately = self.found.account.clock.now() - JUST_NOW
        return [
            told
            for told in self.found.mirror.actions.values()
            if told.state in OPEN - {"needs_operator"} and told.planned_at < lately
        ]

    def check_rest(self) -> None:
        """After hours without faults and people, nothing is under way and nothing is unsaid."""
        found = self.found
        asked = [t for t in found.mirror.actions.values() if t.state == "needs_operator"]
        if self.under_way():
            found.wrong("I26", f"at rest, but {', '.join(map(str, self.under_way()))}")
        found.counts["needs_operator at rest"] += len(asked)
        for told in found.mirror.actions.values():
            self._settled_truly(told)
        self._everything_is_read()
        self._audits(asked)
        self._wallet(is_asked=bool(asked))
        self._holdings()
        self._holds_at_rest()

    def _everything_is_read(self) -> None:
        long_ago = self.found.account.clock.now() - JUST_NOW
        for record in self.found.account.books._state.records:
            if record.visible_at < long_ago and record.record_id not in self.found.mirror.seq_of:
                self.found.wrong("I9", f"at rest, and the ledger does not have {record}")

    def _settled_truly(self, told: Told) -> None:
        mine = self.found.executed.get(told.number, [])
        if mine and told.state in WRITTEN_OFF:
            if told.events[-1].actor == "operator":
                return
            self._confused(f"at rest, {told}, but {mine[0]}", told)
        if told.state in PROVEN and not mine:
            twins = self.found.twins_of(told)
            if not any(self.found.is_undecidable(told, twin) for twin in twins):
                self.found.wrong("I8", f"at rest, {told}, and it was never carried out")

    def _audits(self, asked: list[Told]) -> None:
        findings = self.found.account.findings()
        findings.pop("audit_late_action", None)
        if asked:
            findings.pop("audit_stale_unknown", None)
        for row in findings.pop("audit_unexplained_movement", []):
            near = [a for a in asked if a.verb == row["kind"] and a.product_id == row["product_id"]]
            if not near:
                self.found.wrong("I9", f"at rest, unexplained: {row}")
        if self._is_guessing_where_interest_goes() and findings.pop("audit_holding_drift", []):
            self.found.counts["frozen at rest: interest into the product, and nothing says so"] += 1
        if self._is_a_record_to_come():
            # Begun in the last hours, where records lag for hours: not over, and rightly so.
            findings.pop("audit_stale_unknown", None)
            findings.pop("audit_accepted_without_effect", None)
        if self._is_a_record_to_come() and findings.pop("audit_holding_drift", []):
            self.found.counts["frozen at rest: the total is ahead of a record to come"] += 1
        for name, rows in findings.items():
            self.found.wrong("I16", f"at rest, {name}: {rows[:2]}")

    def _wallet(self, *, is_asked: bool) -> None:
        """What was booked is what people brought and took, to the last digit.

        What an action may have done that a person is asked about stays open until they answer.
        """
        books, sql = self.found.account.books, self.found.account.sql
        if self._is_a_record_to_come() or books.sums("USDT").in_transit:
            return
        ((first,),) = sql("SELECT record_upto FROM wallet_account ORDER BY 1 LIMIT 1")
        people, before = Decimal(0), Decimal(0)
        for entry in books._state.wallet.journal:
            if entry.kind in {Kind.DEPOSIT, Kind.WITHDRAW}:
                people += entry.available
            elif self.found.mirror.seq_of.get(entry.record_id or "", first + 1) <= first:
                # A redeem's record is its money, whenever that arrives.
                before += entry.available + entry.in_transit
        booked = sum(
            Decimal(amount) if direction == "in" else -Decimal(amount)
            for direction, amount in sql("SELECT direction, amount FROM wallet_flow")
        )
        is_open = sql("SELECT from_at, at, direction, amount FROM wallet_open_now")
        waits = sum(
            Decimal(amount) if direction == "in" else -Decimal(amount)
            for _, _, direction, amount in is_open
        )
        if booked + waits == people + before and (is_asked or not is_open):
            self.found.counts[f"wallets that add up{', in part' if is_open else ''}"] += 1
        elif self._is_guessing_where_interest_goes():
            self.found.counts["wallets in which interest is a guess"] += 1
        else:
            what = f"{booked} is booked, {people} came in, {before} was before, open: {is_open}"
            self.found.wrong("I16", f"at rest, {what}")

    def _is_a_record_to_come(self) -> bool:
        """Whether something has been done that the history did not show by the last look."""
        just_now = self.found.account.clock.now() - timedelta(minutes=2)
        records = self.found.account.books._state.records
        return any(record.visible_at > just_now for record in records)

    def _is_guessing_where_interest_goes(self) -> bool:
        settings = self.found.world.settings
        is_known = self.found.account.strategy.knows_interest
        return (
            settings.interest_paid == "product"
            and settings.total_shape == "absent"
            and not is_known
        )

    def _holdings(self) -> None:
        account = self.found.account
        last = account.sql("SELECT moves FROM cycle_log ORDER BY cycle_id DESC LIMIT 1")
        if last != [(0,)]:
            # What was subscribed after the last look is not in the holdings yet.
            return
        settings = self.found.world.settings
        exact = settings.total_shape != "absent" or settings.interest_paid != "product"
        for product_id, amount, verified in account.sql(
            "SELECT product_id, amount, verified FROM holding_checked"
        ):
            truth, said = account.books.held(product_id), Decimal(amount)
            if verified and (said != truth if exact else said > truth):
                self.found.wrong(
                    "I16", f"at rest, {said} is verified in {product_id}, which holds {truth}"
                )

    def _holds_at_rest(self) -> None:
        for reason, more in self.found.account.sql(
            "SELECT reason, detail FROM decision_log WHERE verdict = 'hold'"
            " AND cycle_id = (SELECT max(cycle_id) FROM decision_log)"
        ):
            why = json.loads(more or "{}").get("why", "") if reason == "holding_unverified" else ""
            self.found.counts[f"held at rest: {reason} {plainly(why)}".strip()] += 1

    def picture(self, upto: int | None = None) -> dict[str, int]:
        """What a second cycle at the same moment must not change: all that is about actions so
        far, or those up to one of them."""
        actions = self.found.mirror.actions
        last = max(actions, default=0) if upto is None else upto
        told = [each for each in actions.values() if each.action_id <= last]
        return {
            "action": last,
            "events": sum(len(each.events) for each in told),
            "attempts": sum(len(each.attempts) for each in told),
            "looks": sum(len(each.looks) for each in told),
            "owned": sum(len(self.found.mirror.owned.get(each.action_id, [])) for each in told),
        }
