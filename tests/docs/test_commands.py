"""What the pages tell people to type, typed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from earnd.config.load import load
from earnd.sandbox import RealClock, practice_world, serve
from tests.docs.conftest import PRACTICE_KEYS, Place
from tests.docs.pages import PAGES, Block, commands, fits, shape, tried

pytestmark = pytest.mark.slow

NEEDS_SHELL = pytest.mark.skipif(
    shutil.which("sqlite3") is None or shutil.which("bash") is None,
    reason="the pages use bash and the sqlite3 shell",
)

HOME = "/home/you"
"""How the pages write the directory that a session runs in."""


def with_sessions(trial: str) -> list[Path]:
    return [page for page in PAGES if tried(page, "console", trial)]


def run_session(
    blocks: list[Block], directory: Path, environment: Mapping[str, str], port: int = 8080
) -> None:
    """Runs every command of a page in order; each must print what the page shows."""
    last = 0
    for block in blocks:
        session = list(commands(block))
        for number, command in enumerate(session):
            text = command.text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
            done = subprocess.run(
                ["bash", "-c", f"(exit {last})\n{text}"],  # noqa: S607 - whichever bash there is
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=False,
            )
            where = f"{block.name}: {command.text}"
            is_asked = number + 1 < len(session) and session[number + 1].text == "echo $?"
            assert done.returncode == 0 or is_asked, f"{where}\n{done.stdout}"
            printed = done.stdout.replace(str(directory), HOME)
            assert fits(command.prints, printed), (where, shape(printed), shape(command.prints))
            last = done.returncode


@NEEDS_SHELL
@pytest.mark.parametrize("page", with_sessions("test"), ids=lambda page: page.name)
def test_every_session_of_a_page_prints_what_the_page_shows(page: Path, place: Place) -> None:
    run_session(tried(page, "console"), place.directory, place.environment)


@pytest.fixture
def practice_port() -> Iterator[int]:
    with serve(practice_world(RealClock())) as server:
        yield server.port


@NEEDS_SHELL
@pytest.mark.parametrize("page", with_sessions("sandbox"), ids=lambda page: page.name)
def test_every_session_with_the_practice_exchange_prints_what_the_page_shows(
    page: Path, tmp_path: Path, environment: Mapping[str, str], practice_port: int
) -> None:
    keyed = {**environment, **PRACTICE_KEYS}
    run_session(tried(page, "console", "sandbox"), tmp_path, keyed, port=practice_port)


@pytest.mark.parametrize(
    "block", [each for page in PAGES for each in tried(page, "yaml")], ids=lambda each: each.name
)
def test_every_example_of_a_configuration_is_right(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(block.text)
    load(path)


def test_the_commands_are_those_of_this_installation(environment: Mapping[str, str]) -> None:
    found = shutil.which("earnd", path=environment["PATH"])
    assert found is not None
    assert Path(found).parent == Path(sys.executable).parent
