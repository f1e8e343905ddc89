"""The tables of the reports: which columns, under which headings, written how."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pandas as pd

from attraktiv_eval import texts
from attraktiv_eval.reporting import labels
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import escape, known
from attraktiv_eval.table_specifications import TABLES, Column, checked

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View


@dataclass(frozen=True)
class Row:
    """A row: what names it and its cells, as HTML; ``own`` marks the row that the page is about."""

    head: str
    cells: Sequence[str]
    own: bool = False


def write(
    id: str,
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    *,
    numbers: Iterable[int] = (),
    columns: Sequence[str] = (),
    stack: bool = True,
    classes: str = "",
) -> str:
    """Return a table as HTML: caption, scopes, and the names of rows and columns.

    Parameters
    ----------
    id, caption : str
    heads : sequence of str
        One a column; an empty one leaves the corner over the rows' names empty.
    rows : iterable of Row
    numbers : iterable of int
        Places of the columns that are set to the right.
    columns : sequence of str
        Ids of the columns: where they are given, each cell names its row and its column by ``headers``, and a
        phone leaves out a cell that is a dash.
    stack : bool
        Whether the cells stand under one another on a phone, each with its heading. The roles are then
        written out, since that layout takes them away.
    classes : str
        Further classes of the table.
    """
    right = set(numbers)
    short = f"h{crc32(id.encode()):x}"  # a page has thousands of cells that name two headings each
    names = [f"{short}c{at}" for at in range(len(columns))] or [""] * len(heads)

    def place(at: int) -> str:
        return ' class="number"' if at in right else ""

    def role(name: str) -> str:
        return f' role="{name}"' if stack else ""

    def named(name: str) -> str:
        return f' id="{name}"' if name else ""

    def line(number: int, row: Row) -> str:
        own = f"{short}r{number}" if columns else ""
        cells = []
        for at, (head, cell) in enumerate(zip(heads[1:], row.cells, strict=True), start=1):
            label = f' data-head="{escape(head)}"' if stack else ""
            none = " data-none" if stack and columns and cell == "–" else ""
            by = f' headers="{own} {names[at]}"' if columns else ""
            inner = f"<span>{cell}</span>" if stack else cell
            cells.append(f"<td{role('cell')}{label}{none}{by}{place(at)}>{inner}</td>")
        marked = ' class="own"' if row.own else ""
        head = f'<th scope="row"{role("rowheader")}{named(own)}>{row.head}</th>'
        return f"<tr{role('row')}{marked}>{head}{''.join(cells)}</tr>"

    top = "".join(
        f'<th scope="col"{role("columnheader")}{named(names[at])}{place(at)}>{escape(head)}</th>'
        if head
        else f"<td{role('cell')}></td>"
        for at, head in enumerate(heads)
    )
    kinds = " ".join(one for one in (classes, "stack" if stack else "") if one)
    of = f' class="{kinds}"' if kinds else ""
    return "\n".join(
        [
            f'<table{of} id="{id}"{role("table")}>',
            f"<caption><span>{escape(caption)}</span></caption>",
            f"<thead{role('rowgroup')}><tr{role('row')}>{top}</tr></thead>",
            f"<tbody{role('rowgroup')}>",
            *(line(number, row) for number, row in enumerate(rows, start=1)),
            "</tbody></table>",
        ]
    )


# --- Tables made for reading from the run's tidy tables


def primary_rows(view: View, name: str) -> pd.DataFrame | None:
    """Return the rows of ``gaps`` or ``placebo_gaps`` that belong to each outcome's primary specification."""
    from attraktiv_eval.reporting.figures.level3 import outcomes, primary

    gaps = view.table(name)
    if gaps is None:
        return None
    parts = [view.rows(name, **primary(view, one)) for one in outcomes(view, gaps)]
    return pd.concat([part for part in parts if part is not None], ignore_index=True)


def county_comparison(view: View) -> pd.DataFrame | None:
    """Return the last ten years of the county and its comparison, by the primary method."""
    rows = primary_rows(view, "gaps")
    if rows is None:
        return None
    return _specified("county_comparison", rows[rows["year"] > rows["year"].max() - 10])


def gap_summary(view: View) -> pd.DataFrame | None:
    """Return the estimates of the primary method by outcome."""
    rows = view.table("estimates")
    if rows is None:
        return None
    return _specified("gap_summary", rows[rows["primary"].astype(bool)])


def _specified(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a table's specification names, those that the rows have."""
    return rows[[one.id for one in TABLES[name].columns if one.id in rows]].reset_index(drop=True)


def specification_summary(view: View) -> pd.DataFrame | None:
    """Return the range of the answers by outcome and method, over all specifications."""
    rows = view.table("specifications")
    if rows is None:
        return None
    holds_zero = (rows["low"] <= 0) & (rows["high"] >= 0)
    keys = [key for key in ("outcome", "method", "window_first", "window_last") if key in rows]
    grouped = rows.assign(holds_zero=holds_zero).groupby(keys, sort=False)
    told = {
        "specifications": grouped.size(),
        "smallest_effect": grouped["effect_persons"].min(),
        "middle_effect": grouped["effect_persons"].median(),
        "largest_effect": grouped["effect_persons"].max(),
        "interval_holds_zero": grouped["holds_zero"].sum(),
    }
    if "noisy_years" in rows:
        told["noisy_years"] = grouped["noisy_years"].first()  # of the outcome and window
    return pd.DataFrame(told).reset_index()


def verdicts(view: View) -> pd.DataFrame | None:
    """Return the verdict of each goal at each level, in words."""
    from attraktiv_eval.reporting.view import verdict_said

    rows = [
        {"goal": goal, "level": level, "verdict": verdict_said(view, goal, level)}
        for goal, levels in view.evaluation.verdicts.items()
        for level, verdict in sorted(levels.items())
        if verdict.rule != "not_applicable"
    ]
    return pd.DataFrame(rows) if rows else None


def _by_name(
    *made: Callable[[View], pd.DataFrame | None],
) -> dict[str, Callable[[View], pd.DataFrame | None]]:
    """Return what makes each table; it is called as the table is."""
    return {one.__name__: one for one in made}


DERIVED = _by_name(verdicts, county_comparison, gap_summary, specification_summary)


def labelled(view: View, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for a file: where the records are invented, a last column says it of each row.

    A report of real records has no such column. It stands last, so that what was tried on the example by the
    places of columns reads real records unchanged; and in every row, so that no row is copied without it.
    What is not known to rest on official statistics, or to be named by the project, counts as invented.
    """
    if not view.evaluation.example_data:
        return table
    project, listed = view.evaluation.project, view.table("organisations")
    if name == "organisations" and "name" in table:
        named = {one.name for one in project.organisations}
        return table.assign(example_data=~table["name"].isin(named))
    real = listed is not None and "name" in listed and project.names_all(listed["name"])
    if name == "organisations_by_type":
        return table.assign(example_data=not real)
    if name in ("goals", "paths", "verdicts") and "goal" in table:
        of_records = table["level"].astype(int) < 3 if name == "verdicts" else True
        named = {id for id, goal in project.goals.items() if real and goal.measured_by == "organisations"}
        return table.assign(example_data=of_records & ~table["goal"].isin(named))
    return table.assign(example_data=name not in TABLES or TABLES[name].of_records)


# --- Tables shaped for reading where the tidy table has too many columns


def _range(view: View, low: Any, high: Any, decimals: int = 0) -> str:
    """Return a range in words; an end that is missing or unbounded says so."""
    bounded = [known(end) and math.isfinite(float(end)) for end in (low, high)]
    if not any(bounded):
        return "–"
    if not bounded[1]:
        return view._("{n} or more").format(n=view.number(low, decimals))
    if not bounded[0]:
        return view._("at most {n}").format(n=view.number(high, decimals))
    ends = [view.number(end, decimals) for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0]
    return texts.span(float(low), float(high), view.language, decimals)


def _row_by_row(
    view: View, name: str, told: Callable[[dict[Any, Any]], dict[str, Any]]
) -> pd.DataFrame | None:
    """Return a table of the run with each row told for reading; None where there is none."""
    rows = view.table(name)
    if rows is None:
        return None
    return pd.DataFrame([told(row) for row in rows.to_dict("records")])


def rivals(view: View) -> pd.DataFrame | None:
    """Return the rival explanations in words: event with its years, direction, known size, check, result."""
    from attraktiv_eval.level3.rival_explanations import (
        before_text,
        check_name,
        event_name,
        result_text,
        speaks_text,
    )

    _ = view._
    signs = {1: _("upwards"), -1: _("downwards"), 0: _("none")}
    events = getattr(getattr(getattr(view.evaluation, "county", None), "rivals", None), "events", None)

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        event, years = event_name(row["event"], view.language, events), _years(row)
        return {
            "event_told": f"{event} ({years})" if years and years not in event else event,
            "expected_sign": signs.get(row["expected_sign"], ""),
            "size": row["size"],
            "check_told": check_name(row["check"], view.language, row["event"], events),
            "result": result_text(row, view.language),
            "before_told": before_text(row, view.language),
            "speaks": speaks_text(row, view.language),
        }

    return _row_by_row(view, "rivals", told)


def _years(row: dict[Any, Any]) -> str:
    """Return the years of a row as text: 2017–2019, or 2019 for one; empty where they are not known."""
    ends = [str(int(row[end])) for end in ("first_year", "last_year") if known(row[end])]
    return "–".join(dict.fromkeys(ends))


def base_periods(view: View) -> pd.DataFrame | None:
    """Return before and after, each base period in one cell."""
    rows = view.table("base_periods")
    if rows is None:
        return None
    periods = [_years(row) for row in rows.to_dict("records")]
    told = rows.drop(columns=["first_year", "last_year"])
    told.insert(0, "base_period", periods)
    return told


def _specification(view: View, row: dict[Any, Any]) -> str:
    """Return method and comparison regions in one cell."""
    method = view.word("method", row["method"])
    return f"{method}. {view.word('pool', row['pool'])}" if "pool" in row else method


def _p_value(view: View, row: dict[Any, Any]) -> str:
    """Return a p-value with the smallest one that the number of placebos can give."""
    told = view._("{p} (least {least})").format(
        p=view.number(row["p_value"], 2), least=view.number(row["smallest_p"], 3)
    )
    first, rest = told.split(" ", 1)
    return f"{first} {_unbroken(rest)}"


def _hangs_on(view: View, row: dict[Any, Any]) -> dict[str, Any]:
    """Return the level that an interval really has, and the interval without the region that sets it.

    Nothing for a table of an earlier version, which tells neither.
    """
    if "true_level" not in row:
        return {}
    unit = row["setting_unit"]
    if not isinstance(unit, str):
        return {"true_level": row["true_level"], "without_told": "–"}
    name = row.get("setting_name")
    name = name if isinstance(name, str) else view.word("region_code", unit)
    told = _range(view, row["low_without"], row["high_without"])
    told = view._("none") if told == "–" else _unbroken(told)
    return {"true_level": row["true_level"], "without_told": f"{told} ({name})"}


def _unbroken(text: str) -> str:
    """Return a text that no line break parts."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def estimates(view: View, name: str = "estimates") -> pd.DataFrame | None:
    """Return the estimates: effect and interval, the past, what could be seen, rank and p."""
    seen = "mde_households" if view.evaluation.project.goals_that_count("households") else "mde_persons"

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        return {
            "outcome": row["outcome"],
            "years": view.years(row),
            "specification_told": _specification(view, row),
            "effect_persons": row["effect_persons"],
            "interval_told": _unbroken(_range(view, row["low"], row["high"])),
            **_hangs_on(view, row),
            "pseudo_effect_persons": row["pseudo_effect_persons"],
            seen: row[seen],
            **_placed(view, row),
        }

    return _row_by_row(view, name, told)


def _placed(view: View, row: dict[Any, Any]) -> dict[str, str]:
    """Return rank and p-value among the placebos, and what the rule of the plan made of a specification."""
    rank = view._("{rank} of {n}").format(rank=int(row["rank"]), n=int(row["n"]) + 1)
    place = view._("primary") if row["primary"] else view._("equally good") if row.get("equivalent") else "–"
    return {"rank_told": _unbroken(rank), "p_told": _p_value(view, row), "place": place}


def _unranked(read: Callable[..., pd.DataFrame | None], name: str) -> Callable[[View], pd.DataFrame | None]:
    """Return what reads a table shaped like another one, among whose rows no rule chose."""

    def rows(view: View) -> pd.DataFrame | None:
        told = read(view, name)
        return None if told is None else told.drop(columns="place")

    return rows


def region_effects(view: View) -> pd.DataFrame | None:
    """Return the counties of the project one by one, each beside what it borrows from the others."""

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        return {
            "region_code": row["region_code"],
            "years": view.years(row),
            **_alone(view, row),
            "pooled_persons": row["pooled_persons"],
            "pooled_told": _range(view, row["pooled_low"], row["pooled_high"]),
            "own_weight": row["own_weight"],
        }

    return _row_by_row(view, "region_effects", told)


def _alone(view: View, row: dict[Any, Any], **of_interval: Any) -> dict[str, Any]:
    """Return what is found of one county or municipality alone, with what more is told of its interval."""
    return {
        "effect_persons": row["effect_persons"],
        "interval_told": _range(view, row["low"], row["high"]),
        **of_interval,
        "p_told": _p_value(view, row),
        "told_apart": bool(row["told_apart"]),
    }


def municipality_effects(view: View) -> pd.DataFrame | None:
    """Return the municipalities one by one."""

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        return {
            "municipality_code": row["municipality_code"],
            **_alone(view, row, **_hangs_on(view, row)),
        }

    return _row_by_row(view, "municipality_effects", told)


def company_estimates(view: View, name: str = "company_estimates") -> pd.DataFrame | None:
    """Return the estimates on companies, each with what it counts."""

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        return {
            "outcome": row["outcome"],
            "specification_told": _specification(view, row),
            "unit": view.counted(row["unit"]),
            "effect_units": row["effect_units"],
            "interval_told": _range(view, row["low"], row["high"]),
            **_hangs_on(view, row),
            "pseudo_effect": row["pseudo_effect"],
            "mde": row["mde"],
            **_placed(view, row),
        }

    return _row_by_row(view, name, told)


def _decimals(value: float) -> int:
    """Return two decimals for shares and other small numbers, none for points of a hundred."""
    return 2 if abs(value) < 10 else 0


def _reference(view: View, row: dict[Any, Any]) -> str:
    """Return the reference in the report's language, where it is given in it."""
    return str((row.get("reference_sv") if view.language == "sv" else None) or row["reference"])


def assumptions(view: View) -> pd.DataFrame | None:
    """Return the assumptions in words: what, its value, its range, its reference."""
    return _row_by_row(
        view,
        "assumptions",
        lambda row: {
            "assumption_told": row[view.language],
            "value": texts.number(row["value"], view.language, _decimals(row["high"])),
            "range_told": _range(view, row["low"], row["high"], _decimals(row["high"])),
            "valid_from": row["valid_from"],
            "reference": _reference(view, row),
        },
    )


def identification(view: View) -> pd.DataFrame | None:
    """Return what the comparison assumes: why it is credible, what speaks against it, which check."""
    rows = view.table("identification")
    if rows is None:
        return None
    stems = {
        "assumed_told": "",
        "credible_told": "credible_",
        "against_told": "against_",
        "checked_by": "check_",
    }
    told = {name: rows[f"{stem}{view.language}"] for name, stem in stems.items()}
    return pd.DataFrame(told | {"reference": rows["reference"]})


def goals(view: View) -> pd.DataFrame | None:
    """Return the goals and what each level says of them, each range in one cell."""
    return _row_by_row(
        view,
        "goals",
        lambda row: {
            **{name: row[name] for name in ("goal", "target", "known", "unknown")},
            "level2_told": _range(view, row["l2_low"], row["l2_high"]),
            "level3_told": _range(view, row["l3_low"], row["l3_high"]),
            "seen_told": _range(view, row["mde_low"], row["mde_high"]),
        },
    )


def cost_per_result(view: View) -> pd.DataFrame | None:
    """Return results and cost per result as ranges; the cost is the same for every goal."""
    return _row_by_row(
        view,
        "cost_per_result",
        lambda row: {
            "goal": row["goal"],
            "level": row["level"],
            "results_told": _range(view, row["results_low"], row["results_high"]),
            "ratio_told": _range(view, row["ratio_low"], row["ratio_high"]),
        },
    )


def filters(view: View) -> pd.DataFrame | None:
    """Return the filters from gross to net: the share each keeps, as value and range, and its basis."""
    rows = view.table("filters")
    if rows is None:
        return None
    kept = rows[["kept_low", "kept", "kept_high"]].astype(float) * 100
    places = 1 if ((kept - kept.round()).abs() > 1e-6).any(axis=None) else 0

    def told(row: dict[Any, Any]) -> dict[str, Any]:
        low, value, high = (
            texts.percent(row[one], view.language, places) for one in ("kept_low", "kept", "kept_high")
        )
        return {
            "goal": row["goal"],
            "filter": filter_of(view, row),
            "deducted": row["deducted"],
            "kept_share": value,
            "kept_told": f"{low} – {high}",
            "basis": row["basis"],
        }

    return _row_by_row(view, "filters", told)


def filter_of(view: View, row: dict[Any, Any]) -> str:
    """Return the filter's id for its words: of companies those leave who were hired, not the companies."""
    hires = row["filter"] == "retention" and view.counts(row["goal"]) == "companies"
    return "retention_of_hires" if hires else str(row["filter"])


def organisations(view: View) -> pd.DataFrame | None:
    """Return the participating organisations: name, kind, role."""
    rows = view.table("organisations")
    return None if rows is None else rows[[c for c in ("name", "type", "role") if c in rows]]


def notes(view: View) -> pd.DataFrame | None:
    """Return what was noted when the records were read, as sentences."""
    rows = view.table("notes")
    if rows is None:
        return None
    from attraktiv_eval.records.faults import note_words

    said = [
        {"list": row["list"], "note": words}
        for row in rows.fillna("").to_dict("records")
        if (words := note_words(str(row["kind"]), str(row["value"]), view.language))
    ]
    return pd.DataFrame(said, columns=["list", "note"])


#: What the page shows for a table of that name.
READING = _by_name(
    goals, notes, rivals, base_periods, estimates, company_estimates, municipality_effects, region_effects,
    assumptions, identification, cost_per_result, filters, organisations,
) | {
    "flows": _unranked(estimates, "flows"),
    "controls": _unranked(estimates, "controls"),
    "other_estimates": _unranked(company_estimates, "other_estimates"),
}  # fmt: skip


# --- The tables of the reports: which columns, under which headings, written how

#: A page shows at most so many rows of a table; the CSV holds them all.
LONGEST = 60
#: On a phone the cells of a table of so many columns stand under one another; a wider one scrolls.
MOST_STACKED = 6
#: A table of more rows, its heading included, is folded away.
FOLDED = 25


@dataclass(frozen=True)
class Heading:
    """A column as the reader meets it."""

    id: str
    heading: str
    text: bool


def names(view: View) -> list[str]:
    """Return the ids of all tables of an evaluation, those made for reading included."""
    own = [name for name in view.evaluation.tables if view.table(name) is not None]
    return own + [name for name in DERIVED if name not in own and derived(view, name) is not None]


def derived(view: View, name: str) -> pd.DataFrame | None:
    """Return a table of the run or one made from its tables; None where there is none.

    Raises
    ------
    PublicationError
        If the table, or a column of it, is not specified.
    """
    table = DERIVED[name](view) if name in DERIVED else view.table(name)
    return None if table is None else checked(name, table)


def title(name: str, language: str) -> str:
    """Return the caption of a table."""
    known = TABLES.get(name)
    return known.title(language) if known else name.replace("_", " ").capitalize()


def csv_words(name: str, language: str) -> str:
    """Return what a link to a table's file says that it fetches: CSV, and the table's caption."""
    caption = title(name, language)
    return f"CSV: {caption[:1].lower()}{caption[1:]}"


def frame(view: View, name: str) -> tuple[pd.DataFrame, list[Heading]] | None:
    """Return a table in words: every cell as the language writes it, and its columns.

    None where the run has no such table.
    """
    table = READING[name](view) if name in READING else derived(view, name)
    if table is None or table.empty:
        return None
    of = TABLES[name]
    if of.largest_first in table:
        table = table.sort_values(of.largest_first, ascending=False, na_position="last", kind="stable")
    shown = [one for id in checked(name, table) if not (one := of.column(str(id))).hidden]
    shown = [one for one in shown if not _repeats(one.id, table)]
    written = {
        one.id: [labels.cell(one, value, view.language, view.word) for value in table[one.id]]
        for one in shown
    }
    heads = [Heading(one.id, one.title(view.language), _is_text(one, table[one.id])) for one in shown]
    return pd.DataFrame(written), heads


def _repeats(column: str, table: pd.DataFrame) -> bool:
    """Leave the code out where the name stands beside it."""
    return column == "region_code" and "region_name" in table.columns


def _is_text(column: Column, values: pd.Series) -> bool:
    if column.format == "range":
        return False
    if column.format in ("word", "text") or values.dtype == bool or "date" in str(values.dtype):
        return True
    return not pd.api.types.is_numeric_dtype(values)


def html(view: View, name: str, *, suffix: str = "") -> str:
    """Return a table as HTML with caption, scopes and ids of its own, in a box that scrolls by keyboard.

    Returns an empty text where the run has no such table.
    """
    made = frame(view, name)
    if made is None:
        return ""
    written, columns = made
    caption = title(name, view.language)
    notes = [_guarded(view, name), _coarse(view, name), _noisy(view, name), _own_size(view, name)]
    if len(written) > LONGEST:
        words = view._("The first {shown} of {all} rows; the CSV file holds them all.")
        notes.append(words.format(shown=view.number(LONGEST), all=view.number(len(written))))
        written = written.head(LONGEST)
    stack = TABLES[name].stacked or 2 < len(columns) <= MOST_STACKED
    inner = _written(written, columns, f"table-{name.replace('_', '-')}{suffix}", caption, stack)
    word = view._("Table")
    return boxed(inner, f"{word}: {caption}", len(columns)) + "".join(
        f'\n<p class="note">{escape(note)}</p>' for note in notes if note
    )


def boxed(table: str, label: str, columns: int) -> str:
    """Return a table in its box: one that may be wider than the screen scrolls by keyboard and has a name.

    A table whose cells stand under one another on a phone, or of two columns, never scrolls: it needs no stop
    of the keyboard and is no landmark.
    """
    if columns <= 2 or re.match(r'<table class="[^"]*\bstack\b', table):
        broad = " broad" if columns > 4 else ""
        return f'<div class="table{broad}">\n{table}\n</div>'
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n{table}\n</div>'


def _own_size(view: View, name: str) -> str:
    """Return which persons per household level 3 divides by, below the table of the assumptions."""
    size = getattr(view.evaluation, "household_size", None)
    households = view.evaluation.project.goals_that_count("households")
    if name != "assumptions" or size is None or not households:
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
    sheet, table = TABLES[name].sheet, view.table(name)
    counts = (*sheet.counts, *sheet.rounded) if sheet else ()
    if table is None or not table[[one for one in counts if one in table]].isna().any(axis=None):
        return ""
    return view._("A dash: not shown, to guard small counts here or against an earlier report.")


def _coarse(view: View, name: str) -> str:
    """Return that a table's shares are rounded so that no few can be worked out; empty where none is."""
    sheet, table = TABLES[name].sheet, view.table(name)
    if sheet is None or table is None or not sheet.rounded:
        return ""
    return view._(
        "Shares of the records are rounded to whole steps, coarser where few stand behind them, so that no "
        "few can be worked out."
    )


def _noisy(view: View, name: str) -> str:
    """Return which years of a table's figures carry SCB's random error; empty where none does."""
    table = derived(view, name)
    if table is None:
        return ""
    years = set(table.loc[table["noise"].astype(bool), "year"]) if "noise" in table else set()
    spans = table["noisy_years"].dropna() if "noisy_years" in table else ()
    years |= {int(year) for span in spans for year in span.split(", ")}
    return style.noise(view, sorted(int(year) for year in years)) if years else ""


def _written(written: pd.DataFrame, columns: list[Heading], id: str, caption: str, stack: bool) -> str:
    """Return the bare table element: the page's own style sheet dresses it."""
    rows = [
        Row(escape(first), [escape(one) for one in rest])
        for first, *rest in written.itertuples(index=False, name=None)
    ]
    return write(
        id,
        caption,
        [column.heading for column in columns],
        rows,
        numbers=[at for at, column in enumerate(columns) if at and not column.text],
        columns=[column.id for column in columns],
        stack=stack,
    )
