"""The figures of the validation: coverage by method and setting, and the power curve."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.reporting import words
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.validation.sentences import GOAL_HIGH, GOAL_LOW
from attraktiv_eval.reporting.validation.written import word
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.validation import Validation

__all__ = ["DRAWINGS"]

MARKS = {"equal_noise": "o", "own_noise": "s", "regional_shock": "^"}
DASHES = ("-", "--", ":", "-.", (0, (8, 3)))


def coverage(v: Validation) -> Figure:
    """Draw the coverage of each method's main interval in the three settings, and the goal."""
    rows = v.rows("coverage")
    rows = rows[rows["interval"].isin(["placebo", "forecast"])]
    methods = list(dict.fromkeys(rows["method"]))[::-1]
    figure, (axes,) = style.new(110 + 22 * len(methods))
    axes.axvspan(100 * GOAL_LOW, 100 * GOAL_HIGH, color=style.GRID, linewidth=0)
    for setting, mark in MARKS.items():
        own = rows[rows["setting"] == setting]
        axes.plot(
            100 * own["coverage"],
            [methods.index(method) for method in own["method"]],
            mark,
            color=style.OTHER if setting == "regional_shock" else style.COUNTY,
            markerfacecolor=style.SURFACE if setting == "own_noise" else None,
            label=word("setting", setting, v.language),
        )
    axes.set_yticks(range(len(methods)), [method_name(method, v.language) for method in methods])
    axes.set_xlabel("%")
    axes.set_ylim(-0.6, len(methods) - 0.4)
    figure.legend(loc="upper center", ncols=1, frameon=False, fontsize=10.5)
    style.clean(axes, grid="x")
    height = 110 + 22 * len(methods)
    figure.subplots_adjust(left=0.5, right=0.97, top=1 - 62 / height, bottom=36 / height)
    return figure


def power(v: Validation) -> Figure:
    """Draw the share in which each effect is found, by outcome; the first's pace and four in five marked."""
    _ = translator(v.language)
    rows = v.rows("power")
    outcomes = list(dict.fromkeys(rows["outcome"]))
    legend = 12 + 16 * len(outcomes)
    height = 220 + legend
    figure, (axes,) = style.new(height)
    for dash, outcome in zip(cycle(DASHES), outcomes, strict=False):
        own = rows[rows["outcome"] == outcome]
        first = outcome == v.county.plan.primary_outcome
        axes.plot(
            own["households"],
            100 * own["power"],
            linestyle=dash,
            color=style.COUNTY if first else style.OTHER,
            label=words.word("outcome", outcome, v.language),
        )
    axes.axhline(80, color=style.SOFT, linewidth=0.8)
    axes.axvline(v.paces[v.county.plan.primary_outcome], color=style.INK, linewidth=0.8)
    axes.set_xlabel(_("Households over the years compared"))
    axes.set_ylabel("%")
    axes.set_ylim(0, 102)
    figure.legend(loc="upper center", ncols=1, frameon=False, fontsize=9.2, handlelength=3)
    style.clean(axes)
    figure.subplots_adjust(left=0.13, right=0.97, top=1 - legend / height, bottom=42 / height)
    return figure


DRAWINGS: dict[str, Callable[[Validation], Figure]] = {"coverage": coverage, "power": power}
