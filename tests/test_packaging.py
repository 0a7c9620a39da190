"""What a newcomer does: a clean clone, a fresh environment, the README's first command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_readmes_first_command_works_from_a_clean_clone(tmp_path: Path) -> None:
    clone = tmp_path / "earnd"
    if (ROOT / ".git").exists() and shutil.which("git"):
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)  # noqa: S607 - the PATH's git
    else:
        shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".venv", "*.egg-info"))
    readme = (clone / "README.md").read_text()
    block = re.search(r"<!-- demo -->\n```sh\n(.+?)\n```", readme, re.DOTALL)
    assert block is not None
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EARND_", "VIRTUAL_ENV", "PYTHON"))
    }
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.group(1)],  # noqa: S607 - the PATH's bash
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "audits over the ledger: 0 findings" in done.stdout
    assert (clone / "earnd-demo" / "ledger.db").exists()

    earnd = clone / ".venv" / "bin" / "earnd"
    audit = subprocess.run(
        [earnd, "audit", "--ledger", "earnd-demo/ledger.db"],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout
    tree = subprocess.run(
        [
            clone / ".venv" / "bin" / "python",
            "-c",
            "import earnd.migrations as m; print(m.__file__)",
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "site-packages" in tree.stdout, "the migrations ship in the wheel"
