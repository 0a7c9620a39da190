"""docs/datasette.yaml: what it names exists, and Datasette answers every question with it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from earnd.ledger.engine import RunStart, open_writer
from tests.docs.generated import DOCS
from tests.docs.test_ledger_page import CONTRACT
from tests.support.ledgers import lay_empty

METADATA = DOCS / "datasette.yaml"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ASKED_WITH = {"action_id": "10", "moment": "2026-05-12T06:00Z"}


def ours() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(METADATA.read_text("utf-8"))["databases"]["ledger"]
    return found


def test_every_table_view_and_column_that_it_describes_exists(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    lay_empty(ledger, mode="live", account_label="main", at=NOW)
    with closing(sqlite3.connect(ledger)) as connection:
        for name, described in ours()["tables"].items():
            rows = connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
            columns = {column for (column,) in rows}
            assert columns, name
            assert set(described.get("columns", {})) <= columns, name
            assert described["title"]
            assert described["description"]


def test_every_view_of_the_contract_is_described() -> None:
    assert set(CONTRACT) <= set(ours()["tables"])


def test_no_question_needs_what_only_the_shell_has() -> None:
    for name, question in ours()["queries"].items():
        assert question["title"], name
        assert not re.search(r"decimal_|->", question["sql"]), name


@pytest.fixture
def address(demo_ledger: Path, tmp_path: Path) -> Iterator[str]:
    """Datasette on a copy of the demo's ledger that earnd has open and just wrote to."""
    ledger = Path(shutil.copy(demo_ledger, tmp_path / "ledger.db"))
    run = RunStart("12345678", NOW, "0.1.0", "digest")
    label = "practice (sandbox)"
    with (
        closing(open_writer(ledger, mode="live", account_label=label, run=run)) as book,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "datasette", "serve", ledger, "-m", METADATA, "-p", "0"),
                *("--setting", "sql_time_limit_ms", "60000"),
            ],
            stderr=subprocess.PIPE,
            text=True,
        ) as server,
    ):
        book.begin_cycle(NOW, trigger="once")
        assert (tmp_path / "ledger.db-wal").stat().st_size
        try:
            yield _address(server)
        finally:
            server.terminate()


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None
    said = ""
    for line in server.stderr:
        said += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is not None:
            return found[0]
    pytest.fail(said)


def answer(address: str, path: str, **asked: str) -> list[dict[str, Any]]:
    query = urllib.parse.urlencode({"_shape": "array", **asked})
    try:
        with urllib.request.urlopen(f"{address}/{path}.json?{query}", timeout=60) as reply:  # noqa: S310 - our own server's
            rows: list[dict[str, Any]] = json.load(reply)
            return rows
    except urllib.error.HTTPError as error:
        pytest.fail(f"{path}: {error.read().decode()}")


@pytest.mark.slow
def test_datasette_opens_the_ledger_as_it_is_and_answers_every_question(address: str) -> None:
    questions = ours()["queries"]
    assert len(questions) >= 10
    for name, question in questions.items():
        asked = {key: ASKED_WITH[key] for key in question.get("params", ())}
        assert answer(address, f"ledger/{name}", **asked), name
    for name in ours()["tables"]:
        answer(address, f"ledger/{name}", _size="1")
    newest = answer(address, "ledger/cycle_log", _sort_desc="cycle_id", _size="1")
    assert newest[0]["began_at"] == "2026-06-01T00:00:00.000Z", "what was just committed shows"
    page = urllib.request.urlopen(f"{address}/ledger", timeout=60).read().decode()  # noqa: S310 - our own server's
    assert "What moved that you did not move?" in page
    assert "Begin with the questions." in page
