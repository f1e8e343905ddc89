"""What the records are once they are read, cleaned and linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from attraktiv_eval.errors import RecordError
from attraktiv_eval.resources import Origin

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.texts import Answer

__all__ = [
    "JOINED_COLUMNS",
    "LISTS",
    "REJECTED_COLUMNS",
    "Cleaned",
    "Column",
    "Fault",
    "Records",
    "Sheet",
    "as_of",
]


#: The lists that records may hold, in the order of the workbook.
LISTS: tuple[str, ...] = (
    "contacts",
    "households",
    "companies",
    "organisations",
    "activities",
    "survey_households",
    "survey_companies",
    "funding",
)

#: What is told of a join of two rows.
JOINED_COLUMNS: list[str] = ["of", "id", "file", "sheet", "row", "rule", "score", "joined_with"]

REJECTED_COLUMNS: list[str] = ["file", "sheet", "row", "column", "kind", "remedy"]


def _no_rows() -> pd.DataFrame:
    """Return an empty table; pandas is spared the process that only reads a workbook of an old kind."""
    import pandas as pd

    return pd.DataFrame()


def _no_joins() -> pd.DataFrame:
    """Return an empty table; pandas is spared the process that only reads a workbook of an old kind."""
    import pandas as pd

    return pd.DataFrame(columns=JOINED_COLUMNS)


class Column(Sequence[str | None]):
    """The cells of a column as text, None where empty; each distinct text is held, and looked at, once.

    Parameters
    ----------
    codes : array of int32, shape (rows,)
        Place of each cell's text in ``texts``; -1 where the cell is empty.
    texts : list of str
        The distinct texts; every one stands in some cell. Of a column where hardly any two cells are equal,
        such as one of running numbers, a text may stand twice.

    Examples
    --------
    >>> column = Column.of(["Åre", None, "Åre", "Berg"])
    >>> column.texts, column.codes.tolist(), column[1:] == [None, "Åre", "Berg"]
    (['Åre', 'Berg'], [0, -1, 0, 1], True)
    """

    __slots__ = ("_starts", "codes", "texts")

    def __init__(self, codes: np.ndarray, texts: list[str]) -> None:
        self.codes, self.texts = codes, texts
        self._starts: set[str] | None = None

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> Column:
        """Return cells of text as a column; an empty text is an empty cell."""
        places = Places()
        return places.column(places.codes(list(cells)), lambda text: text)

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int | np.integer) -> str | None: ...
    @overload
    def __getitem__(self, index: slice | np.ndarray) -> Column: ...
    def __getitem__(self, index: int | np.integer | slice | np.ndarray) -> str | Column | None:
        if not isinstance(index, slice | np.ndarray):
            code = self.codes[index]
            return None if code < 0 else self.texts[code]
        return _used(self.codes[index], self.texts)

    def __iter__(self) -> Iterator[str | None]:
        return map([*self.texts, None].__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def filled(self) -> np.ndarray:
        """Which cells hold text, as an array of bool."""
        return self.codes >= 0

    @property
    def starts(self) -> set[str]:
        """The first three letters of the texts: a quick look for words that none of them begins with."""
        if self._starts is None:
            self._starts = {text[:3] for text in self.texts}
        return self._starts

    def where(self, fits: Callable[[str], Any]) -> np.ndarray:
        """Return the rows whose text fits, which is asked once of each distinct text."""
        return self.rows([code for code, text in enumerate(self.texts) if fits(text)])

    def rows(self, codes: Sequence[int]) -> np.ndarray:
        """Return the rows, in order, whose text is one of those at some places of ``texts``."""
        if len(codes) == 0:
            return np.array([], dtype=np.int64)
        wanted = np.zeros(len(self.texts) + 1, dtype=bool)  # the last is that of empty cells
        wanted[np.asarray(codes)] = True
        return np.flatnonzero(wanted[self.codes])

    def below(self, head: Sequence[str | None]) -> Column:
        """Return the column with some cells above it."""
        first = np.arange(len(self.texts), len(self.texts) + len(head), dtype=np.int32)
        first[[text is None for text in head]] = -1
        return Column(np.concatenate([first, self.codes]), [*self.texts, *(text or "" for text in head)])

    def merged(self, other: Column, mine: np.ndarray) -> Column:
        """Return this column's cells where ``mine`` is true, and the other's elsewhere."""
        places = Places()
        places.seen = -len(self.texts) - len(other.texts)  # every text is to be found again
        own = places.codes(self.texts)[self.codes] if self.texts else self.codes
        beside = places.codes(other.texts)[other.codes] if other.texts else other.codes
        codes = np.where(mine, np.where(self.filled, own, -1), np.where(other.filled, beside, -1))
        return _used(codes.astype(np.int32), list(places.table))  # type: ignore[arg-type]


def _used(codes: np.ndarray, texts: list[str]) -> Column:
    """Return a column of some of a column's cells, with their texts alone."""
    if not len(codes):
        return Column(codes, [])
    if len(codes) < 1000:
        used = np.unique(codes)
        used = used[used >= 0]
    else:
        used = np.flatnonzero(np.bincount(codes + 1, minlength=len(texts) + 1)[1:])
    if len(used) == len(texts):
        return Column(codes, texts)
    if not len(used):
        return Column(codes, [])
    first, last = int(used[0]), int(used[-1])
    if last - first + 1 == len(used):
        return Column(np.where(codes < 0, codes, codes - np.int32(first)), texts[first : last + 1])
    new = np.full(len(texts) + 1, -1, dtype=np.int32)
    new[used] = np.arange(len(used), dtype=np.int32)
    return Column(new[codes], [texts[place] for place in used.tolist()])


#: After so many cells, of which so many differ, equal ones are not sought any more.
_TRIED, _DIFFERING = 20_000, 0.995


class Places:
    """Numbers each distinct cell of a column in the order in which it comes."""

    def __init__(self) -> None:
        self.table: defaultdict[Hashable, int] = defaultdict(count().__next__)
        self.beyond: list[Hashable] = []
        self.seen = 0

    def codes(self, cells: Sequence[Hashable]) -> np.ndarray:
        """Return the number of each cell as int32."""
        if self.beyond or (self.seen >= _TRIED and len(self.table) > _DIFFERING * self.seen):
            start = len(self.table) + len(self.beyond)
            self.beyond += cells
            return np.arange(start, start + len(cells), dtype=np.int32)
        self.seen += len(cells)
        return np.fromiter(map(self.table.__getitem__, cells), dtype=np.int32, count=len(cells))

    def column(self, codes: np.ndarray, text: Callable[[Any], str | None]) -> Column:
        """Return a column of cells by their numbers, each distinct one turned into text once.

        Cells whose texts are equal become one; what turns into no text, or an empty one, is empty.
        """
        return column_of(codes, [*self.table, *self.beyond], text, shared=not self.beyond)


def column_of(
    codes: np.ndarray, raw: list[Any], text: Callable[[Any], str | None], *, shared: bool = True
) -> Column:
    """Return a column of cells by their places in a list of distinct ones, as :meth:`Places.column` does."""
    texts = [text(cell) or "" for cell in raw]
    if texts == raw and "" not in texts:
        return Column(codes, raw)
    if not shared:
        return _without_empty(codes, texts)
    places: defaultdict[str, int] = defaultdict(count().__next__)
    new = [places[one] if one else -1 for one in texts]
    return Column(np.asarray(new, dtype=np.int32)[codes], list(places))


def below_one_another(parts: Sequence[Column]) -> Column:
    """Return several columns as one; texts are sought again where a part's cells often are equal."""
    found: dict[str, int] = {}
    texts: list[str] = []
    codes = []
    for part in parts:
        often = len(part.texts) <= _DIFFERING * len(part)
        new = [text for text in part.texts if text not in found] if often else part.texts
        places = [*range(len(texts), len(texts) + len(new))]
        texts += new
        if often:
            found.update(zip(new, places, strict=True))
            places = [found[text] for text in part.texts]
        codes.append(np.array([*places, -1], dtype=np.int32)[part.codes])
    return Column(np.concatenate(codes), texts)


def _without_empty(codes: np.ndarray, texts: list[str]) -> Column:
    """Return a column whose empty texts are empty cells."""
    there = np.fromiter(map(bool, texts), dtype=bool, count=len(texts))
    new = np.where(there, np.cumsum(there, dtype=np.int32) - 1, -1).astype(np.int32)
    return Column(new[codes], [text for text in texts if text])


@dataclass
class Sheet:
    """One table as it was found: text cells, column by column.

    ``columns[i]`` holds the stripped text of column i, None where the cell is empty; ``rows`` the row of
    the file that each record began on, as a spreadsheet counts (the first row is 1).
    """

    file: str
    name: str
    headings: list[str]
    columns: list[Column] = field(repr=False)
    rows: Sequence[int]
    heading_row: int = 1
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: Texts of each column in other parts of the same table: they decide with its own how it is read.
    elsewhere: list[list[str]] = field(default_factory=list, repr=False)
    #: Whether a workbook counts its days from 1904; None where its kind does not tell.
    from_1904: bool | None = False

    def __post_init__(self) -> None:
        self.columns = [one if isinstance(one, Column) else Column.of(one) for one in self.columns]

    def top(self) -> list[list[str | None]]:
        """Return the first rows, among which headings are looked for, each as its cells."""
        return [list(row) for row in zip(*(column[:60] for column in self.columns), strict=True)]


@dataclass(frozen=True)
class Fault:
    """A fault in a cell or row; it never carries the value itself.

    ``column`` is the heading as the file spells it, so that a person finds it there; it is empty where the
    fault is the whole row's.
    """

    file: str
    sheet: str
    row: int
    column: str
    kind: str
    remedy: str


@dataclass
class Cleaned:
    """A table's rows that can be used, and what was left out.

    ``frame`` has every column of the list's schema, a ``<date>_precision`` for each date, and ``_file``,
    ``_sheet`` and ``_row``. Personal identifiers are normalised but not yet pseudonyms.
    """

    name: str
    file: str
    sheet: str
    frame: pd.DataFrame = field(repr=False)
    read: int
    rejected: list[Fault] = field(default_factory=list)
    cells: list[Fault] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: Field -> its heading as the file spells it.
    headings: dict[str, str] = field(default_factory=dict)
    #: Heading that is not known, with its nearest known one -> rows that fill its column in.
    unknown: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Records:
    """The project's records, cleaned and linked; a list that was not handed in is None.

    What they show of themselves are counts: a notebook keeps what it showed, and no row may stay in it.

    ``accounting`` has a row a file and list: read = kept + merged + rejected. ``rejected`` names every
    rejected row, ``cells`` every cell that was left out of a row that was kept, ``linkage`` how many
    rows each rule joined to another, ``grey_zone`` the pairs that a person should decide on.
    Personal identifiers are keyed pseudonyms.
    """

    contacts: pd.DataFrame | None
    households: pd.DataFrame | None
    companies: pd.DataFrame | None
    organisations: pd.DataFrame | None
    activities: pd.DataFrame | None
    survey_households: pd.DataFrame | None
    survey_companies: pd.DataFrame | None
    funding: pd.DataFrame | None
    residence: pd.DataFrame
    accounting: pd.DataFrame
    rejected: pd.DataFrame
    cells: pd.DataFrame
    linkage: pd.DataFrame
    grey_zone: pd.DataFrame
    notes: pd.DataFrame
    missing: list[str]
    example_data: bool
    inputs: list[dict[str, object]]
    #: Row of a file -> household, for judging the linkage: file, sheet, row, list, household_id.
    members: pd.DataFrame
    #: Precision and recall of the linkage where the truth is known (example records), else None.
    quality: pd.DataFrame | None = None
    #: The rows of ``decisions.csv`` as a person left them, and how many could not be applied.
    decisions: pd.DataFrame | None = None
    unapplied: int = 0
    #: How many references of a list of households meet a contact of a list of contacts, a row a pair of
    #: lists.
    meetings: pd.DataFrame = field(default_factory=_no_rows)
    #: Every join of two rows of one household, company or organisation (``of``): where, by which rule, how
    #: alike. Belongs beside the lists.
    joined: pd.DataFrame = field(default_factory=_no_joins)
    #: The folder and the files that they were read from.
    origin: Origin = field(default_factory=Origin)

    def counts(self) -> dict[str, int | None]:
        """Return the rows kept of each list; None where the list was not handed in."""
        found = {name: getattr(self, name) for name in LISTS}
        return {name: None if table is None else len(table) for name, table in found.items()}

    def why(self, one: str, other: str = "") -> Answer:
        """Return why rows are one household, company or organisation: every join, its rule and its score.

        Parameters
        ----------
        one : str
            An id, such as ``H0001``, or a row as ``file row`` or ``file sheet row``, such as
            ``contacts.csv 12``.
        other : str, optional
            Another row: whether the two are one, and by what.

        Raises
        ------
        RecordError
            If there is no such id or row.

        Examples
        --------
        >>> import attraktiv_eval as ae
        >>> ae.load_records().why("H0001").table["rule"].unique().tolist()
        ['same_reference']
        """
        from attraktiv_eval.texts import LONGEST, Answer, number, shown_in, translator

        _ = translator(shown_in())
        ids = [self._id_of(place) for place in (one, other) if place]
        rows = self.joined[self.joined["id"] == ids[0]]
        rules = ", ".join(dict.fromkeys(map(str, rows["rule"])))
        if len(set(ids)) > 1:
            said = _("These rows are not one: {one} is {id}, and {other} is {second}.").format(
                one=one, id=ids[0], other=other, second=ids[1]
            )
        elif rows.empty:
            said = _("{id} stands in one row: nothing was joined to it.").format(id=ids[0])
        else:
            said = _("{n} joins make {id}, by {rules}; the least alike has {score} of 100.").format(
                n=number(len(rows), shown_in()),
                id=ids[0],
                rules=rules,
                score=number(float(rows["score"].min()), shown_in()),
            )
        told = rows[["file", "sheet", "row", "rule", "score", "joined_with"]].reset_index(drop=True)
        told = told.astype(dict.fromkeys(["file", "sheet", "rule", "joined_with"], object))

        def draw(ax: Axes) -> None:
            drawn = told.head(LONGEST)
            places = [f"{name} {row}" for name, row in zip(drawn["file"], drawn["row"], strict=True)]
            ax.barh(range(len(drawn)), drawn["score"].astype(float), color="#1f5a7a", height=0.5)
            ax.set_yticks(range(len(drawn)), places)
            ax.set_xlim(0, 100)
            ax.invert_yaxis()

        heads = {"file": _("File"), "sheet": _("Sheet"), "row": _("Row"), "rule": _("Rule")}
        heads |= {"score": _("How alike, of 100"), "joined_with": _("Joined with")}
        return Answer(said, told, _("Every join, and how alike the rows are"), draw, heads)

    def _id_of(self, place: str) -> str:
        """Return the id that is given, or that of the row at a place."""
        import pandas as pd

        named = pd.concat([self.joined["id"], self.members["household_id"]]).dropna().astype(str)
        if place in set(named):
            return place
        for table, id in ((self.joined, "id"), (self.members, "household_id")):
            sheets = table["sheet"].astype(str)
            rows = table["row"].astype(str)
            files = table["file"].astype(str)
            here = (files + " " + rows == place) | (files + " " + sheets + " " + rows == place)
            found = table[here | (table["joined_with"] == place if "joined_with" in table else False)]
            if len(found):
                return str(found[id].iloc[0])
        raise RecordError(
            f"there is no row or id {place!r} in these records",
            remedy="write a row as its file and number, such as 'contacts.csv 12', or an id such as H0001",
        )

    def __repr__(self) -> str:
        """Return the rows of each list, and of no row what stands in it."""
        rows = ", ".join(f"{name}={count}" for name, count in self.counts().items() if count is not None)
        return f"Records({rows}{', example data' if self.example_data else ''})"

    def _repr_html_(self) -> str:
        """Return the rows of each list, as a notebook shows them."""
        import pandas as pd

        from attraktiv_eval.records.schemas import list_words
        from attraktiv_eval.texts import as_html, number, own_records, shown_in, translator

        _ = translator(shown_in())
        names = ("read", "kept", "merged", "rejected")
        sums = {name: number(int(self.accounting[name].sum()), shown_in()) for name in names}
        told = [
            _(
                "{read} rows were read: {kept} kept, {merged} joined as repeats, {rejected} turned away."
            ).format(**sums),
            own_records(self.example_data),
        ]
        if self.missing:
            lists = ", ".join(list_words(name, shown_in()) for name in self.missing)
            told.append(_("Not handed in: {lists}.").format(lists=lists))
        rows = [
            (list_words(name, shown_in()), count)
            for name, count in self.counts().items()
            if count is not None
        ]
        counted = pd.DataFrame(rows, columns=[_("List"), _("Rows")])
        return as_html(told, {_("Rows of each list"): counted})


# --- The records as they stood at the end of a day: nothing later is known


def as_of(records: Records, until: date) -> Records:
    """Return the records without what happened after a day.

    Contacts, activities, payments, answers and checks after it are left out, as are households and companies
    first met after it; a later move has not happened yet (``no``), nor has a later hire. The accounting still
    tells of the whole files.
    """
    import pandas as pd

    day = pd.Timestamp(until)
    return replace(
        records,
        contacts=_before(records.contacts, "date", day),
        households=_households(records.households, day),
        companies=_companies(records.companies, day),
        organisations=_organisations(records.organisations, day),
        activities=_before(records.activities, "date", day),
        survey_households=_before(records.survey_households, "date", day),
        survey_companies=_before(records.survey_companies, "date", day),
        funding=_before(records.funding, "date", day),
        residence=records.residence[records.residence["checked"] <= day].reset_index(drop=True),
    )


def _before(table: pd.DataFrame | None, column: str, day: pd.Timestamp) -> pd.DataFrame | None:
    """Return the rows up to a day; a row without a day stays."""
    return None if table is None else table[~(table[column] > day)].reset_index(drop=True)


def _organisations(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    """Return the organisations that had joined; one that left later has not left yet."""
    met = _before(table, "joined", day)
    if met is not None and "left" in met:
        met.loc[met["left"] > day, "left"] = None
    return met


def _households(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    if table is None:
        return None
    met = table[~(table["first_contact"] > day) | (table["moved_in"] <= day)].reset_index(drop=True)
    later = met["moved_in"] > day
    met.loc[later, "moved"] = "no"
    met.loc[later, ["moved_in", "moved_in_precision", "destination_code"]] = None
    return met


def _companies(table: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    if table is None:
        return None
    met = table[~(table["first_support"] > day)].reset_index(drop=True)
    later = met["first_hire"] > day
    met.loc[later, "hires_made"] = 0
    met.loc[later, ["hire_already_local", "employed_at_12_months"]] = "unknown"
    met.loc[later, ["first_hire", "first_hire_last", "household_id"]] = None
    return met
