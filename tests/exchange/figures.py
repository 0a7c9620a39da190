"""How many cases the wire's tests have, by family: `python -m tests.exchange.figures --json FILE`.

Counted from what the tests are made of, so that the figures cannot say more than the tests do.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.exchange import (
    test_hostile_environment,
    test_malicious_replies,
    test_totality,
    test_truncation,
    test_wire_log,
    test_wrong_reply,
)
from tests.exchange.replies import MONEY, NAMES, READS, endpoint_of


def figures() -> dict[str, int]:
    """Cases by family; each number is one reply, one sending or one run of a process."""
    cut = {name: sum(_needed(name)) for name in NAMES}
    kinds = [*test_wire_log.EVERY_KIND, *test_wire_log.TURNED_ROUND]
    return {
        "money replies cut on the line": sum(
            count for name, count in cut.items() if endpoint_of(name) in MONEY
        ),
        "looks cut on the line": sum(count for name, count in cut.items() if name in READS),
        "codes with a status": test_totality.HIGHEST_CODE * (len(test_totality.STATUSES) + 1),
        "documented codes with each status": len(test_totality.DOCUMENTED) * 500,
        "damaged replies": test_totality.MANY * test_totality.SEEDS + test_totality.FEW,
        "nearly right replies": test_totality.MANY_PARTS + test_totality.FEW_PARTS,
        "replies to another request": len(test_wrong_reply.READ_PAIRS)
        + len(test_wrong_reply.MONEY_PAIRS),
        "numbers that are none": len(test_malicious_replies.NOT_AMOUNTS)
        * len(test_malicious_replies.PLACES),
        "hostile variables": len(test_hostile_environment.MATRIX),
        "lives under a fault, wire against ledger": len(kinds)
        + len(test_wire_log.MORE)
        + len(test_wire_log.QUICK),
        "lives with a documented code, wire against ledger": len(test_wire_log.EVERY_CODE),
    }


def _needed(name: str) -> list[int]:
    return [test_truncation.on_the_wire(name, framing)[1] for framing in test_truncation.FRAMINGS]


def main() -> int:
    """Says the figures, or writes them where it is told."""
    parser = argparse.ArgumentParser(prog="python -m tests.exchange.figures")
    parser.add_argument("--json", type=Path, metavar="FILE")
    where: Path | None = parser.parse_args().json
    found = figures()
    text = json.dumps({"families": found, "cases": sum(found.values())}, indent=2)
    if where is None:
        sys.stdout.write(f"{text}\n")
    else:
        where.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
