"""The moves of an invented life of earnd: their whole lives, and what they do to the money."""

from __future__ import annotations

from benchmarks.seen import A_DAY, COIN, HOURLY, UNIT, Seen, plain, text

HELD = {"1001": 9000, "1002": 8000, "1101": 3000, "1201": 1, "1301": 20}
LOST = 0.02
"""So many requests get no answer, and are sent again."""


class Acts(Seen):
    """The part of the life that moves money."""

    def move(self, number: int) -> int:
        """First everything is put to work; then the gains of a day, and money to and fro."""
        if number == 0:
            for product, amount in HELD.items():
                self._act("subscribe", product, amount * UNIT, "best_band")
            return len(HELD)
        day, turn = divmod(number, A_DAY)
        there, back = HOURLY if day % 2 else HOURLY[::-1]
        spare = self.wallet["USDT"] - 50 * UNIT
        if turn == 73 and spare > 0:
            self._act("subscribe", "1001", spare, "compound")
        elif turn == 75:
            self._act("redeem", back, 500 * UNIT, "rotate")
        elif turn == 77:
            self._act("subscribe", there, 500 * UNIT, "best_band")
        return int(self.moved)

    def _act(self, verb: str, product: str, amount: int, reason: str) -> None:
        layer, coin, at = self.layer, COIN[product], self.at
        sign = 1 if verb == "subscribe" else -1
        detail = text(binding="money", gap_bp="63", rate="5.00%")
        self.decide(
            coin=coin,
            verdict=verb,
            amount=plain(amount),
            reason=reason,
            detail=detail,
            product=product,
        )
        self.same_as = 0
        action_id = layer.put(
            "action",
            cycle_id=self.cycle_id,
            request_no=f"{self.prefix}{layer.last('action') + 1:012d}",
            verb=verb,
            product_id=product,
            earn_id=f"2{product}" if product in self.held else None,
            coin=coin,
            amount=plain(amount),
            reason=reason,
            known_upto=layer.last("record_seen"),
            available_before=plain(self.wallet[coin]),
        )
        seq = self._record_of_it(action_id, verb, product, amount, detail)
        self.wallet[coin] -= sign * amount
        self.held[product] = self.held.get(product, 0) + sign * amount
        self.attribute(seq, "earnd", action_id)
        self.see_position(product)
        self.see_balances(coin)
        layer.put("look", cycle_id=self.cycle_id, at=at, kind="wallet", coins=len(self.wallet))
        self.look()
        layer.put(
            "holding_seen",
            cycle_id=self.cycle_id,
            at=at,
            coin=coin,
            product_id=product,
            earn_id=f"2{product}",
            amount=plain(self.held[product]),
            verified=1,
            why="",
        )
        whole = sum(held for other, held in self.held.items() if COIN[other] == coin)
        layer.put("total_seen", cycle_id=self.cycle_id, seen_at=at, coin=coin, amount=plain(whole))
        self.account()

    def _record_of_it(
        self, action_id: int, verb: str, product: str, amount: int, detail: str
    ) -> int:
        """Its states, its requests and the record that proves it."""
        number = f"{self.prefix}{action_id:012d}"
        body = f'{{"productId":"{product}","amount":"{plain(amount)}","requestNo":"{number}"}}'
        request = f"POST /newearn/cloud/v1/saving/{verb} {body}"
        self._event(action_id, 0, None, "planned", detail)
        seq, state, attempt = 1, "planned", 1
        if self.random.random() < LOST:
            self._attempt(action_id, attempt, request, seq, state)
            self._answer(action_id, attempt, "unclear", None)
            self._event(action_id, seq + 1, "sending", "unknown", text(outcome="unclear"))
            self.layer.put("action_look", action_id=action_id, cycle_id=self.cycle_id, at=self.at)
            seq, state, attempt = seq + 2, "unknown", 2
        self._attempt(action_id, attempt, request, seq, state)
        self._answer(action_id, attempt, "yes", 1000)
        self._event(action_id, seq + 1, "sending", "accepted", text(outcome="yes"))
        record = self.record(verb, product, amount, self.at)
        why = text(why="exactly one new record fits")
        self._event(action_id, seq + 2, "accepted", "settled", why, record_seq=record)
        return record

    def _attempt(self, action_id: int, attempt: int, request: str, seq: int, state: str) -> None:
        self._event(action_id, seq, state, "sending", None, attempt=attempt)
        self.layer.put(
            "attempt", action_id=action_id, attempt=attempt, sent_at=self.at, request=request
        )

    def _answer(self, action_id: int, attempt: int, outcome: str, code: int | None) -> None:
        said: dict[str, str | int | None] = {"http_status": 200, "code": code, "message": "OK"}
        self.layer.put(
            "attempt_answer",
            action_id=action_id,
            attempt=attempt,
            answered_at=self.at,
            latency_ms=self.random.randint(60, 400),
            outcome=outcome,
            trace=f"0e6fbc21-e3a0-4465-8acf-{action_id:012d}",
            consequence="none",
            detail="The exchange said yes." if code else "No answer came within 10 s.",
            **(said if code else {}),
        )

    def _event(
        self,
        action_id: int,
        seq: int,
        before: str | None,
        to: str,
        evidence: str | None,
        **more: int,
    ) -> None:
        self.layer.put(
            "action_event",
            action_id=action_id,
            seq=seq,
            from_state=before,
            to_state=to,
            at=self.at,
            actor="earnd",
            evidence=evidence,
            **more,
        )
