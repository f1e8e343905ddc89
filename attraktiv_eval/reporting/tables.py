"""The tables of the reports: which columns, under which headings, written how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval import texts
from attraktiv_eval.disclosure import SHEETS
from attraktiv_eval.reporting import words
from attraktiv_eval.reporting.derived import DERIVED
from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.figures import sources
from attraktiv_eval.reporting.reading import READING
from attraktiv_eval.reporting.titles import TITLES

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = [
    "FOLDED",
    "HIDDEN",
    "LONGEST",
    "Column",
    "cell",
    "derived",
    "frame",
    "html",
    "is_word",
    "names",
    "title",
]

#: A page shows at most so many rows of a table; the CSV holds them all.
LONGEST = 60
#: A table of more rows, its heading included, is folded away.
FOLDED = 25

_WORDS = {
    "goal", "outcome", "method", "kind", "type", "role", "reason", "list", "phase", "area",
    "municipality_code", "assumption", "pool", "region_code", "rule", "filter", "bound", "rival", "check",
    "channel", "level", "event", "column", "fault", "origin", "basis", "case", "setting_unit",
}  # fmt: skip
_YEARS = {
    "year", "first_year", "last_year", "before_first", "before_last", "window_first", "window_last", "month",
    "months", "rank", "n",
}  # fmt: skip
_SHARES = {"true_level", "least", "most", "share", "weight", "kept_share", "precision", "recall"}
_PLAIN = {
    "file",
    "sheet",
    "name",
    "financier",
    "reference",
    "unit",
    "noisy_years",
    "id",
    "region_name",
    "remedy",
    "expected_sign",
}
_DECIMALS = {
    "p_value": 3,
    "smallest_p": 3,
    "pre_rmse": 2,
    "actual": 2,
    "counterfactual": 2,
    "gap": 2,
    "change": 0,
}
_FLAGS = {
    "in_window",
    "primary",
    "equivalent",
    "without_covid",
    "deducted",
    "l2_survey",
    "checked",
    "whole_year",
    "noise",
}
#: Cells that hold a number or a range as text: set to the right like numbers.
_RANGES = {
    "value", "interval_told", "without_told", "range_told", "results_told", "ratio_told", "kept_told",
    "rank_told", "p_told",
}  # fmt: skip
HIDDEN = {"sv", "en", "reference_sv", "effect", "effect_low", "effect_high", "interval"}


@dataclass(frozen=True)
class Column:
    """A column as the reader meets it."""

    id: str
    heading: str
    text: bool


def names(view: View) -> list[str]:
    """Return the ids of all tables of an evaluation, those made for reading included."""
    own = [name for name in view.evaluation.tables if view.table(name) is not None]
    return own + [name for name in DERIVED if name not in own and derived(view, name) is not None]


def derived(view: View, name: str) -> pd.DataFrame | None:
    """Return a table of the run or one made from its tables; None where there is none."""
    return DERIVED[name](view) if name in DERIVED else view.table(name)


def title(name: str, language: str) -> str:
    """Return the caption of a table."""
    known = TITLES.get(name)
    return texts.translator(language)(known) if known else name.replace("_", " ").capitalize()


def frame(view: View, name: str) -> tuple[pd.DataFrame, list[Column]] | None:
    """Return a table in words: every cell as the language writes it, and its columns.

    None where the run has no such table.
    """
    table = READING[name](view) if name in READING else derived(view, name)
    if table is None or table.empty:
        return None
    table = _sorted(name, table)
    shown = [column for column in table.columns if column not in HIDDEN and not _repeats(column, table)]
    written = {column: [cell(view, column, value, table) for value in table[column]] for column in shown}
    columns = [Column(c, words.heading(c, view.language), _is_text(c, table[c])) for c in shown]
    return pd.DataFrame(written), columns


def _repeats(column: str, table: pd.DataFrame) -> bool:
    """Leave the code out where the name stands beside it."""
    return column == "region_code" and "region_name" in table.columns


def _sorted(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Sort a map's table by what the map shows, the largest first."""
    if name == "households_by_municipality" and "moved_in" in table:
        return table.sort_values("moved_in", ascending=False, na_position="last", kind="stable")
    return table


def _is_text(column: str, values: pd.Series) -> bool:
    if column in _RANGES:
        return False
    if column in _WORDS | _PLAIN or values.dtype == bool or "date" in str(values.dtype):
        return True
    return not pd.api.types.is_numeric_dtype(values)


def is_word(column: str) -> bool:
    """Return whether a column holds ids that have words."""
    return column in _WORDS


def cell(view: View, column: str, value: object, table: pd.DataFrame) -> str:
    """Return a cell as the language writes it."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return "–"
    if column in _FLAGS or isinstance(value, bool):
        return view._("yes") if bool(value) else view._("no")
    if column in _WORDS:
        return view.word(_vocabulary(column, table), value)
    if column in _YEARS:
        return str(int(value))  # type: ignore[call-overload]
    if hasattr(value, "strftime"):
        return view.day(value)
    if not isinstance(value, (int, float)) and not hasattr(value, "dtype"):
        return str(value)
    return _number(view, column, float(value), table)  # type: ignore[arg-type]


def _vocabulary(column: str, table: pd.DataFrame) -> str:
    """Kinds of fault and kinds of household share a heading, not their words; a region is one everywhere."""
    if column == "setting_unit":
        return "region_code"
    return "fault" if column == "kind" and "rows" in table.columns else column


def _number(view: View, column: str, value: float, table: pd.DataFrame) -> str:
    if column in _SHARES or (column in ("low", "high") and "share" in table.columns):
        return texts.percent(value, view.language, 1)
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if column in _DECIMALS:
        return view.number(value, _DECIMALS[column], signed=column in ("gap", "change"))
    return view.number(value)


def html(view: View, name: str, *, suffix: str = "") -> str:
    """Return a table as HTML with caption, scopes and ids of its own, in a box that scrolls by keyboard.

    Returns an empty text where the run has no such table.
    """
    made = frame(view, name)
    if made is None:
        return ""
    written, columns = made
    caption = title(name, view.language)
    notes = [_guarded(view, name), _noisy(view, name), _own_size(view, name)]
    if len(written) > LONGEST:
        words = view._("The first {shown} of {all} rows; the CSV file holds them all.")
        notes.append(words.format(shown=view.number(LONGEST), all=view.number(len(written))))
        written = written.head(LONGEST)
    inner = _great_table(written, columns, f"table-{name.replace('_', '-')}{suffix}")
    if name in STACKED:
        inner = _stacked(inner, columns)
    inner = inner.replace("<thead", f"<caption><span>{escape(caption)}</span></caption>\n<thead", 1)
    word = view._("Table")
    label = escape(f"{word}: {caption}")
    box = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{inner}\n</div>'
    return box + "".join(f'\n<p class="note">{escape(note)}</p>' for note in notes if note)


def _own_size(view: View, name: str) -> str:
    """Return which persons per household level 3 divides by, below the table of the assumptions."""
    size = getattr(view.evaluation, "household_size", None)
    if name != "assumptions" or size is None:
        return ""
    if size.source == "records":
        return view._(
            "Persons per household are the records’ own mean, {value} ({range}), not the assumption’s: 30 or "
            "more households are known."
        ).format(value=view.number(size.value, 1), range=texts.span(size.low, size.high, view.language, 1))
    if view.evaluation.example_data:
        return view._(
            "Persons per household are the assumption’s: those of invented records never turn real "
            "statistics into households."
        )
    return view._(
        "Persons per household are the assumption’s: the records know them of fewer than 30 households that "
        "moved in."
    )


def _guarded(view: View, name: str) -> str:
    """Return what the dashes of a table of counts mean; empty where none of its counts is left out."""
    counts = [column for sheet in SHEETS if sheet.name == name for column in (*sheet.counts, *sheet.rounded)]
    table = view.table(name)
    if table is None or not table[[one for one in counts if one in table]].isna().any(axis=None):
        return ""
    return view._("A dash: not shown, to guard small counts here or against an earlier report.")


def _noisy(view: View, name: str) -> str:
    """Return which years of a table's figures carry SCB's random error; empty where none does."""
    table = derived(view, name)
    if table is None:
        return ""
    years = set(table.loc[table["noise"].astype(bool), "year"]) if "noise" in table else set()
    spans = table["noisy_years"].dropna() if "noisy_years" in table else ()
    years |= {int(year) for span in spans for year in span.split(", ")}
    return sources.noise(view, sorted(int(year) for year in years)) if years else ""


#: Tables whose cells are read as sentences, or whose headings are wider than their cells: the headings wrap,
#: and on a phone the cells stand under one another, each with its heading.
STACKED = {
    "assumptions", "base_periods", "filters", "identification", "municipality_effects",
    "organisations", "rivals", "verdicts",
}  # fmt: skip

_BODY_ROW = re.compile(r"(<tbody.*?>)(.*)(</tbody>)", re.DOTALL)
_CELL = re.compile(r"<td (?=[^>]*>(–</td>)?)")


def _stacked(table: str, columns: list[Column]) -> str:
    """Write headings into the cells, and the roles that a phone's layout would otherwise take away."""
    heads = [escape(column.heading) for column in columns[1:]]
    head, body, tail = _BODY_ROW.split(table)[1:4]
    before, after = table.split(head, 1)[0], table.split(tail, 1)[1]
    rows = []
    for row in body.split("</tr>"):
        names = iter(heads)
        rows.append(_CELL.sub(lambda found, names=names: _labelled(next(names), bool(found[1])), row))
    whole = before + head + "</tr>".join(rows) + tail + after
    whole = whole.replace('class="gt_table"', 'class="gt_table stack" role="table"', 1)
    whole = whole.replace("<thead>", '<thead role="rowgroup">').replace("<tbody ", '<tbody role="rowgroup" ')
    whole = re.sub(r"<tr(?=[ >])", '<tr role="row"', whole)
    return whole.replace('scope="col"', 'scope="col" role="columnheader"').replace(
        'scope="row"', 'scope="row" role="rowheader"'
    )


def _labelled(heading: str, dash: bool) -> str:
    """Return how a cell begins that carries its heading; a phone leaves out a cell that is a dash."""
    return f'<td role="cell" data-head="{heading}" {"data-none " if dash else ""}'


_STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)
_ATTRIBUTES = re.compile(r' (?:data-quarto-[a-z-]+|rowspan|colspan|style)="[^"]*"')
_EMPTY = re.compile(r"<tfoot>\s*</tfoot>")


def _great_table(written: pd.DataFrame, columns: list[Column], id: str) -> str:
    """Return the bare table element: the page's own style sheet dresses it."""
    from great_tables import GT

    stub = columns[0]
    table = (
        GT(written, rowname_col=stub.id, id=id)
        .tab_stubhead(label=stub.heading)
        .cols_label({column.id: column.heading for column in columns[1:]})
        .cols_align(align="left", columns=[column.id for column in columns if column.text])
        .cols_align(align="right", columns=[column.id for column in columns if not column.text])
        .as_raw_html()
    )
    table = _ATTRIBUTES.sub("", _STYLE.sub("", table))
    return _EMPTY.sub("", table[table.index("<table") : table.rindex("</table>") + len("</table>")])
