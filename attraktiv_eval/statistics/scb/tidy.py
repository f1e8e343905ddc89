"""From SCB's cubes to tidy region-by-year tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.catalogue import Table
from attraktiv_eval.statistics.scb.jsonstat import Cube
from attraktiv_eval.statistics.scb.selection import TIME, measures_of, plain_age, year_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AGE_GROUPS", "MEANINGS", "age_group", "join", "tidy"]

#: Groups of age, by their first and last year.
AGE_GROUPS: dict[str, tuple[int, int]] = {
    "0-19": (0, 19),
    "20-34": (20, 34),
    "35-49": (35, 49),
    "50-64": (50, 64),
    "65+": (65, 200),
}

#: What SCB's symbols say of a cell that has no number.
MEANINGS: dict[str, str] = {
    "..": "not available, or too uncertain to be given",
    ".": "cannot occur",
    ":": "suppressed",
    "not formed": "the municipality did not exist yet",
}


def tidy(cube: Cube, table: Table) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a tidy table and the list of its missing cells.

    Parameters
    ----------
    cube : Cube
        Every cell of the selection.
    table : Table
        Says what is summed and what is measured.

    Returns
    -------
    table : DataFrame
        The key columns, one ``Float64`` column a measure, and ``noise``. Counties and municipalities only:
        the country and the large-city areas 0010, 0020 and 0030 are left out. A sum with a missing part
        is missing.
    missing : DataFrame
        The key columns, measure, symbol and meaning of every cell without a number.
    """
    import numpy as np
    import pandas as pd

    values, symbols, codes = _reduce(cube, table)
    measures = measures_of(table, cube.labels[table.measure_variable])
    areas, periods = codes[table.region_variable], codes[TIME]
    further = table.age_variable or table.origin_variable
    ages = codes.get(further or "", [""])
    axes = [table.region_variable, TIME, *([further] if further else []), table.measure_variable]
    order = [list(codes).index(axis) for axis in axes]
    values, symbols = values.transpose(order), symbols.transpose(order)
    rows = len(areas) * len(periods) * len(ages)
    index: Any = np.unravel_index(np.arange(rows), (len(areas), len(periods), len(ages)))
    names = cube.labels[table.region_variable]
    frame = pd.DataFrame(
        {
            "region_code": pd.Series(np.array(areas, dtype=object)[index[0]], dtype="str"),
            "region_name": pd.Series(
                np.array([_name(names[code]) for code in areas], dtype=object)[index[0]], dtype="str"
            ),
            "year": np.array([year_of(p) for p in periods])[index[1]],
        }
    )
    if table.quarterly:
        frame["quarter"] = np.array([int(p[-1]) for p in periods])[index[1]]
    if table.monthly:
        frame["month"] = np.array([int(p[-2:]) for p in periods])[index[1]]
    if table.age_variable:
        frame["age_group"] = pd.Series(np.array(ages, dtype=object)[index[2]], dtype="str")
    if table.origin_variable:
        frame["origin_code"] = pd.Series(np.array(ages, dtype=object)[index[2]], dtype="str")
    position = {code: i for i, code in enumerate(codes[table.measure_variable])}
    flat, marks = values.reshape(rows, -1), symbols.reshape(rows, -1)
    signs = [*cube.signs, "not formed"]
    unformed = _not_formed(frame, table)
    absent = []
    for name, code in measures.items():
        column, mark = flat[:, position[code]].copy(), marks[:, position[code]].copy()
        column[unformed], mark[unformed] = np.nan, len(signs) - 1
        frame[name] = pd.Series(column).astype("Float64")
        gone = np.isnan(column)
        absent.append(_missing(frame.loc[gone, list(table.keys)], name, mark[gone], signs))
    noisy_from = table.first_noisy_year
    frame["noise"] = frame["year"] >= noisy_from if noisy_from is not None else False
    return _without_empty_years(frame, pd.concat(absent, ignore_index=True), list(measures))


def _without_empty_years(
    frame: pd.DataFrame, absent: pd.DataFrame, measures: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the last years without any figure: SCB lays a year out before it is over."""
    held = frame.loc[frame[measures].notna().any(axis=1), "year"]
    last = held.max() if len(held) else frame["year"].max()
    return (
        frame[frame["year"] <= last].reset_index(drop=True),
        absent[absent["year"] <= last].reset_index(drop=True),
    )


def _reduce(cube: Cube, table: Table) -> tuple[Any, Any, dict[str, list[str]]]:
    """Leave out what is no county or municipality, sum what has no total, and group ages."""
    import numpy as np

    values, symbols, codes = cube.numbers, cube.symbols, dict(cube.codes)
    for place in filter(None, (table.region_variable, table.origin_variable)):
        keep = [i for i, code in enumerate(codes[place]) if _is_kept(code)]
        axis = list(codes).index(place)
        values, symbols = values.take(keep, axis), symbols.take(keep, axis)
        codes[place] = [codes[place][i] for i in keep]
    if table.age_variable:
        axis = list(codes).index(table.age_variable)
        parts = [
            [i for i, code in enumerate(codes[table.age_variable]) if age_group(code) == group]
            for group in AGE_GROUPS
        ]
        values = np.stack([values.take(part, axis).sum(axis) for part in parts], axis)
        symbols = np.stack([symbols.take(part, axis).max(axis, initial=0) for part in parts], axis)
        codes[table.age_variable] = list(AGE_GROUPS)
    measured = {
        table.region_variable,
        table.origin_variable,
        TIME,
        table.age_variable,
        table.measure_variable,
    }
    for name in [name for name in codes if name not in measured]:
        axis = list(codes).index(name)
        if len(codes[name]) > 1 and name not in table.sum_over:
            raise SourceError(
                f"table {table.id}: {name} has {len(codes[name])} values and is not summed",
                remedy=f"choose one code of {name}, or name it in sum_over of {table.name}",
                file="data/statistics/catalogue.toml",
            )
        values, symbols = values.sum(axis), symbols.max(axis)
        del codes[name]
    return values, symbols, codes


def _is_kept(code: str) -> bool:
    try:
        return regions.level_of(code) in ("county", "municipality")
    except SourceError:
        return False


def age_group(code: str) -> str | None:
    """Return the group of an age code such as 7, 20-24, -4, 100+ or 100+5; None for a total.

    SCB writes the dash as a hyphen or an en dash, and some tables add the word ``år``.
    """
    plain = plain_age(code)
    found = re.fullmatch(r"(\d*)(?:-(\d+))?(\+\d{0,2})?", plain)
    if not found or not (found[1] or found[2]):
        return None
    first = int(found[1] or 0)
    return next((name for name, (low, high) in AGE_GROUPS.items() if low <= first <= high), None)


def _name(label: str) -> str:
    """Return a region's name without the code before it or the word behind it that some tables have."""
    return re.sub(r"^\d{2,4}\s+|\s+\((?:In|Ut)flyttningslän\)$", "", label.strip())


def _not_formed(frame: pd.DataFrame, table: Table) -> Any:
    """Say in which rows a municipality did not exist yet: SCB gives 0 there, which is no count."""
    import numpy as np

    rows = np.zeros(len(frame), dtype=bool)
    for code, (moves, _) in regions.FORMED_LATER.items():
        first = moves - 1 if table.stock else moves
        rows |= ((frame["region_code"] == code) & (frame["year"] < first)).to_numpy()
    return rows


def _missing(keys: pd.DataFrame, measure: str, marks: Any, signs: list[str]) -> pd.DataFrame:
    listed = keys.copy()
    listed["measure"] = measure
    listed["symbol"] = [signs[mark] or ".." for mark in marks]
    listed["meaning"] = [MEANINGS.get(symbol, "no number given") for symbol in listed["symbol"]]
    return listed


def join(parts: list[tuple[Table, pd.DataFrame]]) -> pd.DataFrame:
    """Join tables of the same name; where periods meet, the later table of the catalogue stands.

    The ``noise`` column tells the rows that carry the cell-key method's random error.
    """
    import pandas as pd

    kept: list[pd.DataFrame] = []
    taken: set[tuple[int, ...]] = set()
    own = parts[0][0]
    when = ["year", *(["quarter"] if own.quarterly else ["month"] if own.monthly else [])]
    for _, frame in reversed(parts):
        periods = list(map(tuple, frame[when].to_numpy().tolist()))
        kept.insert(0, frame[[period not in taken for period in periods]])
        taken |= set(periods)
    keys = list(parts[0][0].keys)
    order = [key for key in keys if key != "region_name"]
    return pd.concat(kept, ignore_index=True).sort_values(order, ignore_index=True)
