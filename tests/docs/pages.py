"""The pages as data: their fenced blocks, and what of them can be tried.

A second word in a block's first line asks for a trial; GitHub does not show it:

    ```console test     commands after `$ `, run in order in one directory per page, each followed
                        by what it prints; one that fails is followed by `$ echo $?`
    ```console sandbox  the same, while the practice exchange is served and its keys are set
    ```sql test         run on the demo's ledger; a ```text block right after it is what
                        `sqlite3 -box` prints
    ```yaml test        a configuration that `earnd check` accepts

Numbers, times, hashes and blanks may differ, since every run draws its own; a line `...` stands for
any number of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.generated import DOCS, ROOT

PAGES = tuple(sorted(DOCS.glob("*.md")))
EVERY_PAGE = (ROOT / "README.md", ROOT / "systemd" / "README.md", *PAGES)

_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.:T-]\d+)*Z?")
_HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
_LINES = re.compile(r"[─═╌]+")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is where its text begins, `trial` the word that asks for one."""

    page: Path
    line: int
    language: str
    trial: str
    text: str
    printed: str | None = None

    @property
    def name(self) -> str:
        """Where it is, for a failing test."""
        return f"{self.page.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a session, and what it prints."""

    text: str
    prints: str


def blocks(page: Path) -> Iterator[Block]:
    """The page's blocks in order; an SQL block carries the text block that follows it."""
    text = page.read_text(encoding="utf-8")
    found = list(_FENCE.finditer(text))
    for number, match in enumerate(found):
        words = match[1].split()
        printed = None
        if number + 1 < len(found) and found[number + 1][1] == "text":
            between = text[match.end() : found[number + 1].start()]
            printed = found[number + 1][2] if not between.strip() else None
        yield Block(
            page,
            text.count("\n", 0, match.start()) + 2,
            words[0] if words else "",
            words[1] if words[1:] else "",
            match[2],
            printed,
        )


def tried(page: Path, language: str, trial: str = "test") -> list[Block]:
    """The blocks of one language that ask for this trial."""
    return [each for each in blocks(page) if (each.language, each.trial) == (language, trial)]


def commands(block: Block) -> Iterator[Command]:
    """A session as its commands; one goes on after a backslash, and up to the END of its text."""
    text, printed = "", list[str]()
    is_open, awaits_end = False, False
    for line in block.text.splitlines():
        if is_open or awaits_end:
            text += f"\n{line}"
            awaits_end = awaits_end and line != "END"
        elif line.startswith("$ "):
            if text:
                yield Command(text, "\n".join(printed))
            text, printed = line[2:], []
            awaits_end = "<<'END'" in line
        else:
            printed.append(line)
            continue
        is_open = line.endswith("\\") and not awaits_end
    if text:
        yield Command(text, "\n".join(printed))


def shape(text: str) -> list[str]:
    """The lines without what differs from run to run."""
    lines = (_LINES.sub("─", _NUMBER.sub("#", _HASH.sub("0", line))) for line in text.splitlines())
    return [" ".join(line.split()) for line in lines if line.strip()]


def fits(expected: str, printed: str) -> bool:
    """Whether the output has the shape that the page shows."""
    pattern = [".*" if line == "..." else re.escape(line) for line in shape(expected)]
    joined = "\n".join(pattern).replace(".*\n", "(?:.*\n)*").replace("\n.*", "(?:\n.*)*")
    return re.fullmatch(joined, "\n".join(shape(printed))) is not None


def links(page: Path) -> Iterator[str]:
    """Where the page's links lead, outside of its code."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def headings(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
