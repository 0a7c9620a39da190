"""The lines of the house: which part may know which, read from the source itself."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "earnd"
MODULES = sorted(HOUSE.rglob("*.py"))
STEPS = {
    "earnd.acting",
    "earnd.cycle",
    "earnd.interest",
    "earnd.looking",
    "earnd.outcome",
    "earnd.probing",
    "earnd.rebuilding",
    "earnd.remembering",
    "earnd.rereading",
    "earnd.resending",
    "earnd.sending",
    "earnd.settle",
    "earnd.telling",
    "earnd.unwinding",
    "earnd.walleting",
}
PORTS = {"earnd.ports", "earnd.parts", "earnd.domain", "earnd.errors"}
WORLDLY = {
    "asyncio",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
LONGEST = 300


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    """`earnd.domain.money` for its file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The modules that a file imports, each with the name it takes from there, if any."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield from ((node.module or "", alias.name) for alias in node.names)


def is_within(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def is_ours(module: str) -> bool:
    return is_within(module, {"earnd"})


def is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def within(*parts: str) -> list[Path]:
    """The modules of some folders of the house."""
    return [path for path in MODULES if is_within(name_of(path), {f"earnd.{p}" for p in parts})]


def strangers(paths: list[Path], allowed: set[str]) -> list[str]:
    """What these modules import of the house beyond what they may."""
    return [
        f"{name_of(path)} imports {module}"
        for path in paths
        for module, name in imports(path)
        if is_ours(module)
        and not is_within(module, allowed)
        and not is_within(f"{module}.{name}", allowed)
    ]


def test_the_domain_knows_itself_and_the_quiet_part_of_the_standard_library() -> None:
    paths = within("domain")

    assert paths
    assert strangers(paths, {"earnd.domain"}) == []
    for path in paths:
        for module, _ in imports(path):
            assert is_ours(module) or is_standard(module), f"{path} imports {module}"
            assert not is_within(module, WORLDLY), f"{path} imports {module}"


def test_the_exchange_and_the_ledger_know_the_domain_the_ports_and_themselves() -> None:
    for part in ("exchange", "ledger"):
        own = {f"earnd.{part}", "earnd.domain", "earnd.errors", "earnd.ports"}
        if part == "ledger":
            # The migrations are a part of the ledger that lives in a folder of its own.
            own |= {"earnd.migrations"}
        assert within(part)
        assert strangers(within(part), own) == []


def test_the_sandbox_shares_nothing_with_what_it_is_there_to_test_but_money() -> None:
    assert within("sandbox")
    assert strangers(within("sandbox"), {"earnd.sandbox", "earnd.domain.money"}) == []


def test_exports_are_made_of_rows_and_know_neither_files_nor_the_ledger() -> None:
    paths = within("exporting")

    assert paths
    assert strangers(paths, {"earnd.exporting", "earnd.domain", "earnd.printable"}) == []
    for path in paths:
        for module, _ in imports(path):
            assert is_ours(module) or is_standard(module), f"{path} imports {module}"
            # A line of CSV is written into a text in memory.
            assert not is_within(module, WORLDLY - {"io"}), f"{path} imports {module}"


def test_the_simulation_decides_with_the_domain_and_lives_in_the_practice_books() -> None:
    """Nothing of the real exchange, the ledger or the cycle is in it."""
    known = {
        "earnd.simulation",
        "earnd.domain",
        "earnd.sandbox",
        "earnd.config.values",
        "earnd.errors",
        "earnd.printable",
    }
    paths = within("simulation")

    assert paths
    assert strangers(paths, known) == []
    for path in paths:
        if path.stem in {"plot", "ratesfile"}:
            # A file is read and a picture written there.
            continue
        for module, _ in imports(path):
            assert is_ours(module) or is_standard(module), f"{path} imports {module}"
            assert not is_within(module, WORLDLY), f"{path} imports {module}"


def test_the_steps_of_a_cycle_know_ports_domain_and_each_other() -> None:
    paths = [path for path in MODULES if name_of(path) in STEPS]

    assert len(paths) == len(STEPS)
    assert strangers(paths, PORTS | STEPS) == []
    for path in paths:
        for module, _ in imports(path):
            assert is_ours(module) or is_standard(module), f"{path} imports {module}"
            assert not is_within(module, WORLDLY), f"{path} imports {module}"


def test_the_core_never_looks_up_at_what_stands_on_it() -> None:
    parts = ("domain", "exchange", "ledger", "sandbox", "config", "simulation", "ports")
    below = within(*parts)
    above = {"earnd.cli", "earnd.service", "earnd.wiring", *STEPS}

    found = [
        f"{name_of(path)} imports {module}"
        for path in below
        for module, _ in imports(path)
        if is_within(module, above)
    ]
    assert found == []


def test_only_the_wiring_names_the_classes_that_fill_the_ports() -> None:
    concrete = {"earnd.exchange.bitmart", "earnd.ledger"}
    found = [
        f"{name_of(path)} names {name}"
        for path in MODULES
        if name_of(path) != "earnd.wiring" and not is_within(name_of(path), concrete)
        for module, name in imports(path)
        if is_within(module, concrete) and name[:1].isupper()
    ]

    assert found == []


def test_a_migration_is_a_dated_document_that_imports_nothing_of_ours() -> None:
    paths = sorted((ROOT / "migrations").rglob("*.py"))

    assert paths
    for path in paths:
        for module, _ in imports(path):
            known = is_standard(module) or is_within(module, {"alembic", "sqlalchemy"})
            assert known, f"{path} imports {module}"


NO_FLOATS = [path for path in within("domain", "ledger", "simulation") if path.stem != "plot"]


@pytest.mark.parametrize("path", NO_FLOATS, ids=name_of)
def test_no_float_comes_near_money(path: Path) -> None:
    """N1."""
    for node in ast.walk(tree_of(path)):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"{where}: a float literal"
        if isinstance(node, ast.Name):
            assert node.id != "float", f"{where}: float"


TIMELESS = within("domain", "ledger", "simulation", *(s[6:] for s in STEPS))


@pytest.mark.parametrize("path", TIMELESS, ids=name_of)
def test_time_is_passed_as_a_value(path: Path) -> None:
    """K7."""
    read_here = {"now", "utcnow", "today"}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            is_clock = node.value.id in {"datetime", "date"} and node.attr in read_here
            assert not is_clock, f"{path}:{node.lineno}: reads the clock"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_exception_from_the_checks_gives_its_reason(path: Path) -> None:
    excuse = re.compile(r"#\s*(noqa|type:\s*ignore)")
    reasoned = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])\s+(-|#)\s*\w+")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        assert not excuse.search(line) or reasoned.search(line), f"{path}:{number}: {line.strip()}"


def test_no_module_is_called_for_want_of_a_name() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert [path for path in MODULES if path.stem in nameless] == []
