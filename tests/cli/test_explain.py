"""`earnd explain`: why this, why not that, why nothing, from a ledger alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.cli.explain_coin import LESSONS
from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence, Outcome
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.money import Rate
from earnd.domain.plan import Hold, Move
from earnd.domain.product import Product, Tier
from earnd.domain.reason import Reason
from tests.cli.conftest import Run
from tests.cli.shell import Account
from tests.ledger.story import NOON, Held, Life, a_look, a_wallet, opened
from tests.support.ledgers import lay_empty
from tests.support.practice import Practice, flexible
from tests.support.practice import practice as virtual

USDT = Coin("USDT")


def offer(product_id: str, percent: str, *tiers: tuple[int, int, str], **more: Any) -> Product:
    fields: dict[str, Any] = {
        "product_id": ProductId(product_id),
        "coin": USDT,
        "rate": Rate.from_percent(percent),
        "additional_rate": Rate.from_percent("0%"),
        "minimum": Decimal(1),
        "maximum": Decimal(100_000),
        "tiers": tuple(
            Tier(Decimal(low), Decimal(high), Rate.from_percent(rate)) for low, high, rate in tiers
        ),
        "has_tiers": bool(tiers),
    }
    return Product(**{**fields, **more})


def holding(product_id: str, amount: str, why: str = "") -> Held:
    earn_id = EarnId(f"e-{product_id}")
    return Held(USDT, ProductId(product_id), earn_id, Decimal(amount), not why, why)


def hold(reason: Reason, product_id: str | None = None, amount: str = "5", **detail: str) -> Hold:
    where = None if product_id is None else ProductId(product_id)
    return Hold(USDT, reason, where, Decimal(amount), detail)


WAITING = hold(
    Reason.NOT_PROVEN_YET,
    "1",
    "5000",
    binding="proof",
    cost="0.41",
    gain="1.9",
    gap_bp="100",
    gap_per_year="50",
    horizon="14d",
    needed="0.41",
    proven="0.12",
    rate="3.00%",
    runner_up="4",
    runner_up_rate="4.00%",
    to="4",
)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A ledger in its first cycle, `ledger.db` where the commands run."""
    path = tmp_path / "ledger.db"
    lay_empty(path, mode="live", account_label="main", at=NOON)
    story = Life(opened(path))
    yield story
    story.book.close()


@pytest.fixture
def invested(life: Life) -> Life:
    """5000 in product 1, which 4 has begun to beat; 2 is full, 3 pays less, 5 is not for us."""
    products = (
        offer("1", "3%"),
        offer("2", "6%", maximum=Decimal(500)),
        offer("3", "2%"),
        offer("4", "4%", (1, 5000, "4%"), (5000, 50_000, "1%")),
        offer("5", "9%", minimum=Decimal(90_000)),
    )
    life.book.record_look(
        life.cycle_id, a_look(life.now, products=products, balances=a_wallet(USDT="100.5"))
    )
    life.book.record_holdings(life.cycle_id, life.now, [holding("1", "5000"), holding("2", "500")])
    kept = hold(Reason.KEPT_AS_RESERVE, None, "100.5", available="100.5", keep_idle="150")
    life.book.record_decisions(life.cycle_id, life.now, [], [kept, WAITING])
    return life


def explain(here: Run, *what: object) -> str:
    ran = here("explain", *what, "--ledger", "ledger.db")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def data(here: Run, *what: object) -> Any:
    return json.loads(explain(here, *what, "--json"))


def refused(here: Run, *what: object) -> str:
    ran = here("explain", *what, "--ledger", "ledger.db")
    assert (ran.code, ran.out) == (2, "")
    return ran.err


@pytest.mark.usefixtures("invested")
def test_a_coin_is_explained_in_sentences(here: Run) -> None:
    assert explain(here, "USDT") == (
        """\
USDT in cycle 1, 2026-11-22 12:00 UTC

where it is
  100.5 idle in the wallet
  5000 in product 1 at 3.00%, verified
  500 in product 2 at 6.00%, verified
  all that is held earns 3.2727% a year

what was decided, and why
  hold 100.5 USDT: all of the 100.5 that is idle is kept (150 are to stay)
  hold 5000 USDT in product 1: product 4 would earn 50 a year more (100 bp), but moving costs \
0.41, and it waits until staying has cost enough: 0.12 of 0.41

its products, and why no more is in each
  5 pays 9.00%: it takes 90000 at least, and there is no more than 5600.5
  2 pays 6.00%: holds 500 at 6.00%; it takes no more than 500
  4 pays 4.00% up to 5000, 1.00% up to 50000: better than product 1, and why that stays is said \
above
  1 pays 3.00%: holds 5000 at 3.00%; why it stays is said above
  3 pays 2.00%: more would earn 2.00%, less than the 3.00% of product 1

what would make it move
  100.5: when more than 49.5 has come in on top of what is idle
  5000 in product 1: when product 4 has paid 1 points more for 51 more hours
"""
    )


def test_what_is_to_stay_of_the_idle_money_is_told_with_it(here: Run, life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now, balances=a_wallet(USDT="100.5")))
    left = hold(Reason.UNDER_MIN_MOVE, None, "0.5", keep_idle="100")
    life.book.record_decisions(life.cycle_id, life.now, [], [left])

    assert "  100.5 idle in the wallet, 100 of it to stay\n" in explain(here, "USDT")


@pytest.mark.usefixtures("invested")
def test_the_letters_of_a_coin_may_be_small(here: Run) -> None:
    assert explain(here, "usdt") == explain(here, "USDT")


@pytest.mark.usefixtures("invested")
def test_the_same_as_data_has_every_key_and_amounts_as_text(here: Run) -> None:
    told = data(here, "USDT")
    assert list(told) == [
        "coin",
        "cycle",
        "later_cycles",
        "strategy_known",
        "idle",
        "frozen",
        "held",
        "earns",
        "keep_idle",
        "decisions",
        "products",
        "doubts",
        "rests",
        "open_actions",
    ]
    kept, waiting = told["decisions"]
    assert list(kept) == [
        "at",
        "verdict",
        "coin",
        "product_id",
        "amount",
        "reason",
        "why",
        "detail",
        "binding",
        "runner_up",
        "gap_per_year",
        "gap_bp",
        "would_move",
        "action_id",
        "state",
    ]
    assert (waiting["binding"], waiting["runner_up"]) == ("proof", "4")
    assert (waiting["gap_per_year"], waiting["gap_bp"]) == ("50", "100")
    assert waiting["detail"] == dict(WAITING.detail)
    assert [row["product_id"] for row in told["products"]] == ["5", "2", "4", "1", "3"]
    assert told["held"][0] == {
        "product_id": "1",
        "amount": "5000",
        "rate": "3.00%",
        "verified": True,
        "why": "",
    }


def test_what_was_seen_is_told_as_of_the_moment_asked_for(invested: Life, here: Run) -> None:
    life = invested
    life.next_cycle(days=1)
    life.book.record_look(
        life.cycle_id,
        a_look(life.now, products=(offer("1", "7%"),), balances=a_wallet(USDT="7")),
    )
    life.book.record_holdings(life.cycle_id, life.now, [])
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.NO_PRODUCT)])
    now, before = data(here, "USDT"), data(here, "USDT", "--at", "2026-11-22T23:00Z")
    assert (now["cycle"]["cycle_id"], before["cycle"]["cycle_id"]) == (2, 1)
    assert (now["idle"], before["idle"]) == ("7", "100.5")
    assert ([row["amount"] for row in now["held"]], len(before["held"])) == ([], 2)
    assert [row["rates"] for row in before["products"] if row["product_id"] == "1"] == ["3.00%"]
    assert [row["rates"] for row in now["products"] if row["product_id"] == "1"] == ["7.00%"]
    assert "4 pays 4.00% up to 5000, 1.00% up to 50000: it is not offered any more" in explain(
        here, "USDT"
    )


def test_a_day_alone_means_its_end_and_a_zone_may_be_given(invested: Life, here: Run) -> None:
    invested.next_cycle(hours=6)
    invested.book.record_decisions(invested.cycle_id, invested.now, [], [WAITING])
    ids = [
        data(here, "USDT", "--at", at)["cycle"]["cycle_id"]
        for at in ("2026-11-22", "2026-11-22T17:59", "2026-11-22T19:00+01:00")
    ]
    assert ids == [2, 1, 2]


def test_cycles_since_then_that_decided_nothing_are_told(invested: Life, here: Run) -> None:
    invested.next_cycle(hours=1)
    failed = CycleEnd(invested.now, CycleOutcome.FAILED_LOOK, 0, 0, "no answer")
    invested.book.end_cycle(invested.cycle_id, failed)
    assert "one cycle since then decided nothing about it: failed look" in explain(here, "USDT")


def test_a_hold_of_the_whole_coin_speaks_for_every_product(life: Life, here: Run) -> None:
    products = (offer("1", "3%"), offer("2", "6%"))
    life.book.record_look(life.cycle_id, a_look(life.now, products=products))
    moved = hold(Reason.MOVED_BY_PERSON, until="2026-11-23T12:00:00+00:00")
    life.book.record_decisions(life.cycle_id, life.now, [], [moved])
    said = "no money of the coin is moved: a person moved some of it; left alone until"
    assert [row["why"][: len(said)] for row in data(here, "USDT")["products"]] == [said, said]


def test_a_coin_that_is_only_redeemed_says_that_nothing_is_put_in(life: Life, here: Run) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now, products=(offer("1", "3%"),)))
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.MODE_REDEEM_ONLY)])
    (product,) = data(here, "USDT")["products"]
    assert product["why"] == (
        "nothing is put in: the strategy says redeem-only: nothing new is subscribed"
    )


def test_what_is_offered_while_no_product_may_be_used_is_not_allowed(life: Life, here: Run) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now, products=(offer("1", "3%"),)))
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.NO_PRODUCT)])
    (product,) = data(here, "USDT")["products"]
    assert product["why"] == "the strategy does not allow it (products)"


def test_what_is_not_believed_is_told_also_when_it_is_believed_again(life: Life, here: Run) -> None:
    doubt = hold(Reason.QUARANTINED, "1", oddity="zero", trusted_rate="5.00%", seen_rate="0.00%")
    life.book.record_look(life.cycle_id, a_look(life.now, products=(offer("1", "0%"),)))
    life.book.record_decisions(life.cycle_id, life.now, [], [doubt])
    assert "in product 1: not believed yet: it is shown to pay nothing" in explain(here, "USDT")
    assert "lately" not in explain(here, "USDT")
    assert [row["now"] for row in data(here, "USDT")["doubts"]] == [True]
    life.next_cycle(hours=1)
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.NOTHING_IDLE)])
    assert "product 1, on 2026-11-22 12:00 UTC: not believed yet" in explain(here, "USDT")


def test_a_refusal_that_still_counts_is_told_with_what_it_taught(life: Life, here: Run) -> None:
    action = life.planned("1000")
    attempt = life.sending(action)
    no = life.answer(Outcome.REFUSED, code=80006, consequence=Consequence.CAP_REACHED)
    life.book.end_attempt(action.action_id, attempt, no, State.REJECTED)
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.COOLING_DOWN, "p-USDT")])
    out = explain(here, "USDT")
    assert (
        "at most half of 1000 is put into product p-USDT at once until 2026-11-23 12:00 UTC:"
        " action 1 was refused with code 80006"
    ) in out
    life.next_cycle(days=31)
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_decisions(life.cycle_id, life.now, [], [hold(Reason.NOTHING_IDLE)])
    assert data(here, "USDT")["rests"] == []
    kinds = {row["kind"] for row in data(here, "USDT", "--at", "2026-11-22")["rests"]}
    assert {"product_rests", "most"} <= kinds


def test_there_are_words_for_everything_that_a_refusal_can_teach(life: Life) -> None:
    ((view,),) = life.sql("SELECT sql FROM sqlite_master WHERE name = 'lesson_log'")
    kinds = set(re.findall(r"^  \('[a-z_]+', +'([a-z_]+)'", view, re.MULTILINE))
    assert kinds == LESSONS.keys()


def test_an_open_action_of_the_coin_is_told(life: Life, here: Run) -> None:
    life.answered(life.planned(), State.UNKNOWN, Outcome.UNCLEAR)
    busy = hold(Reason.OPEN_ACTION, "p-USDT", "100.5", action="1", state="unknown")
    life.book.record_decisions(life.cycle_id, life.now, [], [busy])
    out = explain(here, "USDT")
    assert "action 1: subscribe 100.5, product p-USDT, unknown since 2026-11-22 12:00 UTC" in out
    assert "when that action is over: `earnd explain --action 1`" in out


def test_a_decision_names_the_action_that_it_became(life: Life, here: Run) -> None:
    move = life.move("100.5")
    life.book.record_decisions(life.cycle_id, life.now, [move, move], [])
    life.settled()
    life.planned()
    out = explain(here, "USDT")
    assert "subscribe 100.5 USDT into product p-USDT: the best that is open to it (action 1" in out
    assert "the best that is open to it (action 2, planned)" in out


def test_an_action_is_told_from_its_reason_to_its_record(life: Life, here: Run) -> None:
    life.settled()
    assert explain(here, "1") == (
        """\
action 1: subscribe 100.5 USDT into product p-USDT, settled
number 12345678000000000001, decided in cycle 1

why
  the best that is open to it

its life
  2026-11-22T12:00:00.000Z  planned: decided and written down; nothing has left
  2026-11-22T12:00:00.000Z  sending: about to be sent, for the first time
  2026-11-22T12:00:00.000Z  accepted: the exchange said yes (code 1000)
  2026-11-22T12:00:00.000Z  settled: it was done: its effect was seen

its requests
  1. sent at 2026-11-22T12:00:00.000Z, answered after 120 ms: yes (HTTP 200, code 1000, trace \
t-1). as received

its record at the exchange
  r1: subscribe 100.5 USDT, product p-USDT, at 2026-11-22T12:00:00.000Z
"""
    )
    assert explain(here, "12345678000000000001") == explain(here, "--action", "1")
    assert list(data(here, "1")) == [
        "action",
        "why",
        "detail",
        "events",
        "attempts",
        "absent_looks",
        "records",
        "notes",
    ]


def test_an_action_that_a_person_resolved_says_who_and_why(doubtful: Practice, here: Run) -> None:
    where = ("--because", "the app shows nothing", "-c", doubtful.config)
    assert here("resolve", "1", "--as", "rejected", *where).code == 0
    out = explain(here, "1")
    assert "needs_operator: it waits for a person" in out
    assert "rejected: it was not done (the app shows nothing; said by " in out
    assert "complete looks at the history without it: " in out
    assert ": the number is known over there (HTTP " in out
    assert "its record at the exchange\n  none is known\n" in out


def test_an_action_that_never_left_has_no_requests(life: Life, here: Run) -> None:
    life.enter(life.planned(), State.DROPPED)
    assert "its requests\n  none was sent\n" in explain(here, "1")


def test_a_cycle_shows_everything_that_was_decided_in_it(invested: Life, here: Run) -> None:
    invested.book.record_decisions(
        invested.cycle_id, invested.now, [], [Hold(Coin("BTC"), Reason.MODE_HOLD)]
    )
    out = explain(here, "cycle:1")
    assert out == explain(here, "--cycle", "1")
    assert out.splitlines()[:2] == [
        "cycle 1, 2026-11-22 12:00 UTC: not over",
        "hold BTC: the strategy says hold",
    ]
    assert "it waits until staying has cost enough: 0.12 of 0.41" in out
    assert list(data(here, "--cycle", "1")) == ["cycle", "decisions", "actions"]


def test_without_an_argument_the_newest_cycle_is_told_in_short(life: Life, here: Run) -> None:
    detail = {"bands": "5 at 3.00%", "runner_up": "2", "gap_per_year": "1"}
    move = Move(Verb.SUBSCRIBE, USDT, ProductId("1"), Decimal(5), Reason.BEST_BAND, detail=detail)
    life.book.record_decisions(life.cycle_id, life.now, [move], [])
    assert explain(here) == (
        "cycle 1, 2026-11-22 12:00 UTC: not over\n"
        "subscribe 5 USDT into product 1: the best that is open to it: 5 at 3.00%\n"
        "`earnd explain COIN` says more about one of them\n"
    )
    life.next_cycle(hours=1)
    assert "nothing was decided in it" in explain(here)
    assert "subscribe 5 USDT" in explain(here, "--at", "2026-11-22T12:30Z")


def test_why_a_cycle_failed_is_told(life: Life, here: Run) -> None:
    end = CycleEnd(life.now, CycleOutcome.FAILED_LOOK, 0, 0, "it took too long\n  try later")
    life.book.end_cycle(life.cycle_id, end)
    assert explain(here).splitlines() == [
        "cycle 1, 2026-11-22 12:00 UTC: failed look",
        "  it took too long",
        "  try later",
        "nothing was decided in it",
        "`earnd explain COIN` says more about one of them",
    ]


def test_what_is_not_there_is_refused_with_the_nearest_that_is(invested: Life, here: Run) -> None:
    invested.settled()
    assert "did you mean USDT?" in refused(here, "USD")
    assert "known are: USDT" in refused(here, "XQW")
    assert "there is no action 7\n  the newest is 1" in refused(here, "7")
    assert "there is no cycle 7\n  the newest is 1" in refused(here, "--cycle", 7)
    assert "no action has the request number 98765432000000000001" in refused(
        here, "98765432000000000001"
    )
    assert "'cycle:x' names no cycle" in refused(here, "cycle:x")
    assert "no cycle had begun by 2026-11-01" in refused(here, "--at", "2026-11-01")
    assert "'noon' is no time; write" in refused(here, "USDT", "--at", "noon").replace(
        "\n ", "; write", 1
    )
    assert "one thing at a time" in refused(here, "USDT", "--cycle", 1)
    assert "--at goes with a coin" in refused(here, "1", "--at", "2026-11-22")


@pytest.mark.usefixtures("invested")
def test_a_number_that_is_only_a_cycles_is_said_to_be_one(here: Run) -> None:
    said = refused(here, "1")
    assert "there is no action 1" in said
    assert "there is none yet; there is a cycle 1: `earnd explain --cycle 1`" in said


def test_a_ledger_without_a_cycle_says_so(tmp_path: Path, here: Run) -> None:
    lay_empty(tmp_path / "ledger.db", mode="live", account_label="main", at=NOON)
    assert "no cycle has run yet" in refused(here, "USDT")
    assert "no cycle has run yet" in refused(here)


def test_a_coin_that_was_only_seen_has_no_decision_yet(life: Life, here: Run) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now, products=(offer("1", "3%"),)))
    out = explain(here, "USDT")
    assert out.startswith("USDT: no cycle has decided anything about it yet\n")
    assert "1 pays 3.00%: more would earn 3.00%" in out


def test_foreign_text_does_not_act_on_the_terminal(life: Life, here: Run) -> None:
    evil = "1\x1b[2J\nhold 0 USDT: all is well"
    life.book.record_look(life.cycle_id, a_look(life.now, products=(offer(evil, "3%"),)))
    life.book.record_holdings(life.cycle_id, life.now, [holding(evil, "5", why="\x07\u202e")])
    unclear = hold(Reason.TIERS_UNCLEAR, evil, why="\x1b]0;gone\x07")
    life.book.record_decisions(life.cycle_id, life.now, [], [unclear])
    for asked in (["USDT"], ["--cycle", "1"], []):
        out = explain(here, *asked)
        assert not set(out) & {"\x1b", "\x07", "\u202e"}
        assert "\\x1b[2J\\x0ahold 0 USDT" in out


def test_the_strategy_is_known_where_it_is_the_one_that_decided(tmp_path: Path, here: Run) -> None:
    offers = [flexible("1001"), flexible("1002", "0.06"), flexible("1003", "0.001")]
    with virtual(tmp_path, *offers) as account:
        account.coins = "USDT: {reserve: 100, min_apy: 1%, products: {deny: [1002]}}"
        account.cycle()
        config = account.config
        mine = here("explain", "USDT", "-c", config)
        told = json.loads(here("explain", "USDT", "-c", config, "--json").out)
        config.write_text(config.read_text() + "# changed since\n")
        other = json.loads(here("explain", "USDT", "-c", config, "--json").out)
    assert "1002 pays 6.00%: the strategy does not allow it (products)" in mine.out
    assert "1003 pays 0.10%: more would earn 0.10%, under min_apy, 1.00%" in mine.out
    assert (told["strategy_known"], other["strategy_known"]) == (True, False)
    why = {row["product_id"]: row["why"] for row in other["products"]}
    assert why["1002"].endswith("or the strategy does not allow it")


def test_a_cycle_that_runs_says_the_same_words(practice: Account, here: Run) -> None:
    ran = here("plan", "-c", practice.config())
    told = json.loads(here("plan", "-c", practice.config(), "--json").out)
    said = (
        "the best that is open to it: 900 at 5.00%;"
        " product 1002 at 3.00% would earn 18 a year less (200 bp)"
    )
    assert f"would subscribe 900 USDT into product 1001: {said}\n" in ran.out
    (move,) = told["moves"]
    assert move["why"] == said
    assert move["detail"]["runner_up"] == "1002"
