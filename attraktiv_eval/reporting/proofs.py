"""For each figure of the verdict: its definition, source, assumptions and the notebook cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.provenance import definitions
from attraktiv_eval.reporting.verdicts import verdict_of, verdict_text
from attraktiv_eval.reporting.view import known
from attraktiv_eval.texts import span

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["notebook_name", "proofs"]


def proofs(view: View, run: dict[str, Any]) -> list[str]:
    """Return a block for each goal and level, with the id that the first screen links to."""
    heading = view._("Each figure of the verdict")
    blocks = [f'<h3 id="proofs">{escape(heading)}</h3>']
    for goal in view.evaluation.project.goals:
        for level in (1, 2, 3) if view.followed(goal) else (1,):
            blocks.append(_proof(view, run, goal, level))
    return blocks


def _proof(view: View, run: dict[str, Any], goal: str, level: int) -> str:
    _ = view._
    title = f"{view.word('goal', goal)}, {view.word('level', level)}"
    pairs = [
        (_("Figure"), _figure(view, goal, level)),
        (_("Verdict"), verdict_text(view, goal, level)),
        (_("Definition"), escape(definition(view, goal, level))),
        (_("Source"), _source(view, goal, level)),
        (_("Assumptions"), _assumptions(view, goal, level)),
        (_("Made in"), _notebook(view, run, goal, level)),
    ]
    return f'<section id="proof-{goal}-{level}"><h4>{escape(title)}</h4>{definitions(pairs)}</section>'


def definition(view: View, goal: str, level: int) -> str:
    """Return what a figure of the verdict counts or estimates."""
    _ = view._
    told = {
        ("households", 1): _(
            "Households that moved across the county border into the county after their first contact "
            "with the project."
        ),
        ("households", 2): _(
            "Of these, the expected number that would not have moved in within 24 months without the project."
        ),
        ("households", 3): _(
            "In-moves of the county against comparison regions over the years compared, turned into "
            "households."
        ),
        ("companies", 1): _("Companies that made at least one hire through the project."),
        ("companies", 2): _(
            "Of these, the expected number that would not have hired without the project, less hires who "
            "already lived and worked in the county."
        ),
        ("companies", 3): _("Official statistics on companies’ access to labour against comparison regions."),
        ("organisations", 1): _("Named organisations, each counted once."),
    }
    found = told.get((view.counts(goal), level))
    return found or str(getattr(view.evaluation.project.goals[goal], f"label_{view.language}"))


def _figure(view: View, goal: str, level: int) -> str:
    """Return the figure itself; its interval beside it. Empty where the run has none."""
    _ = view._
    row = view.goal(goal)
    if row is None:
        return ""
    unit = escape(view.unit(goal))
    if level == 1:
        return f"{view.n(row['known'])} {unit}" if known(row["known"]) else ""
    value, low, high = [
        row[name]
        for name in (("l2_median", "l2_low", "l2_high"), ("l3_effect", "l3_low", "l3_high"))[level - 2]
    ]
    if not known(value):
        return ""
    if level == 2:
        text = _("{n} {unit} (in nine of ten calculations {range})")
    else:
        text = _("{n} {unit} (90 per cent interval {range})")
    return text.format(n=view.n(value), unit=unit, range=view.span(low, high))


def _source(view: View, goal: str, level: int) -> str:
    _ = view._
    verdict = verdict_of(view, goal, level)
    if level == 3 and (verdict is None or verdict.rule == "not_tested"):
        return escape(_("none in this run"))
    if level == 3:
        words = _("official statistics, with table, date and checksum")
    else:
        words = _("the project’s own records, with checksums")
    return f'<a href="#sources">{escape(words)}</a>'


def _assumptions(view: View, goal: str, level: int) -> str:
    """Return the assumptions that the figure rests on, in words, each once."""
    of = view.evaluation.assumptions
    used: list[str] = []
    if level == 1 and view.followed(goal):
        used = ["linkage_score", "linkage_grey_zone"]
    if level == 2:
        used = list(getattr(view.evaluation.contributions.get(goal), "assumptions", ()))
    if level == 3 and view.counts(goal) == "households" and view.table("estimates") is not None:
        used = ["persons_per_moving_household"]
    size = getattr(view.evaluation, "household_size", None)
    said = []
    for key in used:
        scale, _step, step = key.rpartition("_")
        if key.startswith("would_not_have_") and step.isdigit():
            said.append(escape(view.word("assumption", scale)))
        elif key == "persons_per_moving_household" and size is not None and size.source == "records":
            words = view._("{what} {value} ({range}), the records’ own mean")
            # rounded: the exact mean of one report beside another's would tell of one household
            ends = span(size.low, size.high, view.language, 1)
            what = escape(view.word("assumption", key))
            said.append(words.format(what=what, value=view.number(size.value, 1), range=ends))
        elif key in of:
            words = escape(view.word("assumption", key))
            fine = 2 if abs(of[key].high) < 10 else 0
            said.append(
                f"{words} {view.n(of[key].value, fine)} ({view.span(of[key].low, of[key].high, fine)})"
            )
    return "; ".join(dict.fromkeys(said))


def _notebook(view: View, run: dict[str, Any], goal: str, level: int) -> str:
    _ = view._
    name = escape(notebook_name(view, run))
    companies = level == 3 and view.counts(goal) == "companies"
    cell = 'report.section("level3_companies")' if companies else f'report.section("level{level}")'
    words = _("cell {code}, figure {id} in results.json").format(
        code=f"<code>{escape(cell)}</code>", id=f"<code>{escape(figure_id(goal, level))}</code>"
    )
    return f'<a href="{name}" data-cell="{escape(cell)}">{name}</a>, {words}'


def figure_id(goal: str, level: int) -> str:
    """Return the id in ``results.json`` of a goal's figure at a level."""
    return f"{goal}.known" if level == 1 else f"{goal}.level{level}"


def notebook_name(view: View, run: dict[str, Any]) -> str:
    """Return the file name of the executed notebook, as DESIGN names it."""
    if run.get("notebook"):
        return str(run["notebook"])
    stem = "final_report" if view.evaluation.final else "evaluation"
    return f"{stem}.ipynb" if view.language == "sv" else f"{stem}.{view.language}.ipynb"
