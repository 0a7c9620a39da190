"""The parts of the documents that are made from the code, so that they cannot drift from it.

`python tests/docs/generated.py --write` puts them between their markers; the tests compare.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from earnd.config.coin import CoinSection
from earnd.config.kinds import Shown, Written
from earnd.config.model import Config
from earnd.config.section import KeysType, shapes
from earnd.domain.action import OPEN_STATES, TRANSITIONS, State

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def keys_table(keys: KeysType) -> str:
    """Every key with its default and its meaning, in the order of the model."""
    lines = ["| key | default | meaning |", "|---|---|---|"]
    # A bare < would begin a tag that is never shown.
    lines += [
        f"| `{key}` | {default} | {what.replace('<', '&lt;')} |"
        for key, default, what in key_rows(keys)
    ]
    return "\n".join(lines)


def key_rows(keys: KeysType, above: str = "") -> Iterator[tuple[str, str, str]]:
    """The dotted name, the default as written in the file, and the description of each key."""
    defaults = keys()
    for name, field, shape in shapes(keys):
        if isinstance(shape, Written):
            default = _written(shape.show(getattr(defaults, name)))
            yield f"{above}{name}", default, field.description or ""
        elif isinstance(shape, tuple):
            yield f"{above}{name}", "none", field.description or ""
        else:
            yield from key_rows(shape, f"{above}{name}.")


def _written(value: Shown) -> str:
    match value:
        case None:
            return "`null`"
        case bool():
            return f"`{str(value).lower()}`"
        case list():
            return f"`[{', '.join(map(str, value))}]`"
        case _:
            return f"`{value}`"


def state_diagram() -> str:
    """The life of an action; states that keep the coin busy are drawn with a double border."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.PLANNED.value}"]
    for before, after in TRANSITIONS.items():
        lines += [f"    {before.value} --> {to.value}" for to in sorted(after)]
        if not after:
            lines.append(f"    {before.value} --> [*]")
    busy = ",".join(state.value for state in State if state in OPEN_STATES)
    lines += ["    classDef open stroke-width:3px", f"    class {busy} open", "```"]
    return "\n".join(lines)


def steps_table() -> str:
    """The same for those who read plain text."""
    lines = ["| from | to |", "|---|---|"]
    for before, after in TRANSITIONS.items():
        goes = ", ".join(f"`{to.value}`" for to in State if to in after)
        lines.append(f"| `{before.value}` | {goes or 'nothing: it is over'} |")
    return "\n".join(lines)


def figures_table() -> str:
    """What `python -m tests.figures` measured last."""
    from tests.figures import FIGURES, table  # noqa: PLC0415 - as a script, we are no package yet

    return table(json.loads(FIGURES.read_text(encoding="utf-8")))


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "keys of Config": ("configuration.md", lambda: keys_table(Config)),
    "keys of CoinSection": ("configuration.md", lambda: keys_table(CoinSection)),
    "the life of an action": ("ledger.md", state_diagram),
    "the steps of an action": ("ledger.md", steps_table),
    "figures": ("exactly-once.md", figures_table),
}


def between_markers(name: str) -> re.Pattern[str]:
    """What stands between the two comments that carry this name."""
    return re.compile(
        rf"(<!-- {re.escape(name)}: begin [^\n]*-->\n)(.*?)(<!-- {re.escape(name)}: end -->)",
        re.DOTALL,
    )


def write() -> None:
    """Puts every part into its page."""
    for name, (page, make) in PARTS.items():
        path = DOCS / page
        text = path.read_text(encoding="utf-8")
        found = between_markers(name).search(text)
        if found is None:
            raise SystemExit(f"{path} has no place for {name!r}")
        path.write_text(
            f"{text[: found.end(1)]}{make()}\n{text[found.start(3) :]}", encoding="utf-8"
        )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python tests/docs/generated.py --write")
    sys.path.insert(0, str(ROOT))
    write()
