"""What must not stand in the source, because somewhere it has cost somebody money."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "earnd").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")])

Ban = Callable[[ast.AST], bool]


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """All there is in the source, each with the file it is in."""
    return [
        (path, node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


def name_of(node: ast.AST) -> str:
    """`yaml.load` for the call or the attribute that says so."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{name_of(node.value)}.{node.attr}"
        case ast.Call():
            return name_of(node.func)
        case _:
            return ""


def imported(node: ast.AST) -> set[str]:
    """The modules, and the names from modules, that a statement brings in."""
    match node:
        case ast.Import():
            return {alias.name for alias in node.names}
        case ast.ImportFrom():
            return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        case _:
            return set()


def runs_what_it_reads(node: ast.AST) -> bool:
    """A way by which bytes from outside become a program."""
    modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "subprocess", "pty"}
    calls = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
    loads = {"yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "yaml.Loader"}
    return bool(imported(node) & modules) or (
        isinstance(node, ast.Call | ast.Attribute) and name_of(node) in calls | loads
    )


def forks(node: ast.AST) -> bool:
    """A second process that inherits the connection to the ledger, and with it its locks."""
    calls = {"os.fork", "os.forkpty", "os.posix_spawn", "os.spawnv"}
    return bool(imported(node) & {"multiprocessing", "concurrent.futures.ProcessPoolExecutor"}) or (
        isinstance(node, ast.Call) and name_of(node) in calls
    )


def is_another_sqlite(node: ast.AST) -> bool:
    """A second copy of SQLite in the process: neither knows of the other's locks."""
    return bool(imported(node) & {"pysqlite3", "apsw", "sqlcipher3", "aiosqlite", "libsql"})


def is_an_assertion(node: ast.AST) -> bool:
    """A check that `python -O` leaves out."""
    return isinstance(node, ast.Assert)


def adds_money_in_sql(node: ast.AST) -> bool:
    """SQLite makes a float of a sum over text; whole numbers it adds exactly, and checks."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    added = re.findall(r"\b(?:sum|total|avg)\s*\((.*)", node.value, re.IGNORECASE)
    statement = re.search(r"\b(?:SELECT|CREATE VIEW)\b", node.value)
    return statement is not None and any("AS INTEGER" not in inner for inner in added)


def reads_the_time_of_here(node: ast.AST) -> bool:
    """A time without a zone, or in the zone of the machine."""
    calls = {
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "datetime.utcfromtimestamp",
        "time.localtime",
        "time.mktime",
    }
    if not isinstance(node, ast.Call) or name_of(node) not in calls | {
        "datetime.now",
        "datetime.fromtimestamp",
    }:
        return False
    needed = 2 if name_of(node) == "datetime.fromtimestamp" else 1
    given = len(node.args) + len(node.keywords)
    return name_of(node) in calls or given < needed


BANS: dict[str, tuple[Ban, str]] = {
    "running what was read": (runs_what_it_reads, "import pickle"),
    "a call of a shell": (runs_what_it_reads, "os.system('ls')"),
    "yaml that makes objects": (runs_what_it_reads, "yaml.load(text)"),
    "evaluating": (runs_what_it_reads, "eval(text)"),
    "a fork": (forks, "os.fork()"),
    "a pool of processes": (forks, "from concurrent.futures import ProcessPoolExecutor"),
    "another SQLite": (is_another_sqlite, "import pysqlite3"),
    "an assertion": (is_an_assertion, "assert amount > 0"),
    "a sum of money in SQL": (adds_money_in_sql, "'SELECT sum(amount) FROM movement'"),
    "local time": (reads_the_time_of_here, "datetime.now()"),
    "local time of a stamp": (reads_the_time_of_here, "datetime.fromtimestamp(at)"),
}


@pytest.mark.parametrize("named", BANS)
def test_what_is_banned_stands_nowhere(named: str) -> None:
    """C12, E13, K7, L26, L27, N10: and each ban finds what it is there to find."""
    banned, offence = BANS[named]
    assert any(map(banned, ast.walk(ast.parse(offence)))), "the ban itself"
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path, node in nodes()
        if banned(node)
    ]
    assert found == []


def broad_handlers(source: str) -> Iterator[tuple[int, bool]]:
    """The line of each `except` that takes everything, and whether it raises something again."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = {"", "Exception", "BaseException"}
        if node.type is None or name_of(node.type) in broad - {""}:
            yield node.lineno, any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def test_nothing_is_swallowed_without_saying_why() -> None:
    """C11: whatever takes every exception raises it again, or says on its line why not."""
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for number, raises_again in broad_handlers(source):
            excused = re.search(r"# noqa: BLE001 - \w+", lines[number - 1])
            assert raises_again or excused, f"{path}:{number}"


def test_the_search_for_what_swallows_finds_it() -> None:
    assert list(broad_handlers("try: f()\nexcept Exception: pass")) == [(2, False)]
    assert list(broad_handlers("try: f()\nexcept: raise")) == [(2, True)]
    assert list(broad_handlers("try: f()\nexcept OSError: pass")) == []


def test_the_file_of_the_ledger_is_opened_by_sqlite_only() -> None:
    """L15: to close any other descriptor of it would drop the locks that SQLite holds."""
    opening = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "copy", "copyfile"}
    calls = [
        f"{path.stem}.{name}"
        for path in sorted((ROOT / "earnd" / "ledger").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and (name := name_of(node)).rpartition(".")[2] in opening
    ]
    # The anchor and the lock, which are other files; a file that does not exist yet, and the folder
    # (to sync it).
    assert calls == [
        "anchors.os.open",
        "anchors.beside.open",
        "files.os.open",
        "files.os.open",
        "lock.os.open",
    ]


def test_only_the_practice_exchange_listens() -> None:
    """E12."""
    listens = {"http.server", "socketserver", "asyncio", "wsgiref", "xmlrpc.server"}
    for path, node in nodes():
        listening = isinstance(node, ast.Call) and name_of(node).endswith((".listen", ".bind"))
        assert "sandbox" in path.parts or not (listening or imported(node) & listens), path
