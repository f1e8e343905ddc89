"""What the data cannot say, and what was not foreseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.findings import mde_sentence
from attraktiv_eval.reporting.view import escape, verdict_of
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = [
    "absent",
    "assumptions",
    "limits",
    "no_statistics",
    "provenance",
    "records",
    "unforeseen",
]


#: Those who left, the best series first.
OUT_MOVES = OUTCOMES.of_check("out_moves_effect")


def unforeseen(view: View) -> list[str]:
    """Tell of effects that nobody planned."""
    _ = view._
    held = (view.estimate(outcome) for outcome in OUT_MOVES)
    row = next((one for one in held if one is not None), None)
    told = _noted(view)
    if row is None:
        return told
    return [
        *told,
        _(
            "One sign to look for is whether fewer people left: "
            "{outcome} deviated by {n} persons in {years} ({range}). The goal does not promise that, and the "
            "deviation is not credited to the project."
        ).format(
            outcome=view.word("outcome", row["outcome"]).lower(),
            n=view.n(row["effect_persons"], signed=True),
            years=view.years(row),
            range=view.span(row["low"], row["high"]),
        ),
    ]


def _noted(view: View) -> list[str]:
    """Return the effects that the project noted up to the report's last day, each with its source."""
    _ = view._
    evaluation = view.evaluation
    noted = [one for one in evaluation.project.unforeseen if one.noted <= evaluation.until]
    if not noted:
        return [
            _(
                "Nobody has noted an unforeseen effect in the project’s description, so the report can only "
                "look for signs of them."
            )
        ]
    words = {
        "wanted": _("Unforeseen and wanted"),
        "unwanted": _("Unforeseen and unwanted"),
        "unclear": _("Unforeseen"),
    }
    return [
        _("{kind}, noted {day}: {text} Source: {source}.").format(
            kind=words[one.kind],
            day=escape(view.day(one.noted)),
            text=escape(getattr(one, view.language)),
            source=escape(one.source.rstrip(".")),
        )
        for one in sorted(noted, key=lambda one: one.noted)
    ]


def limits(view: View) -> list[str]:
    """Tell what the data cannot say."""
    _ = view._
    answer = _("No figure here proves that anyone came because of the project.")
    if not view.evaluation.project.counts_movers:
        answer = _("No figure here proves that the project was the cause.")
    verdict = verdict_of(view, view.main_goal, 3)
    if verdict is not None and "mde_low" in verdict.values:
        answer = f"{escape(mde_sentence(verdict, view.language))} {answer}"
    left = [view.word("list", name).lower() for name in view.evaluation.missing or []]
    gone = _("Missing in this run: {lists}.").format(lists=view.join(left)) if left else ""
    if not view.evaluation.project.counts_movers:
        return [answer, gone]
    return [
        answer,
        gone,
        _(
            "Official statistics count moves, not households, and the sum over municipalities also holds "
            "moves inside "
            "the county. One county is one case, so chance can never be ruled out wholly."
        ),
        _(
            "Answers to a survey are given by those who can be reached, and people who moved answer more "
            "often. "
            "The assumptions about the others are stated, and their effect is shown."
        ),
    ]


# --- What a section says when the run lacks what it is about


def absent(view: View, records: str) -> str:
    """Return the sentence that a list of records is missing, and what that means."""
    return view._("Left out: the records hold no usable list “{list}”, so nothing can be said here.").format(
        list=view.word("list", records)
    )


def no_statistics(view: View) -> str:
    """Return the sentence that official statistics are missing or do not carry a comparison, and why."""
    told = view._(
        "Not tested: official statistics are missing, or do not reach far enough, so level 3 is left out."
    )
    why = view.evaluation.county_missing
    if view.evaluation.county is not None or not why:
        return told
    reason = view._("The reason: {reason}.").format(reason=f'<span lang="en">{escape(why)}</span>')
    return f"{told} {reason}"


# --- How the numbers came about: records, assumptions, provenance


def records(view: View) -> list[str]:
    """Tell what became of every row that was read."""
    _ = view._
    table = view.table("accounting")
    if table is None:
        return [absent(view, "households")]
    values = {
        name: view.n(table[name].astype(float).sum()) for name in ("read", "kept", "merged", "rejected")
    }
    whole = ""
    if view.evaluation.until < view.evaluation.project.end:
        whole = _("The lists are read whole, so rows of later years are among them.")
    said = (
        _(
            "Of {read} rows read, {kept} were kept, {merged} were merged as duplicates and {rejected} "
            "were rejected. "
            "Every row is accounted for."
        ).format(**values)
        + f" {whole}"
    )
    return [
        said.strip(),
        _(
            "Each rejected row is listed with list, row, column, fault and remedy in rejected_rows.csv, "
            "beside this report; that list holds no names, neither of persons nor of files."
        ),
        *_quality(view),
    ]


def _quality(view: View) -> list[str]:
    """Tell how well the linkage finds the true households, where the truth is known."""
    _ = view._
    table = view.table("linkage_quality")
    if table is None or table.empty:
        return []
    row = table.iloc[0]
    return [
        _(
            "In these invented records the truth is known: of the pairs of rows that were joined, "
            "{precision} belong together, and of those that belong together {recall} were joined."
        ).format(**{name: view.share(float(row[name]), 1) for name in ("precision", "recall")})
    ]


def assumptions(view: View) -> list[str]:
    """Tell which judgements the answers rest on."""
    _ = view._
    table = view.table("assumptions")
    n = len(table) if table is not None else len(view.evaluation.assumptions)
    return [
        _(
            "{n} judgements stand behind the figures. Each has a value, a range, a date and a reference, "
            "and can be "
            "changed without touching the program."
        ).format(n=view.number(n)),
        _("Where there is no measurement, the range is wide on purpose."),
        _identifying(view),
    ]


def _identifying(view: View) -> str:
    """Say how many assumptions the comparison with other regions rests on, beside the figures' own."""
    _ = view._
    rows = view.table("identification")
    if rows is None:
        return ""
    return _(
        "The comparison with other regions also assumes {n} things that no figure can prove. A "
        "table says why each is credible, what speaks against it and which check bears on it."
    ).format(n=view.number(len(rows)))


def provenance(view: View) -> list[str]:
    """Tell where everything comes from."""
    _ = view._
    return [
        _(
            "Every figure of the verdicts can be followed back: to its definition, its source with date "
            "and checksum, "
            "its assumptions and the notebook that made it."
        )
    ]
