"""What the analysis plan says of itself, in words and as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.candidates import LEVEL
from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.texts import day, number, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual.plan import Plan

__all__ = ["amendment", "plot", "sentence", "statement"]


def statement(plan: Plan, language: str) -> str:
    """Return whether the plan was set before or after the figures of the project's own years."""
    _ = translator(language)
    first, last = plan.content["first_treated"], plan.content["last_treated"]
    own = str(first) if first == last else f"{first}–{last}"
    known = plan.known
    if known is None:
        return _(
            "Set by rule before the statistics held any figure of the project’s own years, {own}."
        ).format(own=own)
    years = str(known[0]) if known[0] == known[1] else f"{known[0]}–{known[1]}"
    if plan.content.get("first_look", True):
        told = _(
            "Set by rule after the figures for {years} were public and after a first look; not blind "
            "pre-registration."
        )
    else:
        told = _(
            "Set by rule after the figures for {years} were public; the rule uses none of them, but this is "
            "not blind pre-registration."
        )
    return told.format(years=years)


def amendment(found: dict[str, str], language: str) -> str:
    """Return what a run of other statistics, or of another project, changed of the plan; "" for others."""
    from attraktiv_eval.statistics.outcomes import OUTCOMES

    _ = translator(language)

    def label(id: str) -> str:
        return OUTCOMES[id].label(language) if id in OUTCOMES else id

    kind = found.get("in_run")
    if kind == "outcome":
        return _(
            "The statistics of this run give another primary outcome than the plan. The plan’s: {old}. This "
            "run’s, by the rule for outcomes: {new}."
        ).format(old=label(found["old_outcome"]), new=label(found["new_outcome"]))
    if kind == "project":
        return _("The plan is about another county or other years; it was set anew on the spot.")
    if kind == "figures":
        return _(
            "The figures of the years before the project are not those that the plan was set from. Its "
            "choice of specifications stands."
        )
    return ""


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
        "1,000 inhabitants and year where nothing was done; {equal} of {all} candidates are as good{wins}. "
        "{plan}"
    ).format(
        outcome=OUTCOMES[outcome].label(language) if outcome in OUTCOMES else outcome,
        method=method_name(method, language),
        pool=POOLS[pool].sv if language == "sv" else POOLS[pool].en,
        error=number(float(own.loc[own["primary"], "error"].iloc[0]), language, 2),
        equal=number(int(own["equivalent"].sum()), language),
        all=number(len(own), language),
        wins=_wins(own, language),
        plan=_("Set on the spot by this run; no plan was written before.")
        if plan.written is None
        else _("Plan of {day}.").format(day=day(plan.written, language)),
    )


def _wins(own: pd.DataFrame, language: str) -> str:
    """Return how often the primary one is best when counties are drawn anew, and the model confidence set."""
    if "wins" not in own.columns or own["wins"].isna().all():
        return ""
    _ = translator(language)
    share = number(100 * float(own.loc[own["primary"], "wins"].iloc[0]), language)
    kept = number(int((own["confidence_set"] >= LEVEL).sum()), language)
    return _(
        ", and it is the best in {share} of 100 draws of the counties. Compared each with each, which asks "
        "for more evidence (model confidence set), {kept} cannot be told from the best"
    ).format(share=share, kept=kept)


def plot(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the error of every candidate for the primary outcome."""
    from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED, axes

    ax = axes(ax)
    table = plan.table()
    own = table[table["outcome"] == plan.primary_outcome][::-1]
    colours = [TREATED if equal else OTHERS for equal in own["equivalent"]]
    ax.barh(own["method"] + ", " + own["pool"], own["error"], color=colours)
    return ax
