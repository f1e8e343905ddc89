"""What the analysis plan says of itself, in words and as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.texts import day, number, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual.plan import Plan

__all__ = ["plot", "sentence", "statement"]


def statement(plan: Plan, language: str) -> str:
    """Return that the plan is no blind pre-registration."""
    _ = translator(language)
    return _(
        "Set by rule after the figures for {first}–{last} were public and after a first look; "
        "not blind pre-registration."
    ).format(first=plan.content["first_treated"], last=plan.content["last_treated"])


def sentence(plan: Plan, language: str, outcome: str) -> str:
    """Return the primary specification, its error, and how many specifications are as good."""
    from attraktiv_eval.regions import POOLS
    from attraktiv_eval.statistics.outcomes import OUTCOMES

    _ = translator(language)
    method, pool = plan.primary(outcome)
    table = plan.table()
    own = table[table["outcome"] == outcome]
    return _(
        "{outcome}: the primary specification is: {method}; {pool}. Its error is {error} per "
        "1,000 inhabitants and year where nothing was done; {equal} of {all} candidates are as good. "
        "Plan of {day}."
    ).format(
        outcome=OUTCOMES[outcome].label(language) if outcome in OUTCOMES else outcome,
        method=method_name(method, language),
        pool=POOLS[pool].sv if language == "sv" else POOLS[pool].en,
        error=number(float(own.loc[own["primary"], "error"].iloc[0]), language, 2),
        equal=number(int(own["equivalent"].sum()), language),
        all=number(len(own), language),
        day=day(plan.written, language),
    )


def plot(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the error of every candidate for the primary outcome."""
    from attraktiv_eval.counterfactual.inference.plots import OTHERS, TREATED, axes

    ax = axes(ax)
    table = plan.table()
    own = table[table["outcome"] == plan.primary_outcome][::-1]
    colours = [TREATED if equal else OTHERS for equal in own["equivalent"]]
    ax.barh(own["method"] + ", " + own["pool"], own["error"], color=colours)
    return ax
