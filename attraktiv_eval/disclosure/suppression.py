"""The counts of one report under suppression, each with what a reader could work out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from attraktiv_eval.disclosure.attack import Atom, Knowledge, Solved
from attraktiv_eval.table_specifications import SHEETS, Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "JOINED",
    "RENEWED",
    "THRESHOLD",
    "WIDTH",
    "Cells",
    "Edition",
    "Printed",
    "Report",
    "Tables",
    "protect",
    "protect_editions",
    "protect_next",
    "protect_series",
    "suppress",
]


#: Counts below this are suppressed, but for zero.
THRESHOLD = 5
#: A suppressed count must have at least this much room between its smallest and largest possible value.
WIDTH = 4
#: Two categories that merge are named by both ids with this between.
JOINED = "+"

#: Stands for all units of a total, among categories that overlap.
_EVERYONE = "*"

#: The steps in which a share may be printed.
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)

Tables = Mapping[str, "pd.DataFrame"]


@dataclass(frozen=True)
class Edition:
    """The tables of a report as it was published, and the day that it counts to.

    Where the days of two editions are known, a reader takes it that nothing that the one with the later day
    counts is less than in the other; of one day, in the one that came out later, since rows are registered
    late far more often than they are taken back.
    """

    tables: Tables
    until: date | None = None


class Cells:
    """The cells of a report under suppression: ``(sheet, row, column)`` with the atoms that they sum."""

    def __init__(
        self,
        tables: Tables,
        sheets: Sequence[Sheet],
        merged: dict[str, list[tuple[str, ...]]],
        editions: Sequence[Edition],
        until: date | None = None,
    ) -> None:
        self.tables, self.sheets, self.merged, self.editions = tables, sheets, merged, editions
        self.until = until
        ages = range(1, len(editions) + 1)
        later = [age for age in ages if until and (day := editions[age - 1].until) and day > until]
        #: The ages of all editions as a reader puts them in order: by the day that they count to.
        self.order = [*(age for age in ages if age not in later), 0, *later]
        self.weak: Sequence[Mapping[Atom, float]] = []
        self.values: dict[tuple[str, int, str], int] = {}
        self.atoms: dict[tuple[str, int, str], tuple[Atom, ...]] = {}
        for sheet in sheets:
            self._read(sheet)
        self.by_atoms: dict[tuple[Atom, ...], list[tuple[str, int, str]]] = {}
        for cell, atoms in self.atoms.items():
            self.by_atoms.setdefault(atoms, []).append(cell)
        self.open = {cell for cell in self.values if not self._is_total(cell)}
        self.hidden = {cell for cell in self.open if 0 < self.values[cell] < THRESHOLD}
        self.hidden |= self._known_of_almost_all()
        self.hidden = {twin for cell in self.hidden for twin in self.by_atoms[self.atoms[cell]]}

    def _known_of_almost_all(self) -> set[tuple[str, int, str]]:
        """Return the counts of those whose outcome is known, where the total says that few are not.

        The few are somewhere: beside printed counts of the known the last blank one would be theirs.
        """
        return {
            cell
            for sheet in self.sheets
            for column in sheet.everyone
            if 0 < _left(sheet, self.tables, column) < THRESHOLD
            for cell in self.open
            if (cell[0], cell[2]) == (sheet.name, column) and self.values[cell] > 0
        }

    def _is_total(self, cell: tuple[str, int, str]) -> bool:
        """Return whether merged categories hold all of a total, which is published anyway."""
        name, row, column = cell
        sheet = next(one for one in self.sheets if one.name == name)
        rows = self.merged[name]
        whole = sum(self.values[name, other, column] for other in range(len(rows)))
        return sheet.additive and len(rows[row]) > 1 and self.values[cell] == whole

    def _read(self, sheet: Sheet) -> None:
        table = self.tables[sheet.name]
        place = {key: number for number, key in enumerate(sheet.rows(table))}
        for row, keys in enumerate(self.merged[sheet.name]):
            for column, measure in sheet.counts.items():
                cell = (sheet.name, row, column)
                self.atoms[cell] = _atoms(sheet, 0, measure, keys)
                if sheet.overlapping and len(keys) > 1:
                    self.values[cell] = _together(table, measure, keys)
                else:
                    self.values[cell] = sum(int(table[column].iloc[place[key]]) for key in keys)

    def hide(self) -> str | None:
        """Suppress until nothing can be narrowed; return a sheet that must merge first, or None."""
        safe: set[frozenset[Any]] = set()  # suppressing more never narrows what is wide enough already
        while True:
            crowded = self.mostly_blank()
            if crowded is not None:
                return crowded
            solved = self._knowledge().solve()
            unsure = {frozenset(one.items()): one for one in self.sensitive}
            weak = [one for key, one in unsure.items() if key not in safe and self._is_narrow(solved, one)]
            safe |= unsure.keys() - {frozenset(one.items()) for one in weak}
            self.weak = weak
            if not weak:
                return None
            chosen = {cell for one in weak if (cell := self._next(solved, one)) is not None}
            if not chosen:
                return self._mergeable(weak)
            self.hidden |= {twin for cell in chosen for twin in self.by_atoms[self.atoms[cell]]}

    @staticmethod
    def _is_narrow(solved: Solved, expression: Mapping[Atom, float]) -> bool:
        low, high = solved.interval(expression)
        if len({atom[0] for atom in expression}) > 1 and max(abs(low), abs(high)) < 1e-6:
            return False  # nothing has changed since another edition, and zeros are shown
        return high - low < WIDTH - 1e-6

    def _next(self, solved: Solved, expression: Mapping[Atom, float]) -> tuple[str, int, str] | None:
        """Return the smallest printed count that tells of an expression: its own, else one tied to it."""
        shown = [cell for cell in self.open - self.hidden if self.values[cell] > 0]
        own = [cell for cell in shown if set(self.atoms[cell]) & set(expression)]
        if own:
            return min(own, key=self._size)
        tied = solved.tied(expression)
        return min((cell for cell in shown if tied & set(self.atoms[cell])), key=self._size, default=None)

    def _size(self, cell: tuple[str, int, str]) -> tuple[int, str, int, str]:
        return (self.values[cell], *cell)

    def _mergeable(self, weak: Sequence[Mapping[Atom, float]]) -> str | None:
        """Return a sheet whose categories could merge to guard what is still narrow."""
        about = {(atom[1], atom[2], atom[3]) for one in weak for atom in one}
        for sheet in self.sheets:
            measures = {
                (m, sheet.key, key)
                for m in sheet.counts.values()
                for row in self.merged[sheet.name]
                for key in row
            }
            if self._merges(sheet) and measures & about and self._small_rows(sheet) is not None:
                return sheet.name
        return None

    def mostly_blank(self) -> str | None:
        """Return a sheet of which more than half of the counts are suppressed, where rows could merge."""
        for sheet in self.sheets:
            cells = [cell for cell in self.values if cell[0] == sheet.name]
            blank = sum(cell in self.hidden for cell in cells)
            if self._merges(sheet) and 2 * blank > len(cells) and self._small_rows(sheet) is not None:
                return sheet.name
        return None

    def _merges(self, sheet: Sheet) -> bool:
        """Return whether rows of a sheet can merge: their sum, or their union, can be counted."""
        return sheet.additive or (sheet.overlapping and "combinations" in self.tables[sheet.name].attrs)

    def _small_rows(self, sheet: Sheet) -> tuple[int, int] | None:
        """Return the smallest row with a suppressed count and the smallest other, zero only if need be.

        Where categories overlap, the other has a suppressed count too: beside a printed row the union would
        bound those that were met in both.
        """
        rows = range(len(self.merged[sheet.name]))
        size = {row: sum(self.values[sheet.name, row, column] for column in sheet.counts) for row in rows}
        filled = sorted((row for row in rows if size[row]), key=lambda row: (size[row], row))
        blank = [row for row in filled if any((sheet.name, row, c) in self.hidden for c in sheet.counts)]
        empty = [row for row in rows if not size[row]]
        if sheet.overlapping:
            filled, empty = blank, []
        other = next((row for row in [*filled, *empty] if not blank or row != blank[0]), None)
        if other is None or not blank:
            return None
        return min(blank[0], other), max(blank[0], other)

    def merge(self, name: str) -> bool:
        """Merge the two smallest categories of a sheet; False where there are none."""
        sheet = next(one for one in self.sheets if one.name == name)
        pair = self._small_rows(sheet)
        if pair is None:
            return False
        rows = self.merged[name]
        rows[pair[0]] = (*rows[pair[0]], *rows[pair[1]])
        del rows[pair[1]]
        return True

    def _knowledge(self) -> Knowledge:
        """Return what a reader of this report and the earlier ones knows; note what must not be told."""
        facts = Knowledge()
        self.sensitive = []
        for cell, atoms in self.atoms.items():
            least = 1 if cell in self.hidden and len(atoms) == 1 else 0
            for atom in atoms:
                facts.at_least[atom] = max(least, facts.at_least.get(atom, 0))
            if cell not in self.hidden:
                facts.sums.append((atoms, self.values[cell]))
            else:
                self.sensitive.append(dict.fromkeys(atoms, 1.0))
        for sheet in self.sheets:
            self._sums_and_parts(facts, sheet, self.tables, 0, self.merged[sheet.name])
            self._unions(facts, sheet, 0, self.merged[sheet.name])
            self._everyone(facts, sheet, self.tables, 0, self.merged[sheet.name])
            self._differences(sheet)
        for age, edition in enumerate(self.editions, start=1):
            self._edition(facts, edition.tables, age)
        self._never_less(facts)
        return facts

    def _differences(self, sheet: Sheet) -> None:
        """Note the counts that a row tells by the difference of two: of 9 supported 8 met a candidate."""
        for small, large in sheet.within:
            for row in range(len(self.merged[sheet.name])):
                cells = (sheet.name, row, large), (sheet.name, row, small)
                if 0 < self.values[cells[0]] - self.values[cells[1]] < THRESHOLD:
                    signs = dict.fromkeys(self.atoms[cells[0]], 1.0) | dict.fromkeys(
                        self.atoms[cells[1]], -1.0
                    )
                    self.sensitive.append(signs)

    def _sums_and_parts(
        self, facts: Knowledge, sheet: Sheet, tables: Tables, age: int, rows: list[tuple[str, ...]]
    ) -> None:
        for column, (table, source) in sheet.total.items():
            if table in tables and source in tables[table] and tables[table][source].notna().all():
                measure = sheet.counts[column]
                atoms = tuple((age, measure, sheet.key, key) for keys in rows for key in keys)
                facts.sums.append((atoms, float(tables[table][source].sum())))
        for small, large in sheet.within:
            for keys in rows:
                union = (JOINED.join(keys),) if sheet.overlapping and len(keys) > 1 else ()
                for key in (*keys, *union):
                    pair = [(age, sheet.counts[one], sheet.key, key) for one in (small, large)]
                    facts.order.append((pair[0], pair[1]))

    def _unions(self, facts: Knowledge, sheet: Sheet, age: int, rows: list[tuple[str, ...]]) -> None:
        """Add that a union is no smaller than any of its categories, and no larger than all together."""
        if not sheet.overlapping:
            return
        nobody = {atoms for atoms, value in facts.sums if value == 0}
        for keys in rows:
            for measure in sheet.counts.values() if len(keys) > 1 else ():
                (union,) = _atoms(sheet, age, measure, keys)
                parts = tuple((age, measure, sheet.key, key) for key in keys)
                for part in parts:
                    facts.at_least.setdefault(part, 0)
                    facts.order.append((part, union))
                    if (union,) not in nobody:
                        self.sensitive.append({part: 1.0})
                facts.limits.append({union: 1.0} | dict.fromkeys(parts, -1.0))

    def _everyone(
        self, facts: Knowledge, sheet: Sheet, tables: Tables, age: int, rows: list[tuple[str, ...]]
    ) -> None:
        """Add what the published totals tell of categories that overlap, where everyone is in one of them.

        All together are no fewer than the total, and a part counts no more often in several categories than
        the whole: where the whole's categories add up to its total, the part's add up too.
        """
        ends: list[tuple[Atom, list[Atom]]] = []
        for column, total in _totals(sheet, tables).items():
            measure = sheet.counts[column]
            left = _left(sheet, tables, column)
            if self._in_categories(sheet, tables, column) < total or 0 < left < THRESHOLD:
                continue
            everyone = (age, measure, sheet.key, _EVERYONE)
            parts = [_atoms(sheet, age, measure, keys)[0] for keys in rows]
            facts.at_least[everyone] = 0
            facts.sums.append(((everyone,), float(total)))
            facts.order += [(part, everyone) for part in parts]
            facts.limits.append({everyone: 1.0} | dict.fromkeys(parts, -1.0))
            if ends and left:  # of no category more are left than of all
                facts.limits += [
                    {whole: 1.0, part: -1.0, ends[0][0]: -1.0, everyone: 1.0}
                    for whole, part in zip(ends[0][1], parts, strict=True)
                ]
            ends.append((everyone, parts))
        for (all_large, wholes), (all_small, parts) in combinations(ends, 2):
            facts.limits.append(
                {all_small: -1.0, all_large: 1.0} | dict.fromkeys(parts, 1.0) | dict.fromkeys(wholes, -1.0)
            )

    @staticmethod
    def _in_categories(sheet: Sheet, tables: Tables, column: str) -> float:
        """Return how many units are in any category, as far as a table tells; a blank may be any number."""
        met = tables[sheet.name].attrs.get("combinations", {}).get(sheet.counts[column].rpartition(".")[2])
        counts = tables[sheet.name][column]
        return sum(met.values()) if met else float("inf") if counts.isna().any() else int(counts.sum())

    def _edition(self, facts: Knowledge, tables: Tables, age: int) -> None:
        """Add an edition that is out: its cells and its totals."""
        for sheet in self.sheets:
            table = tables.get(sheet.name)
            if table is None or not sheet.describes(table):
                continue
            rows = [tuple(key.split(JOINED)) for key in sheet.rows(table)]
            same_day = self.until is not None and self.editions[age - 1].until == self.until
            for keys, (_, line) in zip(rows, table.iterrows(), strict=True):
                for column, measure in sheet.counts.items():
                    atoms = _atoms(sheet, age, measure, keys)
                    self._published_cell(facts, atoms, line[column], same_day=same_day)
            self._merged_since(sheet, age, table, rows)
            self._sums_and_parts(facts, sheet, tables, age, rows)
            self._unions(facts, sheet, age, rows)
            self._everyone(facts, sheet, tables, age, rows)

    def _merged_since(self, sheet: Sheet, age: int, table: pd.DataFrame, rows: list[tuple[str, ...]]) -> None:
        """Note small changes of merged rows whose parts another edition printed."""
        for row, keys in enumerate(self.merged[sheet.name]) if not sheet.overlapping else ():
            parts = [number for number, one in enumerate(rows) if set(one) <= set(keys)]
            if len(keys) < 2 or {key for number in parts for key in rows[number]} != set(keys):
                continue
            for column, measure in sheet.counts.items():
                before = table[column].iloc[parts]
                grown = 0 if before.isna().any() else self.values[sheet.name, row, column] - int(before.sum())
                if 0 < abs(grown) < THRESHOLD:
                    signs = {(0, measure, sheet.key, key): 1.0 for key in keys}
                    signs |= {(age, measure, sheet.key, key): -1.0 for key in keys}
                    self.sensitive.append(signs)

    def _never_less(self, facts: Knowledge) -> None:
        """Add that no category has fallen from one edition to the next that shows it.

        Not between two editions of which a printed count or sum did fall: there rows were taken back, and a
        reader can see it.
        """
        known = {atoms[0]: value for atoms, value in facts.sums if len(atoms) == 1}
        shown: dict[tuple[str, str, str], list[Atom]] = {}
        place = {age: number for number, age in enumerate(self.order)}
        for atom in sorted(facts.at_least, key=lambda one: place[one[0]]):
            shown.setdefault(atom[1:], []).append(atom)
        pairs = [pair for atoms in shown.values() for pair in pairwise(atoms)]
        fell = {
            (one[0], two[0])
            for one, two in pairs
            if one in known and two in known and known[two] < known[one]
        }
        facts.order += [(one, two) for one, two in pairs if (one[0], two[0]) not in fell]

    def _published_cell(
        self, facts: Knowledge, atoms: tuple[Atom, ...], value: Any, *, same_day: bool
    ) -> None:
        import pandas as pd

        hidden = bool(pd.isna(value))
        for atom in atoms:
            least = 1 if hidden and len(atoms) == 1 else 0
            facts.at_least[atom] = max(least, facts.at_least.get(atom, 0))
        if hidden:
            self.sensitive.append(dict.fromkeys(atoms, 1.0))
            now = [(0, *atom[1:]) for atom in atoms]
            if same_day and all(one in facts.at_least for one in now):  # its change may be a small one
                self.sensitive.append({**dict.fromkeys(now, 1.0), **dict.fromkeys(atoms, -1.0)})
            return
        facts.sums.append((atoms, float(value)))
        grown = self._grown(atoms, float(value))
        if grown is not None and 0 < abs(grown) < THRESHOLD:
            now_atoms = tuple((0, *atom[1:]) for atom in atoms)
            self.sensitive.append({**dict.fromkeys(now_atoms, 1.0), **dict.fromkeys(atoms, -1.0)})

    def _grown(self, atoms: tuple[Atom, ...], before: float) -> float | None:
        """Return by how much a cell of another edition has grown, where this report has the same cell."""
        cells = self.by_atoms.get(tuple((0, *atom[1:]) for atom in atoms), [])
        return self.values[cells[0]] - before if cells else None

    def printed(self) -> dict[str, pd.DataFrame]:
        """Return all tables as they may be published."""
        out = dict(self.tables)
        for sheet in self.sheets:
            out[sheet.name] = self._print(sheet)
        return out

    def _print(self, sheet: Sheet) -> pd.DataFrame:
        import pandas as pd

        table, rows = self.tables[sheet.name], self.merged[sheet.name]
        place = {key: number for number, key in enumerate(sheet.rows(table))}
        printed = table.iloc[[place[keys[0]] for keys in rows]].reset_index(drop=True)
        if any(len(keys) > 1 for keys in rows):
            printed[sheet.key] = pd.Series([JOINED.join(keys) for keys in rows], dtype="str")
        printed.attrs = {}
        blank = {}
        for column in sheet.counts:
            hidden = [(sheet.name, row, column) in self.hidden for row in range(len(rows))]
            values = pd.array(
                [self.values[sheet.name, row, column] for row in range(len(rows))], dtype="Int64"
            )
            printed[column] = pd.Series(values).mask(pd.Series(hidden, dtype=bool))
            blank[column] = pd.Series(hidden, dtype=bool)
        for column, bases in sheet.derived.items():
            if column in printed:
                lost = pd.concat([blank[base] for base in bases], axis=1).any(axis=1)
                lost |= pd.Series([sheet.overlapping and len(keys) > 1 for keys in rows], dtype=bool)
                printed[column] = printed[column].mask(lost)
        for column, base in sheet.rounded.items():
            if column in printed and base in printed:
                pairs = zip(printed[column], printed[base], strict=True)
                shares = pd.Series([in_steps(share, units) for share, units in pairs], dtype="Float64")
                if sheet.falling:
                    shares = shares.mask(shares > shares.cummin(), shares.cummin())
                printed[column] = shares.astype(float)
        base = next(iter(sheet.counts), "")
        for column, beyond in sheet.spread.items():
            if column in printed and base in printed:
                many = (printed[base] * beyond >= THRESHOLD).fillna(False).astype(bool)
                printed[column] = (printed[column].astype(float) * 2).round().div(2).where(many)
        return printed


def in_steps(share: Any, units: Any) -> Any:
    """Return a share rounded to a step that is at least :data:`THRESHOLD` of the units it is a share of.

    Missing where the units are so few that all or none would be the only shares; a share of no units at all
    is an assumption, and stands.

    Examples
    --------
    >>> in_steps(0.975, 40), in_steps(0.975, 1000)
    (1.0, 0.98)
    """
    import pandas as pd

    if pd.isna(share) or pd.isna(units) or units == 0:
        return share
    step = next((step for step in _STEPS if step * units >= THRESHOLD), None)
    if step is None:
        return pd.NA
    return min(1.0, round(round(float(share) / step) * step, 6))


def _left(sheet: Sheet, tables: Tables, column: str) -> int:
    """Return how many units are left out of a part by the published goals, 0 where they do not tell."""
    table, source, *goal = sheet.everyone[column]
    if not goal or table not in tables or not {"goal", source} <= set(tables[table].columns):
        return 0
    counts = tables[table].loc[tables[table]["goal"] == goal[0], source].dropna()
    return int(counts.sum())


def _totals(sheet: Sheet, tables: Tables) -> dict[str, int]:
    """Return the published totals of the units in categories that overlap, each unit once."""
    found: dict[str, int] = {}
    for column, (table, source, *goal) in sheet.everyone.items():
        totals = tables[table].get(source) if table in tables else None
        if column not in sheet.counts or totals is None:
            continue
        if goal and found and goal[0] in set(tables[table]["goal"]):
            found[column] = next(iter(found.values())) - _left(sheet, tables, column)
        elif not goal and not totals.isna().any():
            found[column] = int(totals.sum())
    return found


def _atoms(sheet: Sheet, age: int, measure: str, keys: tuple[str, ...]) -> tuple[Atom, ...]:
    """Return what a row sums: its categories, or the union of categories that overlap as one of its own."""
    if sheet.overlapping:
        return ((age, measure, sheet.key, JOINED.join(keys)),)
    return tuple((age, measure, sheet.key, key) for key in keys)


def _together(table: pd.DataFrame, measure: str, keys: tuple[str, ...]) -> int:
    """Return how many units count in any of the categories, each once."""
    counts = table.attrs["combinations"][measure.rpartition(".")[2]]
    return sum(count for met, count in counts.items() if set(met) & set(keys))


# --- Suppression of small counts in all tables of a report at once

#: A report's tables of counts are made anew when one of its totals has changed by at least this much.
RENEWED = 2 * THRESHOLD


def suppress(
    table: pd.DataFrame,
    counts: Sequence[str],
    *,
    key: str | None = None,
    additive: bool = True,
    derived: Mapping[str, tuple[str, ...]] | None = None,
    previous: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one table with its small counts suppressed.

    Parameters
    ----------
    table : DataFrame
        One row a category.
    counts : sequence of str
        Columns that hold counts.
    key : str, optional
        Column of the categories; the first one unless given.
    additive : bool
        Whether the rows add up to a total that is known.
    derived : mapping of column to columns, optional
        Columns that are computed from counts and go missing with them.
    previous : DataFrame, optional
        The same table as an earlier report published it.

    Returns
    -------
    DataFrame
        Suppressed cells are ``<NA>``; count columns have dtype Int64. Categories may have merged.

    Examples
    --------
    >>> import pandas as pd
    >>> places = ["2303", "2305", "2326", "2380"]
    >>> counts = pd.DataFrame({"municipality": places, "moved_in": [2, 9, 21, 40]})
    >>> [value is pd.NA for value in suppress(counts, ["moved_in"])["moved_in"]]
    [True, True, False, False]
    """
    key = key or str(table.columns[0])
    total = {one: ("total", one) for one in counts} if additive else {}
    sheet = Sheet("table", key, {one: one for one in counts}, total, derived or {})
    tables = {"table": table, "total": table[list(counts)]}
    earlier = [] if previous is None else [{"table": previous}]
    return protect(tables, earlier, sheets=(sheet,))["table"]


def protect(
    tables: Tables, previous: Sequence[Tables] | Tables = (), *, sheets: Sequence[Sheet] = SHEETS
) -> dict[str, pd.DataFrame]:
    """Return the tables of a report with small counts suppressed.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        All tables of the report; those that no sheet describes are returned as they are.
    previous : mapping of name to DataFrame, or a sequence of such
        The tables as earlier reports published them (``results.read_tables``).
    sheets : sequence of Sheet

    Returns
    -------
    dict of name to DataFrame
        Suppressed cells are ``<NA>``, and so is what was computed from them.
    """
    earlier = [previous] if isinstance(previous, Mapping) else list(previous)
    editions = [one if isinstance(one, Edition) else Edition(one) for one in earlier]
    return _protect(tables, editions, None, sheets)[0]


def _protect(
    tables: Tables, editions: Sequence[Edition], until: date | None, sheets: Sequence[Sheet]
) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Return the tables to print, and of what kinds of unit a count could still be narrowed."""
    present = [_counted(sheet, tables[sheet.name]) for sheet in sheets if sheet.name in tables]
    merged = {sheet.name: _singles(tables[sheet.name], sheet) for sheet in present}
    while True:
        report = Cells(tables, present, merged, editions, until)
        crowded = report.hide()
        if crowded is None or not report.merge(crowded):
            return report.printed(), {_unit(atom[1]) for one in report.weak for atom in one}


def _unit(measure: str) -> str:
    """Return what a measure counts: households or companies."""
    return measure.partition(".")[0]


def protect_series(
    reports: Sequence[Tables], *, sheets: Sequence[Sheet] = SHEETS
) -> list[dict[str, pd.DataFrame]]:
    """Return the tables of successive reports, each protected also against all that came before it.

    Parameters
    ----------
    reports : sequence of mapping of name to DataFrame
        Oldest first.
    """
    published: list[dict[str, pd.DataFrame]] = []
    for tables in reports:
        published.append(protect(tables, published, sheets=sheets))
    return published


@dataclass(frozen=True)
class Report:
    """A report that is out, or that is about to be: its name (a year, or final), tables and identity.

    ``version`` is 0 for a report that is about to be published.
    """

    name: str
    tables: Tables
    until: date
    run_id: str = ""
    version: int = 0


@dataclass(frozen=True)
class Printed:
    """The tables of a report as they may be published; ``held`` is unit -> the version whose tables stand."""

    tables: dict[str, pd.DataFrame]
    held: Mapping[str, int]


def protect_editions(
    reports: Sequence[Report], published: Sequence[Report], *, sheets: Sequence[Sheet] = SHEETS
) -> list[Printed]:
    """Return the tables of reports that are about to be published, against every edition that is out.

    Parameters
    ----------
    reports : sequence of Report
        In the order of the days that they count to; each is out when the next one is judged.
    published : sequence of Report
        Every edition that is out: those that stand and the versions that they replaced.

    Returns
    -------
    list of Printed
        A report whose run is out already has the tables of that edition. Where little has changed since its
        last edition, or no suppression keeps a small change from being told, the tables of counts of that
        edition stand until more has changed.
    """
    gone: list[Report] = []
    printed: list[Printed] = []
    for report in reports:
        printed.append(protect_next(report, gone, published, sheets=sheets))
        gone.append(replace(report, tables=printed[-1].tables))
    return printed


def protect_next(
    report: Report, before: Sequence[Report], published: Sequence[Report], *, sheets: Sequence[Sheet] = SHEETS
) -> Printed:
    """Return the tables of one report, as :func:`protect_editions` does for several.

    Parameters
    ----------
    report : Report
    before : sequence of Report
        Reports that go out before it, in the order of their days, each with the tables that it will print.
    published : sequence of Report
        Every edition that is out.
    """
    out = sorted(published, key=lambda one: (one.until, one.version))
    if before:
        out = sorted([*out, *before], key=lambda one: (one.until, one.version == 0, one.version))
    own = [one for one in out if one.name == report.name and one.version]
    same = [one for one in own if one.run_id == report.run_id]
    if same:
        return Printed(_stood(report, report.tables, same[-1], sheets, None), {})
    return _against(report, out, own, sheets)


def _against(
    report: Report, out: Sequence[Report], own: Sequence[Report], sheets: Sequence[Sheet]
) -> Printed:
    units = sorted({_unit(measure) for sheet in sheets for measure in sheet.counts.values()})
    made = {unit: _made(own, sheets, unit) for unit in units} if own else {}
    held = {unit: one.version for unit, one in made.items() if _little_changed(report, one, sheets, unit)}
    tables = dict(report.tables)
    renewed = [sheet for sheet in sheets if not held.keys() & {_unit(one) for one in sheet.counts.values()}]
    if renewed:
        editions = [Edition(one, edition.until) for edition, one in _made_anew(out, sheets, units)]
        tables, told = _protect(report.tables, editions, report.until, renewed)
        held |= {unit: made[unit].version for unit in told if unit in made}
    for unit in held:
        tables = _stood(report, tables, made[unit], sheets, unit)
    return Printed(tables, held)


def _stood(
    report: Report, tables: Tables, edition: Report, sheets: Sequence[Sheet], unit: str | None
) -> dict[str, pd.DataFrame]:
    """Return tables with those of an edition that is out; what it did not keep is not printed beside them."""
    kept, new = (_guarded(one.tables, sheets, unit) for one in (edition, report))
    blank = {
        sheet.name: new[sheet.name].assign(
            **dict.fromkeys([one for one in sheet.numbers if one in new[sheet.name]])
        )
        for sheet in sheets
        if sheet.name in new and sheet.name not in kept
    }
    return {**tables, **blank, **kept}


def _made(own: Sequence[Report], sheets: Sequence[Sheet], unit: str) -> Report:
    """Return the edition that made the tables that the last one shows; others may have let them stand."""
    *before, last = sorted(own, key=lambda one: one.version)
    shown = _guarded(last.tables, sheets, unit)
    for one in reversed(before):
        if not _alike(_guarded(one.tables, sheets, unit), shown):
            break
        last = one
    return last


def _made_anew(
    out: Sequence[Report], sheets: Sequence[Sheet], units: Sequence[str]
) -> Iterator[tuple[Report, Tables]]:
    """Yield every edition with the tables that it made: those that it let stand belong to an older total."""
    for edition in out:
        tables = dict(edition.tables)
        own = [one for one in out if one.name == edition.name and 0 < one.version <= edition.version]
        for unit in units if own else ():
            if _made(own, sheets, unit).version != edition.version:
                for name in _guarded(tables, sheets, unit):
                    del tables[name]
        yield edition, tables


def _alike(one: Tables, other: Tables) -> bool:
    """Return whether tables print the same cells, whatever they were read from."""
    return one.keys() == other.keys() and all(
        one[name].astype(str).to_dict("list") == other[name].astype(str).to_dict("list") for name in one
    )


def _little_changed(report: Report, last: Report, sheets: Sequence[Sheet], unit: str) -> bool:
    """Return whether the project's own totals have changed, but each by less than :data:`RENEWED`.

    The totals are told anyway: where they have changed by two, each category has changed by two or less, and
    any table made anew would tell which.
    """
    sources = {
        source
        for sheet in sheets
        for column, source in sheet.total.items()
        if _unit(sheet.counts[column]) == unit
    }
    changes = []
    for table, column in sorted(sources):
        pair = [one.tables[table] for one in (last, report) if table in one.tables]
        if len(pair) < 2 or any(column not in one or one[column].isna().any() for one in pair):
            return False
        changes.append(abs(int(pair[1][column].sum()) - int(pair[0][column].sum())))
    same = all(
        _same_counts(sheet, report.tables[sheet.name], last.tables.get(sheet.name))
        for sheet in sheets
        if sheet.name in report.tables and unit in {_unit(one) for one in sheet.counts.values()}
    )
    return bool(changes) and max(changes) < RENEWED and not same


def _same_counts(sheet: Sheet, table: pd.DataFrame, before: pd.DataFrame | None) -> bool:
    """Return whether every count that an edition printed by itself is still what it was."""
    if before is None or not sheet.describes(before):
        return False
    now, then = table.set_axis(sheet.rows(table)), before.set_axis(sheet.rows(before))
    keys = [key for key in then.index if key in now.index]
    return all(
        bool((then.loc[keys, column].isna() | then.loc[keys, column].eq(now.loc[keys, column])).all())
        for column in sheet.counts
    )


def _guarded(tables: Tables, sheets: Sequence[Sheet], unit: str | None) -> dict[str, pd.DataFrame]:
    """Return the tables that a sheet describes, of one kind of unit or of all."""
    names = [
        sheet.name
        for sheet in sheets
        if unit is None or any(_unit(measure) == unit for measure in sheet.counts.values())
    ]
    return {name: tables[name] for name in names if name in tables}


def _counted(sheet: Sheet, table: pd.DataFrame) -> Sheet:
    """Return the sheet without the columns that nobody counted, because the list is missing."""
    lost = {column for column in sheet.counts if table[column].isna().any()}
    if not lost:
        return sheet
    return replace(
        sheet,
        counts={column: measure for column, measure in sheet.counts.items() if column not in lost},
        total={column: source for column, source in sheet.total.items() if column not in lost},
        derived={column: bases for column, bases in sheet.derived.items() if not lost & set(bases)},
        within=tuple(pair for pair in sheet.within if not lost & set(pair)),
    )


def _singles(table: pd.DataFrame, sheet: Sheet) -> list[tuple[str, ...]]:
    return [(one,) for one in sheet.rows(table)]
