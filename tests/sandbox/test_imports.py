"""The sandbox must not share code with the client that it is there to test."""

from __future__ import annotations

import ast
from pathlib import Path

import earnd.sandbox

ALLOWED = ("earnd.sandbox", "earnd.domain.money")


def test_the_sandbox_imports_nothing_of_earnd_but_how_amounts_are_written() -> None:
    for path in Path(earnd.sandbox.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules = [node.module or ""]
            for module in modules:
                assert not module.startswith("earnd") or module.startswith(ALLOWED), (path, module)
