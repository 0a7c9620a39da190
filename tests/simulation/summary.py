"""What many seeds come to, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.seed import Report

_STATES = ("settled", "rejected", "dropped", "late", "needs_operator")


@dataclass(slots=True)
class Summary:
    """Adds reports up."""

    seeds: int = 0
    days: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    violations: dict[int, list[str]] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        """One more seed."""
        self.seeds += 1
        self.days += report.days
        self.cpu_s += report.cpu_s
        self.counts.update(report.counts)
        self.faults.update(report.faults)
        self.reasons.update(report.reasons)
        if report.violations:
            self.violations[report.seed] = report.violations

    def progress(self) -> str:
        """How far it is, in a few words."""
        speed = self.days / self.wall_s if self.wall_s else 0
        return f"{self.days} days, {speed:.0f} a second, {len(self.violations)} seeds failed"

    def document(self) -> dict[str, object]:
        """As it is written to a file."""
        counts = self.counts
        outcomes = {
            state: sum(counts[f"{verb} entered {state}"] for verb in ("subscribe", "redeem"))
            for state in _STATES
        }
        return {
            "seeds": self.seeds,
            "days": self.days,
            "cycles": counts["cycles"],
            "lives": counts["lives"],
            "kills": counts["kills"],
            "restores": counts["restores"],
            "configuration_changes": counts["configuration changes"],
            "clock_steps": counts["clock steps"],
            "second_processes": counts["second processes"],
            "deeds_of_others": counts["deeds"],
            "late_deliveries": counts["late deliveries"],
            "sends": counts["sent"],
            "re_sends": counts["re-sent"],
            "faults": dict(sorted(self.faults.items())),
            "answers": _starting(counts, "answer "),
            "cycle_outcomes": _starting(counts, "cycle "),
            "outcomes": outcomes,
            "resolved_by_a_person": counts["resolved by a person"],
            "needs_operator_at_rest": counts["needs_operator at rest"],
            "needs_operator": dict(self.reasons.most_common()),
            "tolerated": _starting(counts, "tolerated: "),
            "violations": {str(seed): found for seed, found in self.violations.items()},
            "wall_s": round(self.wall_s, 1),
            "cpu_s": round(self.cpu_s, 1),
        }

    def told(self) -> str:
        """For people."""
        took = f"{self.wall_s:.0f} s, {self.cpu_s:.0f} s of work"
        lines = [f"{self.seeds} seeds, {self.progress()}, {took}"]
        lines += [f"{count:9} {name}" for name, count in sorted(self.counts.items())]
        lines += [f"{count:9} fault {name}" for name, count in sorted(self.faults.items())]
        lines += [f"{count:9} asked: {name}" for name, count in self.reasons.most_common()]
        return "\n".join(lines)


def _starting(counts: Counter[str], word: str) -> dict[str, int]:
    return {
        name.removeprefix(word): count
        for name, count in sorted(counts.items())
        if name.startswith(word)
    }
