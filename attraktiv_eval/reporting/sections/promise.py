"""What the project promised, and how it went against the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.sections.absent import absent
from attraktiv_eval.reporting.view import escape, known

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["development", "project"]


def project(view: View) -> list[str]:
    """Tell what was promised, why and how, and with what money."""
    _ = view._
    of = view.evaluation.project
    goals = [f"{view.n(goal.target)} {escape(view.unit(goal.id))}" for goal in of.goals.values()]
    answer = _("{name} ran from {start} to {end} and promised {goals}.").format(
        name=escape(of.name), start=view.day(of.start), end=view.day(of.end), goals=view.join(goals)
    )
    labels = "; ".join(escape(getattr(goal, f"label_{view.language}")) for goal in of.goals.values())
    wording = _("The goals read: {labels}.").format(labels=labels)
    why = " ".join(
        escape(getattr(part, view.language)) for part in (of.background, of.method) if part is not None
    )
    return [answer, wording, why, _decided(view)]


def _decided(view: View) -> str:
    _ = view._
    funding = view.evaluation.project.funding
    sums = [part for part in funding if part.decided_sek is not None]
    said = [
        _("{financier} SEK {n}").format(financier=escape(part.financier), n=view.n(part.decided_sek))
        for part in sums
    ]
    open_ = len(funding) - len(sums)
    text = _("Decided: {sums}.").format(sums=view.join(said)) if said else ""
    if open_:
        more = _("For {n} more financiers no amount was published, and none is guessed.").format(
            n=view.number(open_)
        )
        text = f"{text} {more}".strip()
    return text


def development(view: View) -> list[str]:
    """Tell how it went against plan, and over the years."""
    _ = view._
    paths = view.rows("paths", goal=view.main_goal)
    if paths is None:
        return [absent(view, view.evaluation.project.goals[view.main_goal].measured_by)]
    years = [
        _("{year}: {n} {unit}, {total} in all, against {pace} at an even pace").format(
            year=int(row["year"]),
            unit=escape(view.unit(view.main_goal)),
            n=view.n(row["count"]),
            total=view.n(row["cumulated"]),
            pace=view.n(row["pace"]),
        )
        for _index, row in paths.sort_values("year").iterrows()
    ]
    last = paths.sort_values("year").iloc[-1]
    if not (known(last["pace"]) and known(last["cumulated"])):
        return ["; ".join(years) + ".", _money_against_plan(view)]
    values = {
        "n": view.n(last["cumulated"]),
        "pace": view.n(last["pace"]),
        "unit": escape(view.unit(view.main_goal)),
        "year": int(last["year"]),
    }
    if float(last["cumulated"]) < float(last["pace"]):
        text = _("At the end of {year}, {n} of the planned {pace} {unit} were known: the project was behind.")
    else:
        text = _("At the end of {year}, {n} {unit} were known, and the plan asked for {pace}.")
    recounted = ""
    if len(years) > 1:
        recounted = _(
            "Earlier years are recounted from what is known now and may differ from the yearly reports."
        )
    return [text.format(**values), f"{'; '.join(years)}. {recounted}".strip(), _money_against_plan(view)]


def _money_against_plan(view: View) -> str:
    """Return what is paid, and what it comes to with what is decided but not yet paid."""
    _ = view._
    if view.table("funding") is None:
        return absent(view, "funding")
    cost = view.row("cost_per_result")
    if cost is None or not known(cost["cost_low"]):
        return _("No payment is recorded, so money cannot be set against the plan.")
    return _("SEK {paid} is paid; with what is decided and not yet paid it is SEK {all}.").format(
        paid=view.n(cost["cost_low"]), all=view.n(cost["cost_high"])
    )
