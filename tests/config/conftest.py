from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from earnd.config.load import load
from earnd.config.model import Config
from earnd.errors import ConfigError

Write: TypeAlias = Callable[[str], Path]
Loads: TypeAlias = Callable[[str], Config]
Complains: TypeAlias = Callable[[str], list[str]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Puts a text into `config.yaml` of the current directory, an empty one."""
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        path = Path("config.yaml")
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def loads(write: Write) -> Loads:
    """The configuration that a text means."""
    return lambda text: load(write(text)).config


@pytest.fixture
def complains(write: Write) -> Complains:
    """Everything that is wrong with a text, one line each."""

    def complains(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(write(text))
        assert "pydantic" not in str(caught.value)
        assert "Input should" not in str(caught.value)
        return list(caught.value.problems)

    return complains
