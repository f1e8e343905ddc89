"""Panels of the project's own records: who moves where from, and how well the records could be read.

Households by origin, filtered by municipality, phase and year; rows kept, joined and turned away, and the
faults to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.disclosure import THRESHOLD, suppress
from attraktiv_eval.errors import DesignError, ParameterError, one_of
from attraktiv_eval.explore.board import (
    Board,
    Control,
    Drawer,
    Picture,
    choice,
    drawn,
    new,
    paragraph,
    table,
)
from attraktiv_eval.metrics import classify_households
from attraktiv_eval.metrics.households import SWEDEN
from attraktiv_eval.reporting import labels
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.texts import Answer, number, own_records, shown_in, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.evaluation import Inputs

MEASURES = ("reached", "moved_in", "unknown")
ABROAD, UNKNOWN = "abroad", "unknown"
#: Between the origins of a row in which several are merged (see :mod:`attraktiv_eval.disclosure`).
JOINED = "+"


def moves(
    inputs: Inputs,
    *,
    municipality: str | None = None,
    phase: str | None = None,
    year: int | str | None = None,
    until: date | int | str | None = None,
) -> pd.DataFrame:
    """Return households by where they came from, for a part of those reached.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    municipality : str, optional
        Its code or name. Only households that moved there, or, where they have not moved, first asked
        about it.
    phase : str, optional
        Its id or name. Only households with a contact in this phase.
    year : int, optional
        Only households whose first contact was in this year.
    until : date, optional
        The last day whose events are known; the end of the project unless given.

    Returns
    -------
    DataFrame
        One row an origin (county code, ``abroad``, ``unknown``): ``origin, reached, moved_in, unknown``
        (not followed up). Counts from 1 to 4 are ``<NA>``, and so is what would give one away by
        subtraction: inside the table, or from the same table with a filter taken off.

    Raises
    ------
    ParameterError
        If there is no such municipality, phase or year.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> list(explore.moves(explore.opened(), year=2021).columns)
    ['origin', 'reached', 'moved_in', 'unknown']
    """
    day = inputs.project.last_day(until)
    wanted = _by_ids(inputs, {"municipality": municipality, "phase": phase, "year": year})
    _check(inputs, wanted)
    homes = _households(_Key(inputs), day)
    set_filters = [name for name, value in wanted.items() if value is not None]
    table = _counts(_filtered(homes, wanted, set_filters))
    wider = [
        _counts(_filtered(homes, wanted, list(part)))
        for size in range(len(set_filters))
        for part in combinations(set_filters, size)
    ]
    shown = suppress(table, MEASURES, key="origin")
    return _guarded(shown, table, wider)


def movers(
    inputs: Inputs,
    *,
    municipality: str | None = None,
    year: int | str | None = None,
    children: bool = False,
) -> Answer:
    """Return how many households moved in as the reports count them, by the year of their move.

    Your own counts, unprotected: they are not passed on. A household counts where every question has a known
    answer; where one is not known it may be among them, and is counted apart.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    municipality : str, optional
        Its code or name; all of the project's region unless given.
    year : int, optional
        Of the move; each year of the project unless given.
    children : bool
        Only households with children.

    Raises
    ------
    ParameterError
        If there is no such municipality or year, or no list of households.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> explore.movers(explore.opened(), municipality="Åre", year=2021, children=True).table["moved"].item()
    8
    """
    wanted = _by_ids(inputs, {"municipality": municipality, "phase": None, "year": year})
    _check(inputs, wanted)
    if inputs.records.households is None:
        raise ParameterError(
            "no list of households was handed in", remedy="put it into the folder of records"
        )
    homes = classify_households(inputs.records, inputs.project, inputs.project.last_day())
    known, language = inputs.project.region.municipalities, shown_in()
    _ = translator(language)
    codes = [wanted["municipality"]] if wanted["municipality"] else list(known)
    place = known[codes[0]] if wanted["municipality"] else inputs.project.region.name
    here = _where_known(homes["destination_code"], homes["destination_code"].isin(codes))
    here &= _where_known(homes["status"].replace("unknown", pd.NA), homes["status"] == "moved_in")
    if children:
        listed = inputs.records.households.drop_duplicates("household_id").set_index("household_id")
        own = homes["household_id"].map(listed["children"])
        here &= _where_known(own, own > 0)
    years = [wanted["year"]] if wanted["year"] else list(inputs.project.years)
    rows = []
    for one in years:
        then = here & _where_known(homes["moved_in"], homes["moved_in"].dt.year == one)
        rows.append((one, int(then.fillna(False).sum()), int(then.isna().sum())))
    table = pd.DataFrame(rows, columns=["year", "moved", "not_known"])
    texts = {
        False: _(
            "{n} households moved to {place} in {years}; {unknown} more may have: something of them is not "
            "known."
        ),
        True: _(
            "{n} households with children moved to {place} in {years}; {unknown} more may have: something of "
            "them is not known."
        ),
    }
    anywhen = here & _where_known(homes["moved_in"], homes["moved_in"].dt.year.isin(years))
    said = texts[children].format(
        n=number(int(table["moved"].sum()), language),
        place=place,
        years="–".join(dict.fromkeys(str(one) for one in (years[0], years[-1]))),
        unknown=number(int(anywhen.isna().sum()), language),
    )

    def draw(ax: Any) -> None:
        ax.bar([str(one) for one in years], table["moved"], color=style.COUNTY, width=0.5)
        ax.yaxis.get_major_locator().set_params(integer=True)

    note = own_records(inputs.records.example_data)
    heads = {"year": _("Year"), "moved": _("Moved in"), "not_known": _("Not known")}
    return Answer(f"{said} {note}", table, _("Households by the year of their move"), draw, heads)


def _where_known(cells: pd.Series, answer: pd.Series) -> pd.Series:
    """Return an answer as true, false, or missing where its cell is."""
    return answer.astype("boolean").mask(cells.isna())


def choices(inputs: Inputs) -> dict[str, list[Any]]:
    """Return what each filter of :func:`moves` may take: municipality codes, phase ids, years."""
    return {
        "municipality": list(inputs.project.region.municipalities),
        "phase": [phase.id for phase in inputs.project.phases],
        "year": list(inputs.project.years),
    }


def latest_year(inputs: Inputs) -> int | None:
    """Return the latest year of the project in which a household was first met; None where there is none.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> explore.latest_year(explore.opened())
    2022
    """
    met = set(_households(_Key(inputs), inputs.project.last_day())["year"])
    return max((year for year in inputs.project.years if year in met), default=None)


def _by_ids(inputs: Inputs, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the filters by code, id and number where they were given by name or as text."""
    place, phase, year = wanted["municipality"], wanted["phase"], wanted["year"]
    if place is not None:
        try:
            place = regions.code_of(place, inputs.project.region.municipalities)
        except DesignError as error:
            raise ParameterError(
                f"there is no municipality {place!r} in this project", remedy=error.remedy
            ) from None
    names = {str(name).casefold(): one.id for one in inputs.project.phases for name in (one.sv, one.en)}
    phase = names.get(str(phase).casefold(), phase)
    return {"municipality": place, "phase": phase, "year": inputs.project.year_of(year)}


def _check(inputs: Inputs, wanted: dict[str, Any]) -> None:
    for name, known in choices(inputs).items():
        if wanted[name] is not None and wanted[name] not in known:
            raise ParameterError(
                f"there is no {name} {wanted[name]!r} in this project",
                remedy=one_of(known, wanted[name]),
            )


class _Key:
    """Inputs as a key of a cache: the same object is the same key."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    def __hash__(self) -> int:
        return id(self.inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.inputs is self.inputs


@lru_cache(maxsize=4)
def _households(key: _Key, until: date) -> pd.DataFrame:
    """Return households reached: origin, municipality, phases, year of first contact, status."""
    records, project = key.inputs.records, key.inputs.project
    homes = classify_households(records, project, until)
    homes = homes[homes["first_contact"].notna()]
    moved = homes["status"] == "moved_in"
    county = homes["origin_code"].astype("object").str[:2]
    abroad = homes["origin_code"].isna() & homes["origin_country"].notna()
    abroad &= homes["origin_country"].astype("object") != SWEDEN
    return pd.DataFrame(
        {
            "origin": county.mask(abroad, ABROAD).fillna(UNKNOWN),
            "municipality": homes["interest"].astype("object").mask(moved, homes["destination_code"]),
            "phase": homes["household_id"].map(_phases(records, until)),
            "year": homes["first_contact"].dt.year,
            "reached": True,
            "moved_in": moved,
            "unknown": homes["status"] == "unknown",
        }
    )


def _phases(records: Any, until: date) -> dict[str, frozenset[str]]:
    if records.contacts is None:
        return {}
    contacts = records.contacts[records.contacts["date"] <= pd.Timestamp(until)]
    known = contacts.dropna(subset=["household_id", "phase"])
    return {str(one): frozenset(part) for one, part in known.groupby("household_id")["phase"]}


def _filtered(homes: pd.DataFrame, wanted: dict[str, Any], names: list[str]) -> pd.DataFrame:
    keep = np.ones(len(homes), dtype=bool)
    for name in names:
        if name == "phase":
            keep &= [isinstance(one, frozenset) and wanted["phase"] in one for one in homes["phase"]]
        else:
            keep &= (homes[name] == wanted[name]).to_numpy(dtype=bool, na_value=False)
    return homes[keep]


def _counts(homes: pd.DataFrame) -> pd.DataFrame:
    counts = homes.groupby("origin", sort=True)[list(MEASURES)].sum().astype("Int64")
    return counts.rename_axis("origin").reset_index()


def _guarded(shown: pd.DataFrame, table: pd.DataFrame, wider: list[pd.DataFrame]) -> pd.DataFrame:
    """Take out a count that lies 1 to 4 under the same count with filters taken off."""
    own = table.set_index("origin")
    row_of = {str(origin): row for row, origin in enumerate(own.index)}
    names = list(MEASURES)
    here = own[names].to_numpy(dtype=int)
    rests = [
        other.set_index("origin").reindex(own.index)[names].to_numpy(dtype=int) - here for other in wider
    ]
    telling = np.zeros((len(shown), len(names)), dtype=bool)
    for place, origin in enumerate(shown["origin"]):
        rows = [row_of[part] for part in str(origin).split(JOINED)]
        for rest in rests:
            grown = rest[rows].sum(axis=0)
            telling[place] |= (grown > 0) & (grown < THRESHOLD)
    result = shown.copy()
    result[names] = shown[names].mask(pd.DataFrame(telling, shown.index, names))
    return result


# --- Who moves where from


def households(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel of who moves where from; no row about a single household is shown.

    Parameters
    ----------
    language : {"sv", "en"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> print(explore.households("en").choose(year=2021).call.splitlines()[-1])
    ae.explore.moves(inputs, year=2021)
    """
    drawer = _Moves(language, project, records, statistics)
    return Board(drawer.controls(), drawer, language)


class _Moves(Drawer):
    """Counts and draws one choice."""

    def controls(self) -> list[Control]:
        """Return a choice for each filter of :func:`moves`, none of them set."""
        _, project = self._, self.inputs.project
        every = (_("all"), None)
        places = [(name, code) for code, name in project.region.municipalities.items()]
        phases = [(getattr(phase, self.language), phase.id) for phase in project.phases]
        years = [(str(year), year) for year in project.years]
        return [
            choice("municipality", _("Municipality moved to, or asked about"), [every, *places], None),
            choice("phase", _("Contact in phase"), [every, *phases], None),
            choice("year", _("First contact in"), [every, *years], None),
        ]

    def __call__(self, **wanted: Any) -> Iterator[Picture]:
        found = moves(self.inputs, **wanted)
        given = _given(wanted)
        yield Picture(self._told(found), f"{self.opening}\nae.explore.moves(inputs{given})")

    def _told(self, found: pd.DataFrame) -> str:
        _ = self._
        parts = [self.example()]
        if found.empty:
            return "\n".join([*parts, paragraph(_("No household is left by this choice."))])
        name = _("Bars: households with contact and moved in, by where they came from")
        parts.append(drawn(lambda: self._draw(found), "explore-households", name))
        parts.insert(1, paragraph(self._most(found)))
        headings = [_("From"), *(labels.heading(measure, self.language) for measure in MEASURES)]
        counts = found[list(MEASURES)].itertuples(index=False)
        rows = [
            [self._origin(one), *map(self._cell, row)]
            for one, row in zip(found["origin"], counts, strict=True)
        ]
        parts.append(table(_("Households by where they came from"), headings, rows))
        parts.append(
            paragraph(
                _(
                    "–: a count from 1 to 4, or one that would give such a count away; the total is left out "
                    "for the same reason. Do not publish several views side by side: the reports are "
                    "protected as a whole, these views one by one."
                ),
                quiet=True,
            )
        )
        return "\n".join(parts)

    def _most(self, found: pd.DataFrame) -> str:
        _ = self._
        known = found[found["reached"].notna() & (found["origin"] != UNKNOWN)]
        if known.empty:
            return _("Every count is too small to be shown.")
        first = known.iloc[int(known["reached"].astype(float).to_numpy().argmax())]
        told = _(
            "The largest count that is shown: {n} households in contact with the project came from {place}."
        )
        return told.format(n=self.number(int(first["reached"])), place=self._origin(first["origin"]))

    def _cell(self, value: Any) -> str:
        return "–" if pd.isna(value) else self.number(value)

    def _origin(self, key: str) -> str:
        _ = self._
        known = {ABROAD: _("Abroad"), UNKNOWN: _("Not known"), **regions.COUNTIES}
        return " + ".join(known.get(part, part) for part in key.split("+"))

    def _draw(self, found: pd.DataFrame) -> Figure:
        _ = self._
        order = found.assign(size=found["reached"].fillna(0)).sort_values(
            ["size", "origin"], ascending=[True, False]
        )
        made, (axes,) = new(560, 40 + 22 * len(order))
        at = list(range(len(order)))
        axes.barh(at, order["reached"].fillna(0).astype(float), color="#c9ccd0", height=0.72)
        axes.barh(at, order["moved_in"].fillna(0).astype(float), color=style.COUNTY, height=0.36)
        axes.set_yticks(at, [self._origin(one) for one in order["origin"]])
        axes.set_title(_("Had contact (pale) and moved in (dark)"))
        axes.xaxis.set_major_formatter(lambda value, _at: self.number(value))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_ylim(-0.6, len(order) - 0.4)
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.32, right=0.97, top=1 - 26 / (40 + 22 * len(order)), bottom=0.06)
        return made


def _given(wanted: dict[str, Any]) -> str:
    """Return the filters that are set, as a call of the library has them."""
    return "".join(f", {name}={value!r}" for name, value in wanted.items() if value is not None)


# --- How well the records could be read

MOST_FAULTS = 25
COLOURS = {"kept": style.COUNTY, "merged": style.SOFT, "rejected": style.INK}


@dataclass(frozen=True)
class Quality:
    """How well records could be read: what became of the rows of each file, and the faults to mend.

    ``accounting`` has a row a file and list: read = kept + merged + rejected; ``faults`` are those of
    :func:`faults`.
    """

    accounting: pd.DataFrame
    faults: pd.DataFrame

    def _repr_html_(self) -> str:
        """Return the sums, the rows of each file and the faults, as a notebook shows them."""
        from attraktiv_eval.texts import as_html

        read, *rest = (int(self.accounting[name].sum()) for name in ("read", *COLOURS))
        told = "{:,} rows were read: {:,} kept, {:,} joined as repeats, {:,} turned away."
        return as_html(
            [told.format(read, *rest)], {"Rows of each file": self.accounting, "Faults to mend": self.faults}
        )


def quality(inputs: Inputs, *, file: str | None = None, kind: str | None = None) -> Quality:
    """Return how well the records could be read; never what stands in a row.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    file : str, optional
        Only the rows and faults of one file.
    kind : str, optional
        Only the faults of one kind.

    Raises
    ------
    ParameterError
        If no such file was read, or no such fault was found.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> found = explore.quality(explore.opened(), file="foretag.csv")
    >>> set(found.accounting["file"])
    {'foretag.csv'}
    """
    found, rows = faults(inputs, file=file, kind=kind), inputs.records.accounting
    return Quality(rows if file is None else rows[rows["file"] == file], found)


def faults(inputs: Inputs, *, file: str | None = None, kind: str | None = None) -> pd.DataFrame:
    """Return the rows turned away, with where they stand and how to mend them; never what stands in them.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    file, kind : str, optional
        Only the faults of one file, or of one kind.

    Returns
    -------
    DataFrame
        ``file, sheet, row, column, kind, remedy``, one row a fault.

    Raises
    ------
    ParameterError
        If no such file was read, or no such fault was found.
    """
    rejected = inputs.records.rejected
    for name, value, known in (
        ("file", file, set(inputs.records.accounting["file"])),
        ("kind", kind, set(rejected["kind"])),
    ):
        if value is not None and value not in known:
            raise ParameterError(
                f"no {name} {value!r} in these records", remedy=f"choose one of {', '.join(sorted(known))}"
            )
    keep = [
        (file is None or one.file == file) and (kind is None or one.kind == kind)
        for one in rejected.itertuples()
    ]
    return rejected[keep].reset_index(drop=True)


def data_quality(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel of how well the records could be read, and the faults to mend.

    Parameters
    ----------
    language : {"sv", "en"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> print(explore.data_quality("en").choose().call.splitlines()[-1])
    ae.explore.quality(inputs)
    """
    drawer = _Faults(language, project, records, statistics)
    return Board(drawer.controls(), drawer, language)


class _Faults(Drawer):
    """Draws one choice."""

    def controls(self) -> list[Control]:
        """Return a choice for file and kind of fault, none of them set."""
        _, records = self._, self.inputs.records
        every = (_("all"), None)
        files = [(one, one) for one in sorted(set(records.accounting["file"]))]
        kinds = [(self._kind(one), one) for one in sorted(set(records.rejected["kind"]))]
        return [
            choice("file", _("File"), [every, *files], None),
            choice("kind", _("Kind of fault"), [every, *kinds], None),
        ]

    def _kind(self, id: str) -> str:
        return labels.word("fault", id, self.language)

    def __call__(self, **wanted: str | None) -> Iterator[Picture]:
        found = quality(self.inputs, **wanted)
        given = _given(wanted)
        yield Picture(self._told(found), f"{self.opening}\nae.explore.quality(inputs{given})")

    def _told(self, found: Quality) -> str:
        _ = self._
        rows = found.accounting
        told = _(
            "{read} rows were read: {kept} kept, {merged} joined as repeats, {rejected} turned away."
        ).format(**{name: self.number(rows[name].sum()) for name in ("read", *COLOURS)})
        name = _("Bars: rows of each file by what became of them")
        picture = drawn(lambda: self._draw(rows), "explore-quality", name)
        return "\n".join([self.example(), paragraph(told), picture, self._faults(found.faults)])

    def _faults(self, found: pd.DataFrame) -> str:
        _ = self._
        if found.empty:
            return paragraph(_("No row was turned away by this choice."))
        told = _("Faults to mend: {n}").format(n=self.number(len(found)))
        if len(found) > MOST_FAULTS:
            told = _("{n} faults to mend; the first {shown} are shown.").format(
                n=self.number(len(found)), shown=self.number(MOST_FAULTS)
            )
        columns = ["file", "row", "column", "kind", "remedy"]
        headings = [_("File"), _("Row"), _("Column"), _("Kind of fault"), _("Remedy")]
        cells = [
            [self._cell(column, row[column]) for column in columns]
            for row in found.head(MOST_FAULTS).to_dict("records")
        ]
        return table(told, headings, cells, text_columns=len(columns))

    def _cell(self, column: str, value: Any) -> str:
        if value is None or value != value or value == "":
            return "–"
        return self._kind(value) if column == "kind" else str(value)

    def _draw(self, rows: pd.DataFrame) -> Figure:
        shown = rows.assign(name=_names(rows)).iloc[::-1]
        height = 60 + 22 * len(shown)
        made, (axes,) = new(600, height)
        left = [0.0] * len(shown)
        at = list(range(len(shown)))
        for column, colour in COLOURS.items():
            size = shown[column].astype(float).tolist()
            label = labels.heading(column, self.language)
            axes.barh(at, size, left=left, color=colour, height=0.62, label=label)
            left = [one + more for one, more in zip(left, size, strict=True)]
        axes.set_yticks(at, shown["name"].tolist())
        axes.xaxis.set_major_formatter(lambda value, _at: self.number(value))
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.38, right=0.97, top=1 - 32 / height, bottom=24 / height)
        return made


def _names(rows: pd.DataFrame) -> list[str]:
    return [
        f"{one.file}, {one.sheet}" if isinstance(one.sheet, str) and one.sheet else str(one.file)
        for one in rows.itertuples()
    ]
