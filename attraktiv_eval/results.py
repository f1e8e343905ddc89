"""``results.json``: every figure of a report with its range, evidence and origin, and nothing else.

Written after suppression, checked against the published schema, and the same bytes for the same figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attraktiv_eval import resources

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.findings import Verdict

__all__ = ["DIGITS", "document", "figure", "read_tables", "schema", "validate", "write"]

#: Significant digits of a written number; further ones differ between machines.
DIGITS = 6

Kind = Literal["count", "estimate", "design", "goal", "money"]


def figure(
    id: str,
    value: float | None,
    *,
    unit: str,
    kind: Kind,
    evidence_level: Literal[1, 2, 3] | None = None,
    low: float | None = None,
    high: float | None = None,
    interval: float | None = None,
    range: float | None = None,
    method: str | None = None,
    sources: Sequence[str] = (),
    assumptions: Sequence[str] = (),
    example_data: bool = False,
    reason: str | None = None,
    years: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return one figure as it stands in ``results.json``.

    Parameters
    ----------
    id : str
        Such as ``households.level2``.
    value, low, high : float, optional
        A missing value (None, NaN, NA) must come with a ``reason``; an infinite end of an interval is
        written as null and named under ``unbounded``.
    unit : str
        ``households``, ``persons``, ``SEK``, ``share`` ...
    kind : str
        ``count``, ``estimate`` (needs low and high), ``design`` (a property of the method: p-value, rank,
        smallest detectable effect), ``goal`` or ``money``.
    evidence_level : int or None
        1, 2 or 3; None for goals and money.
    interval : float or None
        0.90, or None where low and high are bounds or absent.
    range : float, optional
        Share of the calculations that lie from low to high, where they are drawn over judgements: no
        interval, for it does not narrow with data. Written where it is given.
    method, sources, assumptions
        Id of the method, SCB tables or lists, ids of assumptions.
    reason : str, optional
        Why there is no value: ``suppressed``, ``list_missing``, ``not_applicable`` ...
    years : (int, int), optional
        First and last year that an estimate of level 3 compares; written where they are given.
    """
    if _is_missing(value):
        value = low = high = interval = range = None
    elif reason is not None:
        raise ValueError(f"figure {id} has both a value and a reason for having none")
    one: dict[str, Any] = {
        "id": id,
        "value": _plain(value),
        "low": _end(low),
        "high": _end(high),
        "interval": interval,
        "unit": unit,
        "evidence_level": evidence_level,
        "kind": kind,
        "method": method,
        "sources": list(sources),
        "assumptions": list(assumptions),
        "example_data": bool(example_data),
    }
    if range is not None:
        one["range"] = range
    if years is not None:
        one |= {"first_year": int(years[0]), "last_year": int(years[1])}
    if reason is not None:
        one["reason"] = reason
    unbounded = [name for name, end in (("low", low), ("high", high)) if end is not None and math.isinf(end)]
    if unbounded:
        one["unbounded"] = unbounded
    return one


def document(
    run_id: str,
    figures: Iterable[Mapping[str, Any]],
    verdicts: Iterable[Verdict] | Mapping[str, Mapping[int, Verdict]],
    *,
    project: str,
    year: int,
    final: bool,
    until: date,
    example_data: bool,
    missing: Iterable[str] = (),
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, Any]:
    """Return the whole of ``results.json``.

    Parameters
    ----------
    run_id : str
    figures : iterable of dict
        From :func:`figure`; each id once.
    verdicts : iterable of Verdict, or mapping of goal and level to Verdict
    project, year, final, until, example_data, missing
        What was evaluated, and which lists were missing.
    tables : mapping of name to DataFrame, optional
        Count tables *after suppression*; next year's report needs them to guard this one's gaps.

    Raises
    ------
    ValueError
        If a figure's id is given twice, or a number is not finite.
    """
    listed = [dict(one) for one in figures]
    ids = [one["id"] for one in listed]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"figure {twice[0]} is given twice")
    if isinstance(verdicts, Mapping):
        verdicts = [one for levels in verdicts.values() for one in levels.values()]
    return {
        "schema_version": 1,
        "run_id": run_id,
        "project": project,
        "year": int(year),
        "final": bool(final),
        "until": until.isoformat(),
        "example_data": bool(example_data),
        "missing": list(missing),
        "figures": [{key: _plain(value) for key, value in one.items()} for one in listed],
        "verdicts": [_verdict(one) for one in verdicts],
        "tables": {name: _table(table) for name, table in (tables or {}).items()},
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    facts = {key: _loose(value) for key, value in verdict.values.items()}  # noqa: PD011
    return {
        "goal": verdict.goal,
        "level": verdict.level,
        "rule": verdict.rule,
        "values": facts,
        "reasons": list(verdict.reasons),
    }


def _table(table: pd.DataFrame) -> dict[str, Any]:
    rows = [[_loose(cell) for cell in row] for row in table.itertuples(index=False, name=None)]
    return {"columns": [str(name) for name in table.columns], "rows": rows}


def read_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Return the count tables of an earlier ``results.json``, suppressed cells missing."""
    import pandas as pd

    doc = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        name: pd.DataFrame(one["rows"], columns=one["columns"]).convert_dtypes()
        for name, one in doc.get("tables", {}).items()
    }


def write(path: Path, doc: Mapping[str, Any]) -> None:
    """Check a document against the schema and write it; the same document gives the same bytes.

    Raises
    ------
    ValueError
        If the document does not follow the schema: a fault of the program, not of its user.
    """
    validate(doc)
    text = json.dumps(doc, ensure_ascii=False, allow_nan=False, indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


@cache
def schema() -> dict[str, Any]:
    """Return the published JSON schema of ``results.json``."""
    text = resources.find("attraktiv_eval/results.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def validate(doc: Mapping[str, Any]) -> None:
    """Check a document against the schema.

    Raises
    ------
    ValueError
        With the place and the fault, for the first one found.
    """
    from fastjsonschema import JsonSchemaValueException

    try:
        _checker()(doc)
    except JsonSchemaValueException as fault:
        place = "/".join(str(part) for part in fault.path[1:])
        raise ValueError(f"results.json, {place or 'top'}: {fault.message}") from None


@cache
def _checker() -> Callable[[Mapping[str, Any]], Any]:
    """Return the schema as a function; jsonschema reads a whole grammar of addresses before it starts."""
    from fastjsonschema import compile as compiled

    check: Callable[[Mapping[str, Any]], Any] = compiled(schema(), use_default=False)
    return check


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _end(value: float | None) -> Any:
    return None if value is None or math.isinf(value) else _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it; floats at six significant digits, never minus zero."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number in results.json is not finite")
        return float(f"{value:.{DIGITS}g}") + 0.0
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _loose(value: Any) -> Any:
    """Return a value as JSON holds it, with null for what is missing or has no bound."""
    if isinstance(value, (list, tuple)):
        return [_loose(one) for one in value]
    if _is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return _plain(value)
