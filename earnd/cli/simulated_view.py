"""How a simulation looks: tables and a sentence for people, the same facts for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from earnd.cli.reasons import sentence
from earnd.cli.show import print_json, say
from earnd.config.values import show_duration
from earnd.domain.money import Rate, floor_to, minus, plain
from earnd.domain.reason import Reason
from earnd.simulation.running import Run, Simulation, rate_of
from earnd.simulation.tally import ON_THE_WAY

Row = Sequence[str]

CAUSES: Final[Mapping[str, str]] = {
    ON_THE_WAY: "on its way, or put in and not earning yet",
    Reason.KEPT_AS_RESERVE: "the reserve, or what a refill fills up to",
    Reason.KEPT_FOR_NEED: "kept for a need",
}
"""Causes of idle money that are not quite the sentence of a single decision."""


def print_facts(result: Simulation) -> None:
    """For programs: amounts, rates and shares as text, rates and shares as fractions."""
    scene = result.scene
    print_json(
        {
            "coin": scene.coin,
            "money": plain(scene.money),
            "from": _moment(scene.begins),
            "until": _moment(scene.ends),
            "every": show_duration(scene.every),
            "transit": show_duration(scene.transit),
            "runs": [_run_facts(result, run) for run in result.runs],
            "idle_cost": {reason: plain(cost) for reason, cost in result.own.idle_cost.items()},
            "products": [
                {
                    "product_id": earner.product_id,
                    "name": scene.history.names[earner.product_id],
                    "earned": plain(earner.earned),
                    "average_held": plain(earner.average),
                    "yield": plain(rate_of(earner.earned, earner.average, scene.hours)),
                }
                for earner in result.own.earners
            ],
        }
    )


def _run_facts(result: Simulation, run: Run) -> dict[str, Any]:
    share = result.share(run)
    return {
        "run": run.name,
        "earned": plain(run.earned),
        "yield": plain(result.yearly(run)),
        "of_the_best": None if share is None else plain(share),
        "subscribes": run.subscribes,
        "redeems": run.redeems,
        "rotations": run.rotations,
        "refused": run.refusals,
    }


def print_words(result: Simulation) -> None:
    """For people."""
    scene = result.scene
    say(
        f"{plain(scene.money)} {scene.coin} from {_moment(scene.begins)} to {_moment(scene.ends)}, "
        f"a cycle every {show_duration(scene.every)}, moving costs {show_duration(scene.transit)}"
    )
    _table(
        ("run", "earned", "yield", "of the best", "subscribes", "redeems"),
        [
            (
                run.name,
                _coins(result, run.earned),
                _percent(result.yearly(run), 4),
                _percent(result.share(run), 2),
                str(run.subscribes),
                str(run.redeems),
            )
            for run in result.runs
        ],
    )
    _table(
        ("product", "earned", "held on average", "yield on that"),
        [
            (
                _product(result, earner.product_id),
                _coins(result, earner.earned),
                _coins(result, earner.average),
                _percent(rate_of(earner.earned, earner.average, scene.hours), 4),
            )
            for earner in result.own.earners
        ],
    )
    _table(
        ("what idle money cost", "", "why"),
        [
            (reason, _coins(result, cost), _why(reason))
            for reason, cost in result.own.idle_cost.items()
        ],
    )
    say("", *_comparison(result))


def _comparison(result: Simulation) -> list[str]:
    """What to make of it, in a sentence or two."""
    own, coin = result.own, result.scene.coin
    share = result.share(own)
    if share is None:
        return ["nothing could have been earned in this time, whoever had known all rates"]
    missed = _coins(result, minus(result.best.earned, own.earned))
    said = f"{own.name} earned {_percent(share, 2)} of the most that could have been earned"
    lines = [f"{said}; not knowing the future cost {missed} {coin}"]
    rival = max(result.runs[2:], key=lambda run: run.earned)
    lead = minus(own.earned, rival.earned)
    if lead == 0:
        lines.append(f"as much as the best of the others, {rival.name}")
    else:
        than = "more" if lead > 0 else "less"
        amount = _coins(result, abs(lead))
        lines.append(f"that is {amount} {coin} {than} than the best of the others, {rival.name}")
    if own.refusals:
        lines.append(f"the exchange refused {own.refusals} of its requests")
    return lines


def _table(header: Row, rows: Sequence[Row]) -> None:
    """Columns with their numbers to the right; nothing where there are no rows."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    is_text = [not any(row[at][:1].isdigit() for row in rows) for at in range(len(header))]
    is_text[0] = True
    say(
        "",
        *(
            "  ".join(
                cell.ljust(width) if text else cell.rjust(width)
                for cell, width, text in zip(row, widths, is_text, strict=True)
            ).rstrip()
            for row in (header, *rows)
        ),
    )


def _coins(result: Simulation, amount: Decimal) -> str:
    return format(floor_to(amount, min(result.scene.strategy.precision, 8)), "f")


def _percent(fraction: Decimal | None, places: int) -> str:
    return "" if fraction is None else str(Rate(floor_to(fraction, places + 2)))


def _product(result: Simulation, product_id: str) -> str:
    name = result.scene.history.names[product_id]
    return name if name == product_id else f"{product_id} ({name})"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _why(reason: str) -> str:
    """A cause in words, without numbers: it stands for many decisions."""
    return CAUSES.get(reason) or sentence(reason, {})
