"""How the numbers came about: records, assumptions, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.sections.absent import absent

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["assumptions", "provenance", "records"]


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
        "The comparison with other regions also assumes {n} things that no figure can prove; the table says "
        "why each is credible, what speaks against it and which check bears on it."
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
