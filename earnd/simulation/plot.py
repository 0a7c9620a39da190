"""A simulation as a picture: what was paid, where the money was, what it had earned.

The only place where amounts become floats: they are for the eye, and nothing is reckoned with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final
from warnings import catch_warnings, filterwarnings

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from earnd.domain.money import ZERO
from earnd.printable import printable
from earnd.simulation.history import EPOCH, Change
from earnd.simulation.running import Sample, Simulation

COLOURS: Final = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#999933",
    "#882255",
    "#332288",
    "#777777",
)
"""Ten for the products that people who see few colours can tell apart; runs are in greys."""

RUNS: Final = (
    ("black", "solid", 2.0),
    ("0.45", "solid", 1.2),
    ("0.45", "dashed", 1.2),
    ("0.45", "dotted", 1.5),
)
"""The colour, dashes and width of each run's line, earnd's own first."""

MOST_POINTS: Final = 1500
IN_VIEW: Final = Decimal("0.99")
"""The part of the time whose rates must be in view; a spike above may be cut."""


def draw(result: Simulation, path: Path) -> None:
    """Writes the picture, PNG or SVG by its name; the same simulation gives the same file.

    Raises `OSError` where it cannot be written.
    """
    scene = result.scene
    with (
        catch_warnings(),
        rc_context({"svg.hashsalt": "earnd", "font.size": 9, "date.converter": "concise"}),
    ):
        # A letter that the font lacks is drawn as a box, and is no reason for a warning.
        filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=(11, 9), layout="constrained")
        rates, holdings, earned = figure.subplots(3, 1, sharex=True)
        _draw_rates(result, rates)
        _draw_holdings(result, holdings)
        _draw_earned(result, earned)
        for axes in (rates, holdings, earned):
            axes.grid(visible=True, alpha=0.25)
            axes.margins(x=0)
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        earned.xaxis_date()
        figure.suptitle(
            f"{scene.money:f} {scene.coin}, {scene.begins:%Y-%m-%d} to {scene.ends:%Y-%m-%d}"
        )
        if path.suffix == ".svg":
            figure.savefig(path, metadata={"Date": None})
        else:
            figure.savefig(path, dpi=130)


def _draw_rates(result: Simulation, axes: Axes) -> None:
    scene = result.scene
    spans: list[tuple[Decimal, Decimal]] = []
    for place, (product_id, name) in enumerate(scene.history.names.items()):
        steps = _steps(result, scene.history.of_product(product_id))
        times = [_on_the_axis(at) for at, _ in steps]
        shown = [_for_the_eye(rate * 100) for _, rate in steps]
        axes.step(
            times, shown, where="post", color=_colour(place), label=_as_label(name), linewidth=1.2
        )
        spans += [
            (rate, Decimal((end - at).total_seconds())) for (at, rate), (end, _) in pairwise(steps)
        ]
    most = max((rate for rate, _ in spans), default=ZERO)
    top = _quantile(spans) * Decimal("1.3")
    title = "rate, % a year (of the best tier)"
    if ZERO < top < most:
        axes.set_ylim(0, _for_the_eye(top * 100))
        title += f"; the highest, {most * 100:.1f} %, is cut off"
    else:
        axes.set_ylim(bottom=0)
    axes.set_title(title, loc="left")


def _steps(result: Simulation, changes: Iterable[Change]) -> list[tuple[datetime, Decimal]]:
    """The best rate of a product from each moment on, within the period, to its end."""
    scene = result.scene
    steps: list[tuple[datetime, Decimal]] = []
    for change in changes:
        if change.at >= scene.ends:
            break
        terms = change.terms
        rate = max([tier.apy for tier in terms.tiers], default=terms.rate) + terms.additional
        if steps and (change.at <= scene.begins or steps[-1][1] == rate):
            if change.at <= scene.begins:
                steps[-1] = (scene.begins, rate)
            continue
        steps.append((max(change.at, scene.begins), rate))
    return [*steps, (scene.ends, steps[-1][1])] if steps else []


def _quantile(spans: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """The rate that is not exceeded in `IN_VIEW` of the time."""
    left = sum((length for _, length in spans), ZERO) * IN_VIEW
    for rate, length in sorted(spans):
        left -= length
        if left <= 0:
            return rate
    return ZERO


def _draw_holdings(result: Simulation, axes: Axes) -> None:
    scene, samples = result.scene, _where_it_changes(result.own.samples)
    times = [_on_the_axis(sample.at) for sample in samples]
    below = [ZERO] * len(samples)
    for place, (product_id, name) in enumerate(scene.history.names.items()):
        held = [sample.held.get(product_id, ZERO) for sample in samples]
        above = [low + amount for low, amount in zip(below, held, strict=True)]
        if any(held):
            axes.fill_between(
                times,
                [_for_the_eye(amount) for amount in below],
                [_for_the_eye(amount) for amount in above],
                step="post",
                color=_colour(place),
                alpha=0.8,
                linewidth=0,
                label=_as_label(name),
            )
        below = above
    axes.set_ylim(0, _for_the_eye(scene.money * Decimal("1.02")))
    axes.set_title(f"held by earnd, {scene.coin}", loc="left")


def _where_it_changes(samples: Sequence[Sample]) -> list[Sample]:
    """The first and the last sample, and each that differs from the one before."""
    return [
        sample
        for place, sample in enumerate(samples)
        if place in {0, len(samples) - 1} or sample.held != samples[place - 1].held
    ]


def _draw_earned(result: Simulation, axes: Axes) -> None:
    runs = [run for run in result.runs if run.samples]
    for run, (colour, dashes, width) in zip(runs, RUNS, strict=True):
        every = max(1, len(run.samples) // MOST_POINTS)
        points = [*run.samples[:-1:every], run.samples[-1]]
        axes.plot(
            [_on_the_axis(sample.at) for sample in points],
            [_for_the_eye(sample.earned) for sample in points],
            color=colour,
            linestyle=dashes,
            linewidth=width,
            label=run.name,
            zorder=3 if run is result.own else 2,
        )
    axes.axhline(
        _for_the_eye(result.best.earned),
        color="#d55e00",
        linestyle="dashed",
        linewidth=1,
        label=f"{result.best.name}, in the end",
    )
    axes.set_ylim(bottom=0)
    axes.set_title(f"earned, {result.scene.coin}", loc="left")


def _as_label(name: str) -> str:
    """A name as it is: no formula, and not hidden for how it begins."""
    text = printable(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _for_the_eye(value: Decimal) -> float:
    return float(value)


def _on_the_axis(moment: datetime) -> float:
    """Days since 1970, as matplotlib counts them."""
    return (moment - EPOCH) / timedelta(days=1)
