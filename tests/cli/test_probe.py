"""`earnd probe` at a shell: it asks first, says what it learns, and status keeps it."""

from __future__ import annotations

import io
import json

import pytest

from tests.cli.conftest import Run
from tests.cli.shell import Account


@pytest.mark.slow
def test_it_proves_and_status_says_so(here: Run, practice: Account) -> None:
    config = practice.config()
    before = here("once", "-c", config)
    assert before.code == 0, before.err
    assert "not proven" in here("status", "-c", config).out
    practice.books.deposit("USDT", "50")

    ran = here("probe", "1001", "--for", "6s", "--yes", "-c", config)

    assert ran.code == 0, ran.err
    assert "after 5s: seen, code 80013; carried out once" in ran.out
    assert "remembered for at least 6s: on record" in ran.out
    assert "for 6s at least" in here("status", "-c", config).out
    facts = here("status", "-c", config, "--json").facts
    shown = {row["name"]: row["value"] for row in facts["shown_by_the_exchange"]}
    assert shown["number_kept_s"] == "6"


def test_without_a_yes_nothing_is_sent(
    here: Run, practice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = practice.config()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    ran = here("probe", "1001", "-c", config)

    assert ran.code == 1
    assert "This subscribes 1 USDT in product 1001" in ran.out
    assert "not agreed to; nothing was sent" in ran.err
    assert practice.server.received == []


@pytest.mark.parametrize("longest", ["1s", "27h", "soon"])
def test_an_age_that_makes_no_sense_is_refused(here: Run, practice: Account, longest: str) -> None:
    config = practice.config()

    here("probe", "1001", "--for", longest, "--yes", "-c", config).refused(2, "--for")


def test_a_dry_run_cannot_probe(here: Run, practice: Account) -> None:
    config = practice.config(mode="dry-run")

    here("probe", "1001", "--yes", "-c", config).refused(2, "mode is not live")


def test_a_product_that_there_is_not_is_a_finding(here: Run, practice: Account) -> None:
    config = practice.config()

    ran = here("probe", "77", "--yes", "--json", "-c", config)

    assert ran.code == 1
    assert json.loads(ran.out)["failure"] == "the exchange does not offer product 77"
