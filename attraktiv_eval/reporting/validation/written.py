"""The tables of the validation in words: cells, headings and captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.findings import Verdict, verdict_short
from attraktiv_eval.regions import POOLS
from attraktiv_eval.reporting import words
from attraktiv_eval.texts import number, percent, translator

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["caption", "cell", "heading", "written"]

SHARES = {"coverage", "rejection", "standard_error", "power", "power_at_pace", "share", "wins"}
WORTH = {"wrong", "goal", "changed"}
DECIMALS = {
    "published": 3,
    "ours": 3,
    "difference": 3,
    "tolerance": 4,
    "weight_sum": 6,
    "half_width": 2,
    "mean_half_width": 2,
    "detectable": 2,
    "exaggeration": 1,
    "smallest_exaggeration": 1,
    "exaggeration_at_pace": 1,
    "smallest_p": 3,
    "p_value": 3,
    "confidence_set": 3,
    "error": 3,
    "excess": 3,
}
SIGNED = {"effect_persons", "pseudo_persons", "a_year", "without", "difference"}
AS_IT_IS = {"region_name", "event", "check", "result", "years", "size", "expected_sign"}
SHOWN: dict[str, list[str]] = {
    "power": ["outcome", "households", "power", "exaggeration"],
    "sight": [
        "outcome",
        "years",
        "method",
        "pool",
        "n",
        "detectable_persons",
        "detectable_households",
        "pace",
        "power_at_pace",
        "exaggeration_at_pace",
    ],
    "pseudo": ["outcome", "years", "method", "pool", "effect_persons", "pseudo_persons", "primary"],
    "municipalities": ["region_name", "effect_persons", "low", "high", "p_value", "told_apart"],
    "coverage": ["setting", "method", "interval", "draws", "coverage", "rejection", "half_width"],
}


def caption(id: str, language: str) -> str:
    """Return the caption of a table."""
    _ = translator(language)
    return {
        "published": _("California’s Proposition 99: published numbers beside ours"),
        "optimality": _("Optimality residual of every convex solve for the county"),
        "coverage": _("How often the 90 per cent intervals held the truth on simulated panels"),
        "scales": _(
            "Two scales raced: intervals and what they can see, on simulated panels and real counties"
        ),
        "power": _("Share of comparison regions in which an effect of so many households would be found"),
        "sight": _("What the primary specification of each outcome can see"),
        "pseudo": _("The estimate, and what the same method finds in the years before the project"),
        "covid": _("The estimate a year, with and without 2020–2021"),
        "plan": _("The equivalence set: specifications as good as the primary one"),
        "municipalities": _("The municipalities one by one"),
        "rivals": _("Rival explanations and their checks"),
        "verdicts": _("How often each sentence of level 3 is printed on real cases without a project"),
    }[id]


def heading(column: str, language: str) -> str:
    """Return the heading of a column; those of the reports where there is none of its own."""
    _ = translator(language)
    if column.startswith("printed_"):
        return _("{n} households added").format(n=number(int(column.removeprefix("printed_")), language))
    own = {
        "rule": _("Sentence"),
        "wrong": _("Wrong at most"),
        "goal": _("May be wrong"),
        "changed": _("Changes between neighbouring years"),
        "what": _("Figure"),
        "published": _("Published"),
        "ours": _("Ours"),
        "difference": _("Difference"),
        "tolerance": _("Tolerance"),
        "residual": _("Optimality residual"),
        "donors": _("Comparison regions"),
        "weighted": _("With weight"),
        "weight_sum": _("Sum of weights"),
        "setting": _("Setting"),
        "interval": _("Interval"),
        "draws": _("Draws"),
        "coverage": _("Truth inside"),
        "rejection": _("Rejects no effect"),
        "half_width": _("Half width"),
        "panel": _("Panels"),
        "scale": _("Scale"),
        "cases": _("Cases"),
        "mean_half_width": _("Mean half width"),
        "detectable": _("Smallest detectable, per 1,000 a year"),
        "own_detectable": _("The county’s own, persons"),
        "households": _("Households"),
        "power": _("Found"),
        "exaggeration": _("Overstated by a factor"),
        "detectable_persons": _("Smallest detectable, persons"),
        "detectable_households": _("Smallest detectable, households"),
        "pace": _("The goal’s pace, households"),
        "power_at_pace": _("Finds the pace"),
        "exaggeration_at_pace": _("Overstates the pace by a factor"),
        "pseudo_persons": _("Before the project, persons"),
        "share": _("Share"),
        "a_year": _("A year, persons"),
        "without": _("Without 2020–2021, persons a year"),
        "error": _("Error, per 1,000 a year"),
        "excess": _("Excess mean squared error"),
        "standard_error": _("Standard error"),
        "low": _("Low"),
        "high": _("High"),
        "told_apart": _("Told apart from noise"),
        "region_name": _("Municipality"),
        "event": _("Rival explanation"),
        "result": _("Result"),
        "before": _("The same check before the project"),
        "confidence_set": _("p-value of the model confidence set"),
        "wins": _("Best in draws of the counties"),
    }
    return own.get(column) or words.heading(column, language)


def word(column: str, value: str, language: str) -> str:
    """Return the word for an id in a cell."""
    _ = translator(language)
    own = {
        "effect": _("Effect"),
        "effect_at_least_error": _("Effect, by the penalty of least error"),
        "pre_rmse": _("Root mean square gap before"),
        "ridge": _("Penalty"),
        "rmspe_ratio": _("Gap in the window over gap before"),
        "rmspe_rank": _("Rank of 39"),
        "pseudo_start_1980": _("Pretended start 1980"),
        "pseudo_start_1985": _("Pretended start 1985"),
        "leave_one_out_low": _("Leave one out, lowest"),
        "leave_one_out_high": _("Leave one out, highest"),
        "placebo_sd": _("Standard deviation of the placebos"),
        "equal_noise": _("Equal noise"),
        "own_noise": _("Each county’s own noise"),
        "regional_shock": _("A regional shock in the window"),
        "fifteen_donors": _("Fifteen comparison regions"),
        "seventeen_donors": _("Seventeen comparison regions"),
        "after_dip": _("Begun after a dip"),
        "calmest": _("The calmest county treated"),
        "noisiest": _("The noisiest county treated"),
        "in_sample": _("The gap in the fit before"),
        "out_of_sample": _("Misses of pretended windows before"),
        "placebo": _("Placebo"),
        "absolute": _("Placebo, by size alone"),
        "conformal": _("Conformal"),
        "forecast": _("Its own forecast"),
    }
    if column == "rule":
        return verdict_short(Verdict(3, "households", value), language)
    if column == "pool" and value in POOLS:
        return POOLS[value].sv if language == "sv" else POOLS[value].en
    if column == "panel" and own.get(value) is None:
        column = "outcome"
    if column == "method":
        return method_name(value, language)
    return own.get(value) or words.word(column, value, language)


def cell(column: str, value: Any, language: str) -> str:
    """Return a cell as the language writes it."""
    _ = translator(language)
    if isinstance(value, str):
        return value if column in AS_IT_IS else word(column, value, language)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value != value:
        return "–"
    if column == "residual":
        return "< 10⁻⁹" if abs(value) < 1e-9 else f"{value:.0e}"
    if column in WORTH or column.startswith("printed_"):
        return percent(value, language, 1)
    if column in SHARES and column != "standard_error":
        return percent(value, language, 1 if column in ("coverage", "rejection") else 0)
    decimals = DECIMALS.get(column, 3 if column == "standard_error" else 0)
    return number(float(value), language, decimals, signed=column in SIGNED)


def written(id: str, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table in words, headings included."""
    import pandas as pd

    rows = rows[SHOWN[id]] if id in SHOWN else rows
    cells = {
        heading(column, language): [cell(column, value, language) for value in rows[column].tolist()]
        for column in rows.columns
    }
    return pd.DataFrame(cells)
