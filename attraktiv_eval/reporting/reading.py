"""Tables shaped for reading where the tidy table has too many columns: ranges in one cell, sentences for ids.

The CSV file of the same name holds the tidy table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attraktiv_eval import texts
from attraktiv_eval.reporting.view import known

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View

__all__ = ["READING"]


def _range(view: View, low: Any, high: Any, decimals: int = 0) -> str:
    """Return a range in words; an end that is missing or unbounded says so."""
    _ = view._
    bounded = [known(end) and math.isfinite(float(end)) for end in (low, high)]
    if not any(bounded):
        return "–"
    if not bounded[1]:
        return _("{n} or more").format(n=view.number(low, decimals))
    if not bounded[0]:
        return _("at most {n}").format(n=view.number(high, decimals))
    ends = [view.number(end, decimals) for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0]
    return texts.span(float(low), float(high), view.language, decimals)


def rivals(view: View) -> pd.DataFrame | None:
    """Return the rival explanations in words: event with its years, direction, known size, check, result."""
    rows = view.table("rivals")
    if rows is None:
        return None
    import pandas as pd

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
    said = []
    for row in rows.to_dict("records"):
        event, years = event_name(row["event"], view.language, events), _years(row)
        said.append(
            {
                "event_told": f"{event} ({years})" if years and years not in event else event,
                "expected_sign": signs.get(row["expected_sign"], ""),
                "size": row["size"],
                "check_told": check_name(row["check"], view.language, row["event"], events),
                "result": result_text(row, view.language),
                "before_told": before_text(row, view.language),
                "speaks": speaks_text(row, view.language),
            }
        )
    return pd.DataFrame(said)


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


def _rank(view: View, row: dict[Any, Any]) -> str:
    """Return the rank among the county and its placebos."""
    return _unbroken(view._("{rank} of {n}").format(rank=int(row["rank"]), n=int(row["n"]) + 1))


def _unbroken(text: str) -> str:
    """Return a text that no line break parts."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def estimates(view: View, name: str = "estimates") -> pd.DataFrame | None:
    """Return the estimates: effect and interval, the past, what could be seen, rank and p."""
    rows = view.table(name)
    if rows is None:
        return None
    import pandas as pd

    _ = view._
    said = []
    for row in rows.to_dict("records"):
        mark = _("primary") if row["primary"] else _("equally good") if row.get("equivalent") else "–"
        said.append(
            {
                "outcome": row["outcome"],
                "years": view.years(row),
                "specification_told": _specification(view, row),
                "effect_persons": row["effect_persons"],
                "interval_told": _unbroken(_range(view, row["low"], row["high"])),
                **_hangs_on(view, row),
                "pseudo_effect_persons": row["pseudo_effect_persons"],
                "mde_households": row["mde_households"],
                "rank_told": _rank(view, row),
                "p_told": _p_value(view, row),
                "place": mark,
            }
        )
    return pd.DataFrame(said)


def flows(view: View) -> pd.DataFrame | None:
    """Return in, out and net by one common set of weights; no rule chose among them."""
    told = estimates(view, "flows")
    return None if told is None else told.drop(columns="place")


def controls(view: View) -> pd.DataFrame | None:
    """Return the negative controls, shaped like the estimates."""
    told = estimates(view, "controls")
    return None if told is None else told.drop(columns="place")


def municipality_effects(view: View) -> pd.DataFrame | None:
    """Return the municipalities one by one, the largest effect in moves first."""
    rows = view.table("municipality_effects")
    if rows is None:
        return None
    import pandas as pd

    said = [
        {
            "municipality_code": row["municipality_code"],
            "effect_persons": row["effect_persons"],
            "interval_told": _range(view, row["low"], row["high"]),
            **_hangs_on(view, row),
            "p_told": _p_value(view, row),
            "told_apart": bool(row["told_apart"]),
        }
        for row in rows.sort_values("effect_persons", ascending=False, kind="stable").to_dict("records")
    ]
    return pd.DataFrame(said)


def company_estimates(view: View) -> pd.DataFrame | None:
    """Return the estimates on companies, each with what it counts."""
    rows = view.table("company_estimates")
    if rows is None:
        return None
    import pandas as pd

    from attraktiv_eval.statistics.outcomes import unit_words

    _ = view._
    said = []
    for row in rows.to_dict("records"):
        mark = _("primary") if row["primary"] else _("equally good") if row["equivalent"] else "–"
        said.append(
            {
                "outcome": row["outcome"],
                "specification_told": _specification(view, row),
                "unit": unit_words(row["unit"], view.language),
                "effect_units": row["effect_units"],
                "interval_told": _range(view, row["low"], row["high"]),
                **_hangs_on(view, row),
                "pseudo_effect": row["pseudo_effect"],
                "mde": row["mde"],
                "rank_told": _rank(view, row),
                "p_told": _p_value(view, row),
                "place": mark,
            }
        )
    return pd.DataFrame(said)


def _decimals(value: float) -> int:
    """Return two decimals for shares and other small numbers, none for points of a hundred."""
    return 2 if abs(value) < 10 else 0


def _reference(view: View, row: dict[Any, Any]) -> str:
    """Return the reference in the report's language, where it is given in it."""
    return str((row.get("reference_sv") if view.language == "sv" else None) or row["reference"])


def assumptions(view: View) -> pd.DataFrame | None:
    """Return the assumptions in words: what, its value, its range, its reference."""
    rows = view.table("assumptions")
    if rows is None:
        return None
    import pandas as pd

    said = [
        {
            "assumption_told": row[view.language],
            "value": texts.number(row["value"], view.language, _decimals(row["high"])),
            "range_told": _range(view, row["low"], row["high"], _decimals(row["high"])),
            "valid_from": row["valid_from"],
            "reference": _reference(view, row),
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(said)


def identification(view: View) -> pd.DataFrame | None:
    """Return what the comparison assumes: why it is credible, what speaks against it, which check."""
    rows = view.table("identification")
    if rows is None:
        return None
    import pandas as pd

    parts = {
        "assumed_told": "",
        "credible_told": "credible_",
        "against_told": "against_",
        "checked_by": "check_",
    }
    told = {name: rows[f"{stem}{view.language}"] for name, stem in parts.items()}
    return pd.DataFrame(told | {"reference": rows["reference"]})


def cost_per_result(view: View) -> pd.DataFrame | None:
    """Return results and cost per result as ranges; the cost is the same for every goal."""
    rows = view.table("cost_per_result")
    if rows is None:
        return None
    import pandas as pd

    said = [
        {
            "goal": row["goal"],
            "level": row["level"],
            "results_told": _range(view, row["results_low"], row["results_high"]),
            "ratio_told": _range(view, row["ratio_low"], row["ratio_high"]),
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(said)


def filters(view: View) -> pd.DataFrame | None:
    """Return the filters from gross to net: the share each keeps, as value and range, and its basis."""
    rows = view.table("filters")
    if rows is None:
        return None
    import pandas as pd

    said = [
        {
            "goal": row["goal"],
            "filter": _filter(view, row),
            "deducted": row["deducted"],
            "kept_share": row["kept"],
            "kept_told": texts.percent(row["kept_low"], view.language, 1)
            + " – "
            + texts.percent(row["kept_high"], view.language, 1),
            "basis": row["basis"],
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(said)


def _filter(view: View, row: dict[Any, Any]) -> str:
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
    import pandas as pd

    from attraktiv_eval.records.faults import note_words

    said = [
        {"list": row["list"], "note": words}
        for row in rows.fillna("").to_dict("records")
        if (words := note_words(str(row["kind"]), str(row["value"]), view.language))
    ]
    return pd.DataFrame(said, columns=["list", "note"])


#: What the page shows for a table of that name.
READING: dict[str, Callable[[View], pd.DataFrame | None]] = {
    "notes": notes,
    "rivals": rivals,
    "base_periods": base_periods,
    "estimates": estimates,
    "flows": flows,
    "controls": controls,
    "company_estimates": company_estimates,
    "municipality_effects": municipality_effects,
    "assumptions": assumptions,
    "identification": identification,
    "cost_per_result": cost_per_result,
    "filters": filters,
    "organisations": organisations,
}
