"""The table of answers is one total function: whatever comes back, or does not, has one verdict.

The expectation is worked out here from how a reply was put together, never by reading it back.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earnd.domain.action import OPEN_STATES, TRANSITIONS, State
from earnd.domain.answer import Answer, Consequence, Outcome, verdict
from earnd.exchange.bitmart.classify import classify
from earnd.exchange.bitmart.codes import CODES
from earnd.exchange.transport import NoAnswer, NotSent, RawReply, Reply
from tests.exchange.hostile import TRACE
from tests.exchange.replies import NAMES, captured
from tests.exchange.test_codes import ACCOUNT, API_PAGE, GATEWAY

AT = datetime(2026, 11, 22, tzinfo=UTC)
DOCUMENTED = API_PAGE | GATEWAY | ACCOUNT
STATUSES = (200, 204, 302, 400, 401, 403, 404, 405, 415, 418, 429, 500, 503)
HIGHEST_CODE = 100_000
FEW, MANY, SEEDS = 100, 40_000, 5
"""Damaged replies: in the fast suite; in the slow one by seed, and the seeds."""
FEW_PARTS, MANY_PARTS = 150, 3_000
"""Nearly right replies: in the fast suite, and in the slow one."""

SEEN = {80013, 61004}
REFUSED = (set(API_PAGE) - {1000, 80013, 80016}) | {
    *(53000, 53001, 53002, 53005, 53006, 53007, 53008),
    *(60026, 60028, 60029, 60030, 60031, 60063),
}
NOT_EXECUTED = {code for code, status in GATEWAY.items() if status < 500}

# How long an example takes decides nothing, and the machine may be busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def documented(code: int) -> Outcome:
    """What a documented code proves with its documented status."""
    if code == 1000:
        return Outcome.YES
    if code in SEEN:
        return Outcome.SEEN
    if code in REFUSED:
        return Outcome.REFUSED
    return Outcome.NOT_EXECUTED if code in NOT_EXECUTED else Outcome.UNCLEAR


def raw(status: int, body: bytes) -> RawReply:
    return RawReply(status, {}, body, 1, AT)


def plain(code: int) -> bytes:
    data = b"true" if code == 1000 else b"{}"
    return b'{"message":"x","code":%d,"trace":"x","data":%s}' % (code, data)


def is_state_of(answer: Answer) -> None:
    """There is exactly one legal verdict for each kind of sending."""
    for clean in (True, False):
        state = verdict(answer.outcome, clean=clean)
        assert state in TRANSITIONS[State.SENDING]
        if answer.outcome is Outcome.UNCLEAR:
            assert state is State.UNKNOWN
        if not clean:
            assert state in OPEN_STATES


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_one_verdict_and_it_is_a_step_from_sending(
    outcome: Outcome, clean: bool
) -> None:
    """X3, X8: after a sending that may have left, nothing but a yes is more than unknown."""
    expected = {
        Outcome.YES: State.ACCEPTED,
        Outcome.SEEN: State.UNKNOWN,
        Outcome.UNCLEAR: State.UNKNOWN,
        Outcome.NOT_SENT: State.DROPPED if clean else State.UNKNOWN,
        Outcome.REFUSED: State.REJECTED if clean else State.UNKNOWN,
        Outcome.NOT_EXECUTED: State.REJECTED if clean else State.UNKNOWN,
    }
    assert verdict(outcome, clean=clean) is expected[outcome]
    assert expected[outcome] in TRANSITIONS[State.SENDING]


def test_every_code_is_unclear_unless_it_is_documented_with_this_status() -> None:
    """X9, X10: all codes from 0 to 99999, each with the status that most refusals have."""
    for code in range(HIGHEST_CODE):
        outcome = classify(raw(400, plain(code))).outcome
        known = DOCUMENTED.get(code) == 400
        assert outcome is (documented(code) if known else Outcome.UNCLEAR), code


@pytest.mark.slow
@pytest.mark.parametrize("status", STATUSES)
def test_every_code_with_every_status_is_unclear_unless_they_are_documented_together(
    status: int,
) -> None:
    """X9, X10: the same with every status that matters."""
    for code in range(HIGHEST_CODE):
        outcome = classify(raw(status, plain(code))).outcome
        known = DOCUMENTED.get(code) == status
        assert outcome is (documented(code) if known else Outcome.UNCLEAR), code


def test_a_documented_code_counts_with_one_status_only() -> None:
    """X10: every documented code with every status there is."""
    for code, right in DOCUMENTED.items():
        body = plain(code)
        for status in range(100, 600):
            outcome = classify(raw(status, body)).outcome
            assert outcome is (documented(code) if status == right else Outcome.UNCLEAR)


# Replies that were put together from parts.

WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
SPACES = st.sampled_from(["", "", " ", "\n", "\t \r\n"])
TEXTS = st.sampled_from(['"OK"', '"x"', '""', f'"{TRACE}"', '"N/A"', '"\\ud800"', '"1000"'])
NOT_TEXTS = st.sampled_from(["1", "null", "true", "{}", "[]", "1.5"])
CODES_AS_TEXT = (
    st.just("1000")
    | st.sampled_from([str(code) for code in sorted(DOCUMENTED)])
    | st.integers(0, 99_999).map(str)
)
ODD_CODES = st.sampled_from(
    ["1000.0", "1e3", '"1000"', "true", "null", "-1", "-1000", "[1000]", "{}", "1000000000"]
)
DATA = st.sampled_from(["true", "true", "{}", "{}", "false", "null", "1", '"true"', "[true]"])
STRANGE = st.sampled_from(["earnId", "success", "Code", "DATA", "code ", ""])


@dataclass(frozen=True)
class Parts:
    """A reply before it is written: the fields in order, and what is around them."""

    status: int
    fields: tuple[tuple[str, str], ...]
    before: str = ""
    after: str = ""

    def expected(self) -> Outcome:
        names = [name for name, _ in self.fields]
        found = dict(self.fields)
        code = found.get("code", "")
        message = found.get("message", found.get("msg", "null"))
        if len(set(names)) != len(names) or self.before or self.after.strip():
            return Outcome.UNCLEAR
        if not (message.startswith('"') and found.get("trace", "").startswith('"')):
            return Outcome.UNCLEAR
        if not WHOLE_NUMBER.fullmatch(code) or DOCUMENTED.get(int(code)) != self.status:
            return Outcome.UNCLEAR
        if (code == "1000") != (found.get("data") == "true"):
            return Outcome.UNCLEAR
        return documented(int(code))

    def written(self, spaces: list[str]) -> bytes:
        turn = iter(spaces * 50)
        fields = ",".join(
            f"{next(turn)}{json.dumps(name)}{next(turn)}:{next(turn)}{value}{next(turn)}"
            for name, value in self.fields
        )
        text = f"{self.before}{next(turn)}{{{fields}}}{next(turn)}{self.after}"
        return text.encode("utf-8")


def _odd_field(draw: st.DrawFn, parts: Parts, name: str, values: st.SearchStrategy[str]) -> Parts:
    fields = tuple((n, draw(values) if n == name else value) for n, value in parts.fields)
    return replace(parts, fields=fields)


def _renamed(_draw: st.DrawFn, parts: Parts) -> Parts:
    fields = tuple(("msg" if n == "message" else n, value) for n, value in parts.fields)
    return replace(parts, fields=fields)


def _one_less(draw: st.DrawFn, parts: Parts) -> Parts:
    gone = draw(st.sampled_from(parts.fields))
    return replace(parts, fields=tuple(field for field in parts.fields if field is not gone))


def _one_more(draw: st.DrawFn, parts: Parts) -> Parts:
    return replace(parts, fields=(*parts.fields, (draw(STRANGE), draw(DATA))))


def _one_twice(draw: st.DrawFn, parts: Parts) -> Parts:
    name, value = draw(st.sampled_from(parts.fields))
    return replace(parts, fields=(*parts.fields, (name, draw(st.just(value) | DATA))))


def _other_status(draw: st.DrawFn, parts: Parts) -> Parts:
    return replace(parts, status=draw(st.sampled_from(STATUSES) | st.integers(100, 999)))


def _before(draw: st.DrawFn, parts: Parts) -> Parts:
    return replace(parts, before=draw(st.sampled_from(["\ufeff", "x", ")]}'", "[", "\x00"])))


def _after(draw: st.DrawFn, parts: Parts) -> Parts:
    after = draw(st.sampled_from(["x", "{}", "\x00", "]", "}", " ", "\r\n"]))
    return replace(parts, after=after)


def yes_with(data: str) -> Parts:
    """A yes but for its data."""
    fields = (("message", '"OK"'), ("code", "1000"), ("trace", '"x"'), ("data", data))
    return Parts(200, fields)


FAULTS: list[Callable[[st.DrawFn, Parts], Parts]] = [
    _renamed,
    _one_less,
    _one_more,
    _one_twice,
    _other_status,
    _before,
    _after,
    partial(_odd_field, name="code", values=ODD_CODES),
    partial(_odd_field, name="data", values=DATA),
    partial(_odd_field, name="message", values=NOT_TEXTS),
    partial(_odd_field, name="trace", values=NOT_TEXTS),
]


@st.composite
def parts(draw: st.DrawFn) -> Parts:
    """Mostly nearly right: a documented reply with at most two things the matter with it."""
    code = draw(CODES_AS_TEXT)
    fields = {
        "message": draw(TEXTS),
        "code": code,
        "trace": draw(TEXTS),
        "data": "true" if code == "1000" else "{}",
    }
    found = Parts(DOCUMENTED.get(int(code), 400), tuple(fields.items()))
    for fault in draw(st.lists(st.sampled_from(FAULTS), max_size=2)):
        found = fault(draw, found)
    return replace(found, fields=tuple(draw(st.permutations(found.fields))))


@settings(patient, max_examples=FEW_PARTS)
@given(parts(), st.lists(SPACES, min_size=1, max_size=7))
@example(yes_with("1"), [""])
@example(yes_with("1.0"), [""])
@example(yes_with('"true"'), [""])
@example(yes_with("true"), [""])
def test_a_reply_means_what_its_parts_mean_and_nothing_else(
    reply: Parts, spaces: list[str]
) -> None:
    """X1, X2, X4, X10, X39, X43: only a whole, exactly documented reply proves anything."""
    answer = classify(raw(reply.status, reply.written(spaces)))

    assert answer.outcome is reply.expected()
    is_state_of(answer)


@pytest.mark.slow
@settings(patient, max_examples=MANY_PARTS)
@given(parts(), st.lists(SPACES, min_size=1, max_size=7))
def test_a_reply_means_what_its_parts_mean_in_very_many_examples(
    reply: Parts, spaces: list[str]
) -> None:
    """X1, X2, X4, X10, X39, X43: the same, many times over."""
    answer = classify(raw(reply.status, reply.written(spaces)))

    assert answer.outcome is reply.expected()
    is_state_of(answer)


@settings(patient, max_examples=50)
@given(parts(), st.data(), st.lists(SPACES, min_size=1, max_size=7))
def test_the_order_of_fields_and_the_space_between_them_are_of_no_matter(
    reply: Parts, data: st.DataObject, spaces: list[str]
) -> None:
    """X43: two spellings of one reply have the same answer, down to its words."""
    names = [name for name, _ in reply.fields]
    if len(set(names)) == len(names):
        other = replace(reply, fields=tuple(data.draw(st.permutations(reply.fields))))
        assert classify(raw(reply.status, reply.written([""]))) == classify(
            raw(reply.status, other.written(spaces))
        )


# Replies that were damaged, and what is no reply at all.


def damaged(body: bytes, at: int, how: str, other: bytes) -> bytes:
    at %= len(body)
    match how:
        case "flip":
            return body[:at] + bytes([body[at] ^ (other[0] or 1)]) + body[at + 1 :]
        case "insert":
            return body[:at] + other + body[at:]
        case "drop":
            return body[:at] + body[at + len(other) :]
        case "repeat":
            return body[:at] + body[max(0, at - len(other)) : at] + body[at:]
        case _:
            return body[:at] + other + body[at + len(other) :]


DAMAGE = st.tuples(
    st.integers(0, 10_000),
    st.sampled_from(["flip", "insert", "drop", "repeat", "overwrite"]),
    st.binary(min_size=1, max_size=6) | st.sampled_from([b"true", b"1000", b'"', b"{", b"}", b","]),
)


def check_damaged(name: str, damages: list[tuple[int, str, bytes]], status: int | None) -> None:
    reply = captured()[name]
    body = reply.body
    for at, how, other in damages:
        body = damaged(body, at, how, other) or b" "
    answer = classify(raw(status or reply.status, body))

    is_state_of(answer)
    if answer.outcome is not Outcome.UNCLEAR:
        content = json.loads(body)
        assert DOCUMENTED[content["code"]] == (status or reply.status)
        assert answer.outcome is documented(content["code"])
        assert (answer.outcome is Outcome.YES) == (content.get("data") is True)


@settings(patient, max_examples=FEW)
@given(
    st.sampled_from(NAMES),
    st.lists(DAMAGE, min_size=1, max_size=3),
    st.none() | st.integers(100, 999),
)
def test_a_damaged_reply_proves_only_what_it_still_says(
    name: str, damages: list[tuple[int, str, bytes]], status: int | None
) -> None:
    """X43, N3: the real replies with bytes changed, lost, repeated or put in."""
    check_damaged(name, damages, status)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_damaged_reply_proves_only_what_it_still_says_in_very_many_cases(seed: int) -> None:
    """X43, N3: the same without the search for a smallest example, which takes most of the time."""
    chance = random.Random(seed)
    hows = ["flip", "insert", "drop", "repeat", "overwrite"]
    tokens = [b"true", b"false", b"1000", b'"', b"{", b"}", b",", b":", b" ", b"e", b"0", b"\\"]
    for _ in range(MANY):
        damages = [
            (
                chance.randrange(700),
                chance.choice(hows),
                chance.choice([chance.choice(tokens), chance.randbytes(chance.randint(1, 6))]),
            )
            for _ in range(chance.randint(1, 3))
        ]
        status = chance.choice([None, None, chance.choice(STATUSES)])
        check_damaged(chance.choice(NAMES), damages, status)


HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "location", "retry-after", "x-bm-ratelimit-reset", "date"]),
    st.text(max_size=20),
)
FATES: st.SearchStrategy[Reply] = (
    st.builds(NotSent, st.text(max_size=20), st.integers(0, 10**6), st.just(AT))
    | st.builds(
        NoAnswer,
        st.text(max_size=20),
        st.integers(0, 10**6),
        st.just(AT),
        st.none() | st.integers(100, 999),
        st.none() | HEADERS,
    )
    | st.builds(
        RawReply,
        st.integers(100, 999),
        HEADERS,
        st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
        st.integers(0, 10**6),
        st.just(AT),
    )
)


@settings(patient, max_examples=FEW)
@given(FATES)
def test_every_fate_of_a_sending_has_an_answer(fate: Reply) -> None:
    """H3, H6, H7, H20, H26, X10: never an exception, and never more certainty than there is."""
    answer = classify(fate)

    is_state_of(answer)
    expected = Outcome.NOT_SENT if isinstance(fate, NotSent) else Outcome.UNCLEAR
    assert answer.outcome is expected
    assert answer.consequence in Consequence
    assert answer.detail


def test_the_words_of_this_table_are_those_of_the_program() -> None:
    """The expectation of these tests and the program's table agree on every documented code."""
    assert {code: row.outcome for code, row in CODES.items()} == {
        code: documented(code) for code in DOCUMENTED
    }
