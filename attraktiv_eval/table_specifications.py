"""Every table of the reports, specified in one place.

A :class:`Table` states its caption, its columns (id, heading, unit, format), how its counts are protected
and what it is for. What the page, the CSV file, the workbook, ``results.json`` and the protection of small
counts need to know of a table is derived from it. A table that counts people or firms and does not state how
they are protected cannot be made: its definition fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from attraktiv_eval.errors import PublicationError
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CARRIED",
    "COLUMNS",
    "PEOPLE",
    "SHEETS",
    "TABLES",
    "Column",
    "Money",
    "OfficialStatistics",
    "Open",
    "Sheet",
    "Table",
    "checked",
]


def _(message: str) -> str:
    """Mark a message for the catalogue; it is translated when used."""
    return message


# --- How a table is protected


@dataclass(frozen=True)
class Sheet:
    """How one table's counts are protected.

    Parameters
    ----------
    name : str
        The table's name.
    key : str
        Column of the categories; several that tell them together have a slash between, and a table of one
        row has none.
    counts : mapping of column to measure
        Columns that hold counts. Two tables with the same measure and key hold the same cells.
    total : mapping of column to (table, column), optional
        Where the categories add up to a published total: the table and column whose sum it is. A column
        without a total is not additive (a household counts in several phases): merging sums nothing.
    derived : mapping of column to columns
        Columns computed from counts: missing where one of these is suppressed.
    within : tuple of (smaller, larger)
        Columns that count a part of another column's units in the same row.
    overlapping : bool
        Whether a unit may count in several categories. Suppressed ones then merge into the units of any of
        them, counted anew from the table's ``attrs["combinations"]``.
    everyone : mapping of column to (table, column) or (table, column, goal), optional
        Where categories overlap: the published total of the same units, each once, the whole before its part;
        with a goal, how many of the whole its row says are left out of the part.
    rounded : mapping of column to column
        Columns of shares, printed in steps that are at least five of the units in the other column: a share
        of 0.975 of 40 tells that one has left.
    falling : bool
        Whether rounded shares never rise from row to row.
    spread : mapping of column to number
        Quantiles of what the units of the first count have, with the share of them that lies beyond:
        printed in halves, and only where at least five lie beyond on either side. A quantile of few is one
        unit's own.
    """

    name: str
    key: str
    counts: Mapping[str, str]
    total: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple[tuple[str, str], ...] = ()
    overlapping: bool = False
    everyone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rounded: Mapping[str, str] = field(default_factory=dict)
    falling: bool = False
    spread: Mapping[str, float] = field(default_factory=dict)

    def rows(self, table: pd.DataFrame) -> list[str]:
        """Return the id of each row of a table."""
        if not self.key:
            return ["all"] * len(table)
        return ["/".join(map(str, ids)) for ids in zip(*(table[one] for one in self.keys), strict=True)]

    def describes(self, table: pd.DataFrame) -> bool:
        """Return whether a table has the categories and the counts, as an older program may not have."""
        return {*self.keys, *self.counts} <= set(table.columns)

    @property
    def keys(self) -> list[str]:
        """The columns that tell the categories together."""
        return self.key.split("/") if self.key else []

    @property
    def numbers(self) -> list[str]:
        """The columns that hold counts, and what is computed from them."""
        return list(dict.fromkeys([*self.counts, *self.derived, *self.rounded, *self.spread]))

    @property
    def additive(self) -> bool:
        """Whether every count column adds up, so that categories can merge."""
        return set(self.total) == set(self.counts)


@dataclass(frozen=True)
class OfficialStatistics:
    """Figures that rest on official statistics, published and protected by others.

    Parameters
    ----------
    marked : bool
        Whether its rows are marked where a year carries SCB's random error.
    """

    marked: bool = True


@dataclass(frozen=True)
class Money:
    """Sums of money and of activities: nobody is counted."""


@dataclass(frozen=True)
class Open:
    """A table that is shown as it is.

    Parameters
    ----------
    reason : str
    of_records : bool
        Whether it tells of the records; what is assumed is the same whatever they are.
    """

    reason: str
    of_records: bool = True


Protection: TypeAlias = Sheet | OfficialStatistics | Money | Open

# --- What a table consists of

Format: TypeAlias = Literal[
    "number", "integer", "share", "steps", "residual", "word", "text", "flag", "range"
]

#: Units that are people or firms: a column of them is protected, or its table says why it is not. ``goal``
#: is the unit of the row's goal.
PEOPLE = frozenset({"households", "companies", "persons", "answers", "goal"})

#: What else a number may count or measure.
OTHER_UNITS = frozenset(
    {"organisations", "activities", "audience", "sek", "rows", "files", "pairs", "months", "outcome", "moves",
     "probability", "specifications", "assumption", "share_kept", "check", "regions", "draws", "factor"}
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its id, its heading in English, how its cells are written and what they count.

    Parameters
    ----------
    id : str
    heading : str
        Empty where the id says it: with spaces, its first letter large.
    format : {"number", "integer", "share", "steps", "residual", "word", "text", "flag", "range"}
        ``integer`` is a year or another whole number without a space for thousands, ``steps`` a share that
        disclosure has rounded to whole per cent or coarser, ``residual`` a power of ten, ``word`` an id that
        has a word in each language, ``range`` numbers in words, set to the right like numbers.
    unit : str
        What a number counts: a member of :data:`PEOPLE` or :data:`OTHER_UNITS`.
    decimals : int
    signed : bool
        Whether a plus stands before a positive number.
    hidden : bool
        Whether page and workbook leave the column to the CSV file.
    vocabulary : str
        Where the words of its ids stand; the column's own id where empty.
    """

    id: str
    heading: str = ""
    format: Format = "number"
    unit: str = ""
    decimals: int = 0
    signed: bool = False
    hidden: bool = False
    vocabulary: str = ""

    @property
    def words(self) -> str:
        """The vocabulary that the column's ids belong to."""
        return self.vocabulary or self.id

    def title(self, language: str) -> str:
        """Return the heading in a language."""
        if not self.heading:
            return self.id.replace("_", " ").capitalize()
        return translator(language)(self.heading)


@dataclass(frozen=True)
class Table:
    """A table of the reports.

    Parameters
    ----------
    name : str
        Its id: the name of its CSV file and of its place in ``results.json``.
    caption : str
        In English; the catalogue has the Swedish.
    reader : str
        What a reader learns from it.
    protection : Sheet, OfficialStatistics, Money or Open
        How the counts in it are protected, or why they are not.
    columns : tuple of Column
        Those that it may have, as it is computed and written as CSV.
    page : tuple of Column
        Those that the page shows, where it is put in words for reading.
    stacked : bool
        Whether its cells are read as sentences, or its headings are wider than its cells: the headings wrap,
        and on a phone the cells stand under one another, each with its heading.
    largest_first : str
        The column that the page sorts it by.
    primary_only : bool
        Whether the workbook holds the primary specifications only, the CSV file all of many thousand rows.

    Raises
    ------
    PublicationError
        If a column of numbers has no unit, or counts people or firms that nothing protects.

    Examples
    --------
    >>> moved = Table("moved", "Moves", "Who moved", Money(), (Column("households", unit="households"),))
    Traceback (most recent call last):
    attraktiv_eval.errors.PublicationError: the table moved, column households: ...
    """

    name: str
    caption: str
    reader: str
    protection: Protection
    columns: tuple[Column, ...]
    page: tuple[Column, ...] = ()
    stacked: bool = False
    largest_first: str = ""
    primary_only: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.protection, Sheet | OfficialStatistics | Money | Open):
            raise self._refused("", "does not state how it is protected")
        if isinstance(self.protection, Open) and not self.protection.reason.strip():
            raise self._refused("", "is shown as it is without a reason")
        for column in (*self.columns, *self.page):
            if column.format == "number" and column.unit not in PEOPLE | OTHER_UNITS:
                raise self._refused(column.id, f"a number whose unit is {column.unit or 'not stated'}")
            self._check_protection(column)
        if self.sheet is not None:
            self._check_sheet(self.sheet)

    def _check_protection(self, column: Column) -> None:
        if isinstance(self.protection, OfficialStatistics | Open):
            return
        counted = column.unit in PEOPLE or (
            column.format in ("number", "share", "steps") and self.sheet is not None
        )
        shaped = self.sheet is not None and column not in self.columns  # from columns that are guarded
        if counted and not shaped and column.id not in (self.sheet.numbers if self.sheet else ()):
            raise self._refused(
                column.id,
                f"counts {column.unit or 'shares'}, and the table does not state how they are protected",
            )

    def _check_sheet(self, sheet: Sheet) -> None:
        lost = {*sheet.numbers, *sheet.keys} - {column.id for column in self.columns}
        if lost or sheet.name != self.name:
            raise self._refused(", ".join(sorted(lost)), "protects what the table does not have")
        for id, measure in sheet.counts.items():
            if (unit := self.column(id).unit) != measure.partition(".")[0]:
                raise self._refused(id, f"counts {unit or 'nothing'} and is protected as {measure}")

    def _refused(self, column: str, fault: str) -> PublicationError:
        place = f"the table {self.name}{f', column {column}:' if column else ''}"
        return PublicationError(
            f"{place} {fault}",
            remedy="state the unit of every number, and protect counts by a Sheet that has the column, or "
            "say with Open why they may be shown",
        )

    @property
    def sheet(self) -> Sheet | None:
        """How its counts are suppressed; None where they are not."""
        return self.protection if isinstance(self.protection, Sheet) else None

    @property
    def of_records(self) -> bool:
        """Whether it tells of the records, and not of official statistics or stated assumptions alone."""
        if isinstance(self.protection, Open):
            return self.protection.of_records
        return not isinstance(self.protection, OfficialStatistics)

    def column(self, id: str) -> Column:
        """Return a column of the page or of the table."""
        return next((one for one in (*self.page, *self.columns) if one.id == id), Column(id))

    def title(self, language: str) -> str:
        """Return the caption in a language."""
        return translator(language)(self.caption)


#: What a column is wherever it stands; a table gives it a unit or a format of its own where it differs.
COLUMNS: dict[str, Column] = {
    column.id: column
    for column in (
        Column("organisations", _("Organisations"), unit="organisations"),
        Column("l2_survey", _("Survey"), "flag"),
        Column("goal", _("Goal"), "word"),
        Column("target", _("Target"), unit="goal"),
        Column("level", _("Level"), "word"),
        Column("known", _("Outcome known")),
        Column("unknown", _("Not followed up"), unit="goal"),
        Column("l2_low", _("Contributed to, low"), unit="goal"),
        Column("l2_median", _("Contributed to, middle"), unit="goal"),
        Column("l2_high", _("Contributed to, high"), unit="goal"),
        Column("l2_high_bound", _("Level 2: at most, every unknown counted"), unit="goal"),
        Column("l3_effect", _("Deviation of the county"), unit="goal"),
        Column("l3_low", _("Deviation, low"), unit="goal"),
        Column("l3_high", _("Deviation, high"), unit="goal"),
        Column("mde_low", _("Smallest detectable effect, least of the set"), unit="goal"),
        Column("mde_high", _("Smallest detectable effect, most of the set"), unit="goal"),
        Column("level2_told", _("2 Contributed to"), "range"),
        Column("level3_told", _("Deviation of the county"), "range"),
        Column("seen_told", _("Smallest detectable effect"), "range"),
        Column("year", _("Year"), "integer"),
        Column("month", _("Month"), "integer"),
        Column("moves", _("Moves"), unit="moves"),
        Column("before_mean", _("Same month before, mean"), unit="moves"),
        Column("before_low", _("Same month before, least"), unit="moves"),
        Column("before_high", _("Same month before, most"), unit="moves"),
        Column("before_first", _("First year before"), "integer"),
        Column("before_last", _("Last year before"), "integer"),
        Column("whole_year", _("Whole year"), "flag"),
        Column("short", _("The county"), "share"),
        Column("margin", _("Margin of error, ±"), "share"),
        Column("country", _("The country"), "share"),
        Column("lowest", _("Lowest of the other counties"), "share"),
        Column("highest", _("Highest of the other counties"), "share"),
        Column("counties", _("Other counties with a figure"), "integer"),
        Column("noise", _("With random error"), "flag"),
        Column("noisy_years", _("Years with random error"), "text"),
        Column("count", _("In the year"), unit="goal"),
        Column("cumulated", _("Cumulated"), unit="goal"),
        Column("pace", _("Even pace"), unit="goal"),
        Column("name", _("Name"), "text"),
        Column("type", _("Kind"), "word"),
        Column("role", _("Role"), "word"),
        Column("kind", _("Kind"), "word"),
        Column("reached", _("Had contact")),
        Column("moved_in", _("Moved in"), unit="households"),
        Column("municipality_code", _("Municipality"), "word"),
        Column("phase", _("Phase"), "word"),
        Column("area", _("Activity area"), "word"),
        Column("reason", _("Reason"), "word"),
        Column("households", _("Households"), unit="households"),
        Column("share", _("Share"), "share"),
        Column("low", _("Low")),
        Column("high", _("High")),
        Column("months", _("Months after the move"), "integer"),
        Column("at_risk", _("Followed"), unit="households"),
        Column("financier", _("Financier"), "text"),
        Column("decided_sek", _("Decided, SEK"), unit="sek"),
        Column("paid_sek", _("Paid, SEK"), unit="sek"),
        Column("cost_low", _("Cost, low"), unit="sek"),
        Column("cost_high", _("Cost, high"), unit="sek"),
        Column("results_low", _("Results, low"), unit="goal"),
        Column("results_high", _("Results, high"), unit="goal"),
        Column("ratio_low", _("SEK a result, low"), unit="sek"),
        Column("ratio_high", _("SEK a result, high"), unit="sek"),
        Column("file", _("File"), "text"),
        Column("sheet", _("Sheet"), "text"),
        Column("files", _("Tables read"), unit="files"),
        Column("list", _("List"), "word"),
        Column("read", _("Read"), unit="rows"),
        Column("kept", _("Kept"), unit="rows"),
        Column("merged", _("Merged"), unit="rows"),
        Column("rejected", _("Rejected"), unit="rows"),
        Column("unused", _("Kept but not used"), unit="rows"),
        Column("rows", _("Rows"), unit="rows"),
        Column("rule", _("Rule"), "word"),
        Column("filter", _("Filter"), "word"),
        Column("assumption", _("Assumption"), "word"),
        Column("base", _("Base"), unit="goal"),
        Column("bound", _("Bound"), "word"),
        Column("value", _("Value"), "range"),
        Column("id", _("Id"), "text"),
        Column("unit", _("Unit"), "text"),
        Column("valid_from", _("Valid from"), "text"),
        Column("reference", _("Reference"), "text"),
        Column("outcome", _("Outcome"), "word"),
        Column("method", _("Method"), "word"),
        Column("actual", _("Actual"), unit="outcome", decimals=2),
        Column("counterfactual", _("Comparison"), unit="outcome", decimals=2),
        Column("gap", _("Gap"), unit="outcome", decimals=2, signed=True),
        Column("in_window", _("Project year"), "flag"),
        Column("region_code", _("Region"), "word"),
        Column("region_name", _("Region"), "text"),
        Column("weight", _("Weight"), "share"),
        Column("effect_persons", _("Persons"), unit="persons"),
        Column("p_value", _("p-value"), unit="probability", decimals=3),
        Column("smallest_p", _("Smallest possible p"), unit="probability", decimals=3),
        Column("rank", _("Rank"), "integer"),
        Column("n", _("Compared"), "integer"),
        Column("effect_units", _("Deviation of the county"), unit="outcome"),
        Column("pseudo_effect", _("Before the project"), unit="outcome"),
        Column("mde_persons", _("Smallest detectable, persons"), unit="persons"),
        Column("mde_households", _("Smallest detectable, households"), unit="households"),
        Column("pseudo_effect_persons", _("Before the project, persons"), unit="persons"),
        Column("pre_rmse", _("Fit before"), unit="outcome", decimals=2),
        Column("primary", _("Primary"), "flag"),
        Column("equivalent", _("Equally good"), "flag"),
        Column("pool", _("Comparison regions"), "word"),
        Column("first_year", _("First year"), "integer"),
        Column("last_year", _("Last year"), "integer"),
        Column("window_first", _("Compared from"), "integer"),
        Column("window_last", _("Compared to"), "integer"),
        Column("without_covid", _("Without 2020–21"), "flag"),
        Column("base_period", _("Base period"), "text"),
        Column("base_mean", _("Mean of the base period"), unit="moves"),
        Column("window_mean", _("Mean of the project years"), unit="moves"),
        Column("change", _("Change"), unit="moves", signed=True),
        Column("rival", _("Rival explanation"), "word"),
        Column("expected_sign", _("Expected sign"), "text"),
        Column("size", _("Size, persons"), unit="persons"),
        Column("check", _("Check"), "word"),
        Column("specification_told", _("Method and comparison regions"), "text"),
        Column("interval_told", _("90 per cent interval"), "range"),
        Column("true_level", _("Its true level"), "share"),
        Column("setting_unit", _("Region that sets the interval"), "word", vocabulary="region_code"),
        Column("setting_name", _("Name of it"), "text"),
        Column("low_without", _("Low without that region")),
        Column("high_without", _("High without that region")),
        Column("without_told", _("The interval without the region that sets it"), "range"),
        Column("pooled_persons", _("Drawn towards the others, persons"), unit="persons"),
        Column("pooled_low", _("Drawn towards the others, low"), unit="persons"),
        Column("pooled_high", _("Drawn towards the others, high"), unit="persons"),
        Column("pooled_told", _("Its 90 per cent interval"), "range"),
        Column("own_weight", _("Weight of its own"), "share"),
        Column("draw_effect", _("Effect"), "word"),
        Column("more", _("Households more"), unit="households"),
        Column("arm", _("Those who were drawn"), "word"),
        Column("drawn", _("Households"), unit="households"),
        Column("moved", _("Moved in"), unit="households"),
        Column("unanswered", _("Unknown"), unit="households"),
        Column("helped", _("Helped"), unit="households"),
        Column("range_told", _("Range"), "range"),
        Column("least", _("If no unknown moved"), "share"),
        Column("most", _("If every unknown moved"), "share"),
        Column("rank_told", _("Rank"), "range"),
        Column("p_told", _("p-value"), "range"),
        Column("place", _("By the rule"), "text"),
        Column("assumption_told", _("Assumption"), "text"),
        Column("assumed_told", _("Assumed"), "text"),
        Column("credible_told", _("Why it is credible"), "text"),
        Column("against_told", _("What speaks against it"), "text"),
        Column("checked_by", _("Checked by"), "text"),
        Column("before_told", _("The same in the years before"), "text"),
        Column("speaks", _("Speaks for or against it"), "text"),
        Column("results_told", _("Results"), "range"),
        Column("ratio_told", _("SEK a result"), "range"),
        Column("kept_told", _("Range"), "range"),
        Column("kept_share", _("Share kept"), "range"),
        Column("event_told", _("Rival explanation"), "text"),
        Column("check_told", _("Check"), "text"),
        Column("years", _("Years"), "text"),
        Column("verdict", _("Verdict"), "text"),
        Column("specifications", _("Specifications"), unit="specifications"),
        Column("smallest_effect", _("Smallest, persons"), unit="persons"),
        Column("middle_effect", _("Middle, persons"), unit="persons"),
        Column("largest_effect", _("Largest, persons"), unit="persons"),
        Column("interval_holds_zero", _("Interval holds zero"), unit="specifications"),
        Column("supported", _("Supported"), unit="companies"),
        Column("told_apart", _("Told apart from chance"), "flag"),
        Column("met", _("Met a candidate"), unit="companies"),
        Column("hired", _("With a hire"), unit="companies"),
        Column("origin", _("Moved from"), "word"),
        Column("organisation_number", _("Organisation number"), "text"),
        Column("joined", _("Joined"), "text"),
        Column("p25", _("A quarter within, months"), unit="months"),
        Column("median", _("Middle"), unit="months"),
        Column("p75", _("Three quarters within, months"), unit="months"),
        Column("deducted", _("Deducted"), "flag"),
        Column("kept_low", _("Keeps, low")),
        Column("kept_high", _("Keeps, high")),
        Column("basis", _("Basis"), "word"),
        Column("case", _("Case"), "word"),
        Column("result", _("Result"), "text"),
        Column("note", _("Note"), "text"),
        Column("pairs", _("Pairs of rows that belong together"), unit="pairs"),
        Column("precision", _("Joined pairs that belong together"), "share"),
        Column("recall", _("Pairs that belong together and were joined"), "share"),
        Column("companies", _("Companies"), unit="companies"),
        Column("activities", _("Activities"), unit="activities"),
        Column("reach", _("People reached, as stated"), unit="audience"),
        Column("cost_sek", _("Cost, SEK"), unit="sek"),
        Column("remedy", "", "text"),
        Column("checked", "", "flag"),
        Column("mde", "", unit="outcome"),
        Column("reasons", "", "text"),
        *(Column(id, "", "word") for id in ("channel", "column", "event", "fault")),
        *(Column(id, "", unit="outcome", hidden=True) for id in ("effect", "effect_high", "effect_low")),
        *(Column(id, "", "text", hidden=True) for id in ("en", "interval", "reference_sv", "sv")),
        *(Column(f"{id}_{of}", "", "text") for id in ("credible", "against", "check") for of in ("sv", "en")),
        *(Column(id, "", unit="check") for id in ("before", "before_reference")),
    )
}


def _columns(*groups: str | Column, **units: str) -> tuple[Column, ...]:
    """Return columns by id, several in one text; ``units`` are theirs in this table."""
    own = [one for group in groups for one in (group.split() if isinstance(group, str) else [group])]
    known = [one if isinstance(one, Column) else COLUMNS[one] for one in own]
    return tuple(replace(one, unit=units[one.id]) if one.id in units else one for one in known)


# --- Every table

_HOUSEHOLDS = {"reached": "households.reached", "moved_in": "households.moved_in"}
_HOUSEHOLD_TOTALS = {one: ("households_by_year", one) for one in _HOUSEHOLDS}
_EVERY_HOUSEHOLD = {
    "reached": ("households_by_year", "reached"),
    "known": ("goals", "unknown", "households"),
    "moved_in": ("households_by_year", "moved_in"),
}
_COMPANIES = {"supported": "companies.supported", "met": "companies.met", "hired": "companies.hired"}
_LEVEL_1 = replace(COLUMNS["known"], heading=_("1 Moved in / hired"), unit="goal")
_ANSWERS = replace(COLUMNS["known"], heading=_("Answers behind it"), unit="answers")
_COMPANY_TOTALS = {one: ("companies_by_year", one) for one in _COMPANIES}
_BY_CONTACT = {
    "reached": "households.reached",
    "known": "households.known",
    "moved_in": "households.moved_in",
}
_FIRMS_BY_CONTACT = {"reached": "companies.reached", "known": "companies.known", "hired": "companies.hired"}
_FIRM_PARTS = (("hired", "known"), ("known", "reached"))
_PART = (("moved_in", "reached"),)
_PARTS = (("moved_in", "known"), ("known", "reached"))


_ENDS = ("low", "high", "low_without", "high_without")
_PERSONS = dict.fromkeys(_ENDS, "persons")
_SHARE_ENDS = tuple(replace(COLUMNS[end], format="share") for end in ("low", "high"))
_IN_STEPS = tuple(replace(COLUMNS[one], format="steps") for one in ("share", "low", "high"))

_GAPS = _columns("outcome method pool year actual counterfactual gap in_window noise")
_COMPARED = "p_value smallest_p rank n"
_HANGS_ON = "low high true_level setting_unit setting_name low_without high_without"
_ESTIMATES = _columns(
    "outcome method pool first_year window_first window_last effect_persons",
    _HANGS_ON,
    _COMPARED,
    "mde_persons mde_households pseudo_effect_persons pre_rmse primary equivalent noisy_years",
    **_PERSONS,
)
_READ = "outcome years specification_told effect_persons interval_told true_level without_told"
_READ_TESTS = "pseudo_effect_persons mde_households rank_told p_told"
_IN_OWN_UNITS = _columns(
    "outcome method pool first_year window_first window_last unit effect_units",
    _HANGS_ON,
    _COMPARED,
    "mde pseudo_effect pre_rmse primary equivalent noisy_years",
    **dict.fromkeys(_ENDS, "outcome"),
)
_READ_IN_OWN_UNITS = (
    "outcome specification_told unit effect_units interval_told true_level without_told",
    "pseudo_effect mde rank_told p_told",
)
_MUNICIPALITIES = _columns(
    "outcome method municipality_code window_first window_last effect_persons",
    _HANGS_ON,
    "p_value smallest_p n told_apart noisy_years",
    **_PERSONS,
)

_OWN_TOTALS = Open(
    "the project's own totals, for the whole county and by year, which it answers for to its board"
)
_NAMED = Open("organisations are named in public")
_ROWS = Open("rows of files by list, not households or companies")
_ASSUMED = Open("what is assumed, in words and shares; nobody is counted", of_records=False)

_TABLES = (
    Table(
        "goals",
        _("The goals and the three levels of evidence"),
        "what was promised, and what each level of evidence says of it",
        _OWN_TOTALS,
        _columns(
            "goal target reached",
            _LEVEL_1,
            "unknown l2_low l2_median l2_high l2_high_bound l2_survey",
            "l3_effect l3_low l3_high mde_low mde_high",
            reached="goal",
        ),
        page=_columns("goal target", _LEVEL_1, "unknown level2_told level3_told seen_told"),
        stacked=True,
    ),
    Table(
        "verdicts",
        _("The verdicts"),
        "the answer in words, goal by goal and level by level",
        Open("words, chosen by rule; no counts"),
        _columns("goal level rule reasons"),
        page=_columns("goal level verdict"),
        stacked=True,
    ),
    Table(
        "paths",
        _("The path to each goal, year by year"),
        "whether a goal was on its way, year by year",
        _OWN_TOTALS,
        _columns("goal year count cumulated unknown pace"),
    ),
    Table(
        "households_by_year",
        _("Households by year"),
        "how many households were reached and moved in each year",
        _OWN_TOTALS,
        _columns("year reached moved_in", reached="households"),
    ),
    Table(
        "households_by_municipality",
        _("Households by municipality, the most moved in first"),
        "where the households wanted to live and moved",
        Sheet("households_by_municipality", "municipality_code", _HOUSEHOLDS, _HOUSEHOLD_TOTALS),
        _columns("municipality_code reached moved_in", reached="households"),
        largest_first="moved_in",
    ),
    Table(
        "households_by_kind",
        _("Households by kind"),
        "what kinds of household came",
        Sheet("households_by_kind", "kind", _HOUSEHOLDS, _HOUSEHOLD_TOTALS, within=_PART),
        _columns("kind reached moved_in", reached="households"),
    ),
    Table(
        "households_by_origin",
        _("Households that moved in, by where they came from"),
        "where those who moved in came from",
        Sheet(
            "households_by_origin",
            "origin",
            {"moved_in": "households.moved_in"},
            {"moved_in": ("households_by_year", "moved_in")},
        ),
        _columns("origin moved_in"),
    ),
    *(
        Table(
            f"households_by_{by}",
            caption,
            f"in which {where} the households were met",
            Sheet(
                f"households_by_{by}",
                by,
                _BY_CONTACT,
                within=_PARTS,
                overlapping=True,
                everyone=_EVERY_HOUSEHOLD,
            ),
            _columns(f"{by} reached known moved_in", reached="households", known="households"),
        )
        for by, caption, where in (
            ("phase", _("Households by phase"), "phase of the work"),
            ("area", _("Households by activity area"), "activity area"),
        )
    ),
    Table(
        "funnel",
        _("Households with contact and moved in, by phase"),
        "which part of those met in a phase moved in",
        Sheet(
            "funnel",
            "phase",
            {
                "households": "households.reached",
                "known": "households.known",
                "moved_in": "households.moved_in",
            },
            derived=dict.fromkeys(("share", "low", "high"), ("moved_in", "known"))
            | dict.fromkeys(("least", "most"), ("moved_in", "known", "households")),
            within=(("moved_in", "known"), ("known", "households")),
            overlapping=True,
            everyone={"households" if one == "reached" else one: of for one, of in _EVERY_HOUSEHOLD.items()},
        ),
        _columns("phase households known moved_in share", *_SHARE_ENDS, "least most", known="households"),
    ),
    Table(
        "counted_apart",
        _("Households counted apart"),
        "who was met and is not counted, and why",
        Sheet("counted_apart", "reason", {"households": "households.apart"}),
        _columns("reason households"),
    ),
    Table(
        "retention",
        _("How many stay"),
        "which part of those who moved in still lives there",
        Sheet(
            "retention",
            "months",
            {"at_risk": "households.at_risk"},
            derived=dict.fromkeys(("share", "low", "high"), ("at_risk",)),
            rounded=dict.fromkeys(("share", "low", "high"), "at_risk"),
            falling=True,
        ),
        _columns("months at_risk", *_IN_STEPS),
    ),
    Table(
        "time_to_move",
        _("Months from the first contact to the move"),
        "how long a move takes from the first contact",
        Sheet(
            "time_to_move",
            "",
            {"households": "households.timed"},
            derived=dict.fromkeys(("p25", "median", "p75"), ("households",)),
            spread={"p25": 0.25, "median": 0.5, "p75": 0.25},
        ),
        _columns("households p25 median p75"),
    ),
    Table(
        "filters",
        _("The filters from gross to net, once each"),
        "what is deducted between reached and contributed to, and on what evidence",
        Sheet(
            "filters",
            "goal/filter",
            {"known": "answers.known"},
            derived=dict.fromkeys(("kept_low", "kept", "kept_high"), ("known",)),
            rounded=dict.fromkeys(("kept_low", "kept", "kept_high"), "known"),
        ),
        _columns(
            "goal filter deducted kept_low kept kept_high basis",
            _ANSWERS,
            **dict.fromkeys(("kept_low", "kept", "kept_high"), "share_kept"),
        ),
        page=_columns("goal filter deducted kept_share kept_told basis"),
        stacked=True,
    ),
    Table(
        "companies_by_year",
        _("Companies by year"),
        "how many companies were supported, met candidates and hired each year",
        _OWN_TOTALS,
        _columns("year supported met hired"),
    ),
    Table(
        "companies_by_municipality",
        _("Companies by municipality"),
        "where the companies are",
        Sheet(
            "companies_by_municipality",
            "municipality_code",
            _COMPANIES,
            _COMPANY_TOTALS,
            within=(("hired", "met"), ("met", "supported")),
        ),
        _columns("municipality_code supported met hired"),
    ),
    *(
        Table(
            f"companies_by_{by}",
            caption,
            f"in which {where} the companies were met",
            Sheet(
                f"companies_by_{by}",
                by,
                _FIRMS_BY_CONTACT,
                within=_FIRM_PARTS,
                overlapping=True,
                everyone={
                    "reached": ("companies_by_year", "supported"),
                    "known": ("goals", "unknown", "companies"),
                    "hired": ("companies_by_year", "hired"),
                },
            ),
            _columns(f"{by} reached known hired", reached="companies", known="companies"),
        )
        for by, caption, where in (
            ("phase", _("Companies by phase"), "phase of the work"),
            ("area", _("Companies by activity area"), "activity area"),
        )
    ),
    Table(
        "organisations",
        _("Participating organisations"),
        "who took part",
        _NAMED,
        _columns("name organisation_number type role joined"),
        page=_columns("name type role"),
        stacked=True,
    ),
    Table(
        "organisations_by_type",
        _("Participating organisations by type"),
        "what kinds of organisation took part",
        _NAMED,
        _columns("type organisations"),
    ),
    *(
        Table(
            f"activities_by_{by}",
            caption,
            f"how many activities there were by {where}, their reach and cost",
            Money(),
            _columns(f"{by} activities reach cost_sek"),
        )
        for by, caption, where in (
            ("phase", _("Activities by phase"), "phase"),
            ("area", _("Activities by activity area"), "activity area"),
        )
    ),
    Table(
        "funding",
        _("Money decided and paid"),
        "who decided and paid what",
        Money(),
        _columns("financier kind decided_sek paid_sek"),
    ),
    Table(
        "cost_per_result",
        _("Cost per result, as ranges"),
        "what a result costs, as a range",
        _OWN_TOTALS,
        _columns("goal level cost_low cost_high results_low results_high ratio_low ratio_high"),
        page=_columns("goal level results_told ratio_told"),
    ),
    Table(
        "tornado",
        _("What each assumption does to the answer"),
        "which assumption the answer hangs on",
        _OWN_TOTALS,
        _columns("goal assumption low high base", low="goal", high="goal"),
    ),
    Table(
        "bounds",
        _("Bounds: those who did not answer or were not followed up, at either end"),
        "how far the answer goes if nothing is assumed of those who are unknown",
        _OWN_TOTALS,
        _columns("goal case low median high", low="goal", median="goal", high="goal"),
    ),
    Table(
        "assumptions",
        _("The assumptions"),
        "what is assumed, in which range, and by which reference",
        _ASSUMED,
        _columns(
            "id value low high unit valid_from reference reference_sv sv en",
            low="assumption",
            high="assumption",
        ),
        page=_columns("assumption_told value range_told valid_from reference"),
        stacked=True,
    ),
    Table(
        "identification",
        _("What the comparison with other regions assumes"),
        "what must hold for the comparison to be believed",
        _ASSUMED,
        _columns("id sv en credible_sv credible_en against_sv against_en check_sv check_en reference"),
        page=_columns("assumed_told credible_told against_told checked_by reference"),
        stacked=True,
    ),
    Table(
        "accounting",
        _("Every row accounted for: read = kept + merged + rejected"),
        "that no row of the records was lost",
        _ROWS,
        _columns("list files read kept merged rejected unused"),
    ),
    Table(
        "rejected_kinds",
        _("Rejected rows by kind of fault"),
        "why rows were rejected",
        _ROWS,
        _columns("list", replace(COLUMNS["kind"], vocabulary="fault"), "rows"),
    ),
    Table(
        "linkage",
        _("Joins by rule: how often a row, or rows already joined, met another"),
        "by which rules rows were joined",
        _ROWS,
        _columns("rule list merged"),
    ),
    Table(
        "linkage_quality",
        _("How well the linkage finds the invented households"),
        "how well the joining works where the truth is known",
        _ROWS,
        _columns("list pairs precision recall"),
    ),
    Table(
        "notes",
        _("What was noted when the records were read"),
        "what a reader of the records must know",
        _ROWS,
        _columns("list kind value"),
        page=_columns("list note"),
    ),
    Table(
        "moves_by_month",
        _("In-moves from other counties by month, beside the same months before the project"),
        "whether moves rose in the project's months",
        OfficialStatistics(marked=False),
        _columns(
            "year month moves before_mean before_low before_high before_first before_last", "whole_year noise"
        ),
    ),
    Table(
        "labour_shortage",
        _("Companies that call access to suitable labour a great obstacle to growth"),
        "how many companies lack labour, in the words of their goal",
        OfficialStatistics(marked=False),
        _columns("year short margin country lowest highest counties"),
    ),
    Table(
        "gaps",
        _("The county, its comparison and the gap"),
        "how the county and its comparison went, year by year",
        OfficialStatistics(),
        _GAPS,
    ),
    Table(
        "placebo_gaps",
        _("The gaps of the comparison regions"),
        "how far comparison regions stray that had no project",
        OfficialStatistics(),
        _columns("outcome method pool region_code year gap noise"),
        primary_only=True,
    ),
    Table(
        "estimates",
        _("The estimates by outcome and method"),
        "how far the county left its comparison, and what chance gives",
        OfficialStatistics(),
        _ESTIMATES,
        page=_columns(_READ, _READ_TESTS, "place"),
    ),
    Table(
        "flows",
        _("In, out and net by one common set of weights, in persons over the years compared"),
        "whether in, out and net tell the same",
        OfficialStatistics(),
        _ESTIMATES,
        page=_columns(_READ, _READ_TESTS),
    ),
    Table(
        "controls",
        _("Negative controls: what attraction work should leave alone"),
        "whether the method finds effects where there can be none",
        OfficialStatistics(),
        _ESTIMATES,
        page=_columns(_READ, _READ_TESTS),
    ),
    Table(
        "draw",
        _("What the draw shows, in households of all applicants"),
        "what a draw among the applicants shows, beside the three levels",
        Open("effects on all applicants, to the nearest five where a count behind them is small"),
        _columns("draw_effect more low high", low="households", high="households"),
    ),
    Table(
        "draw_arms",
        _("Those who were drawn"),
        "who was drawn to be served first and who to wait",
        Open("left out where one of its counts, or what is left of them, lies between 1 and 4"),
        _columns("arm drawn moved unanswered helped"),
    ),
    Table(
        "region_effects",
        _("Each county of the project alone, and drawn towards the others"),
        "what each county of the project shows beside all of them together",
        OfficialStatistics(),
        _columns(
            "outcome method region_code window_first window_last effect_persons",
            _HANGS_ON,
            "p_value smallest_p n told_apart pooled_persons pooled_low pooled_high own_weight noisy_years",
            **_PERSONS,
        ),
        page=_columns(
            "region_code years effect_persons interval_told p_told told_apart pooled_persons pooled_told",
            "own_weight",
        ),
        stacked=True,
    ),
    Table(
        "municipality_effects",
        _("Each municipality among those outside the county, in persons over the years compared"),
        "whether a municipality stands out",
        OfficialStatistics(),
        _MUNICIPALITIES,
        page=_columns(
            "municipality_code effect_persons interval_told true_level without_told p_told told_apart"
        ),
        stacked=True,
        largest_first="effect_persons",
    ),
    Table(
        "municipality_effects_by_birth",
        _("Each municipality: domestic in-moves over the county border at ages 20–64, by country of birth"),
        "the same for those born in Sweden and abroad",
        OfficialStatistics(),
        _MUNICIPALITIES,
    ),
    Table(
        "company_estimates",
        _("The estimates on companies, by outcome and method"),
        "how far the county's companies left their comparison",
        OfficialStatistics(),
        _IN_OWN_UNITS,
        page=_columns(*_READ_IN_OWN_UNITS, "place"),
    ),
    Table(
        "other_estimates",
        _("What is shown beside, each outcome in its own unit"),
        "how other outcomes of the county left their comparison",
        OfficialStatistics(),
        _IN_OWN_UNITS,
        page=_columns(*_READ_IN_OWN_UNITS),
    ),
    Table(
        "company_gaps",
        _("Companies: the county, its comparison and the gap"),
        "how the county's companies and their comparison went",
        OfficialStatistics(),
        _GAPS,
    ),
    Table(
        "weights",
        _("The comparison regions and their weights"),
        "which regions the county is compared with",
        OfficialStatistics(marked=False),
        _columns("outcome method pool region_code region_name weight"),
    ),
    Table(
        "base_periods",
        _("Before and after: the answer turns with the base period"),
        "that the change hangs on the years compared with",
        OfficialStatistics(),
        _columns("first_year last_year window_first window_last base_mean window_mean change noisy_years"),
        page=_columns("base_period window_first window_last base_mean window_mean change noisy_years"),
        stacked=True,
    ),
    Table(
        "specifications",
        _("All specifications"),
        "whether another reasonable choice had given another answer",
        OfficialStatistics(),
        _columns(
            "outcome method pool first_year window_first window_last without_covid effect",
            "effect_low effect_high effect_persons interval",
            _HANGS_ON,
            _COMPARED,
            "rule pre_rmse primary equivalent note noisy_years",
            **_PERSONS,
        ),
    ),
    Table(
        "rivals",
        _("Rival explanations and how they were checked"),
        "what else could have moved the figures",
        OfficialStatistics(),
        _columns(
            "event first_year last_year expected_sign size check value reference before before_reference",
            "speaks unit checked reason noisy_years",
        ),
        page=_columns("event_told expected_sign size check_told result before_told speaks"),
        stacked=True,
    ),
    Table(
        "county_comparison",
        _("The county and its comparison, the last ten years, moves per 1,000 inhabitants"),
        "how the county and its comparison went in the last ten years",
        OfficialStatistics(),
        _columns("outcome year actual counterfactual gap in_window noise"),
    ),
    Table(
        "gap_summary",
        _("The primary estimates, in persons over the years compared"),
        "the primary estimates side by side",
        OfficialStatistics(),
        _columns(
            "outcome method window_first window_last effect_persons low high p_value rank n mde_persons",
            "noisy_years",
            **_PERSONS,
        ),
    ),
    Table(
        "specification_summary",
        _("The specifications by outcome and method, in persons over the years compared"),
        "how far the answers of each method spread",
        OfficialStatistics(),
        _columns(
            "outcome method window_first window_last specifications smallest_effect middle_effect",
            "largest_effect interval_holds_zero noisy_years",
        ),
    ),
)


# --- The tables of the validation of the methods, for a reader who doubts

_SIMULATED = Open("draws of simulated panels and of real counties without a project; nobody is counted")
_SEEN = OfficialStatistics(marked=False)
_SETTING = Column("setting", _("Setting"), "word")
_COVERAGE = Column("coverage", _("Truth inside"), "share")
_COMPARED_BY = _columns("outcome", Column("years", _("Years"), "text"), "method pool")
_PRINTED = tuple(Column(f"printed_{n}", "", "share") for n in (0, 100, 200, 400, 800, 1600))


def _persons(id: str, heading: str = "", *, signed: bool = False) -> Column:
    return Column(id, heading, unit="persons", signed=signed)


def _factor(id: str, heading: str = "") -> Column:
    return Column(id, heading, unit="factor", decimals=1)


def _of_validation(
    id: str, caption: str, reader: str, protection: Protection, columns: tuple[Column, ...], shown: str = ""
) -> Table:
    """Return a table of the validation; ``shown`` are the columns in words, all of them where it is empty."""
    page = tuple(one for name in shown.split() for one in columns if one.id == name)
    return Table(f"validation_{id}", caption, reader, protection, columns, page)


_VALIDATION = (
    _of_validation(
        "published",
        _("California’s Proposition 99: published numbers beside ours"),
        "that the estimators give what others have published",
        Open("published numbers of another study; nobody is counted"),
        _columns(
            "method",
            Column("what", _("Figure"), "word"),
            Column("published", _("Published"), unit="outcome", decimals=3),
            Column("ours", _("Ours"), unit="outcome", decimals=3),
            Column("difference", _("Difference"), unit="outcome", decimals=3, signed=True),
            Column("tolerance", _("Tolerance"), unit="outcome", decimals=4),
        ),
    ),
    _of_validation(
        "optimality",
        _("Optimality residual of every convex solve for the county"),
        "that each solve is the best there is",
        _SEEN,
        _columns(
            "outcome method pool",
            Column("residual", _("Optimality residual"), "residual"),
            Column("donors", _("Comparison regions"), unit="regions"),
            Column("weighted", _("With weight"), unit="regions"),
            Column("weight_sum", _("Sum of weights"), unit="probability", decimals=6),
        ),
    ),
    _of_validation(
        "coverage",
        _("How often the 90 per cent intervals held the truth on simulated panels"),
        "whether the intervals hold what they say",
        _SIMULATED,
        _columns(
            _SETTING,
            "method",
            Column("interval", _("Interval"), "word"),
            Column("draws", _("Draws"), unit="draws"),
            _COVERAGE,
            Column("rejection", _("Rejects no effect"), "share"),
            Column("standard_error", _("Standard error"), unit="probability", decimals=3),
            Column("half_width", _("Half width"), unit="outcome", decimals=2),
        ),
        "setting method interval draws coverage rejection half_width",
    ),
    _of_validation(
        "scales",
        _("Two scales raced: intervals and what they can see, on simulated panels and real counties"),
        "which scale of the placebos gives the shorter intervals",
        _SIMULATED,
        _columns(
            Column("panel", _("Panels"), "word"),
            "method",
            Column("scale", _("Scale"), "word"),
            Column("cases", _("Cases"), unit="draws"),
            _COVERAGE,
            Column("mean_half_width", _("Mean half width"), unit="outcome", decimals=2),
            Column("detectable", _("Smallest detectable, per 1,000 a year"), unit="outcome", decimals=2),
            _persons("own_detectable", _("The county’s own, persons")),
        ),
    ),
    _of_validation(
        "power",
        _("Share of comparison regions in which an effect of so many households would be found"),
        "what size of effect the design would find",
        _SEEN,
        _columns(
            "outcome households",
            Column("power", _("Found"), "steps"),
            Column("wrong_sign", "", "share"),
            _factor("exaggeration", _("Overstated by a factor")),
            _factor("smallest_exaggeration"),
        ),
        "outcome households power exaggeration",
    ),
    _of_validation(
        "sight",
        _("What the primary specification of each outcome can see"),
        "whether the goal's pace could be seen",
        _SEEN,
        _columns(
            *_COMPARED_BY,
            Column("n", _("Compared"), unit="regions"),
            "smallest_p",
            _persons("detectable_persons", _("Smallest detectable, persons")),
            Column("detectable_households", _("Smallest detectable, households"), unit="households"),
            *(Column(id, "", unit="households") for id in ("detectable_low", "detectable_high")),
            Column("pace", _("The goal’s pace, households"), unit="households"),
            Column("power_at_pace", _("Finds the pace"), "steps"),
            _factor("exaggeration_at_pace", _("Overstates the pace by a factor")),
            Column("found_at_pace", "", "flag"),
        ),
        "outcome years method pool n detectable_persons detectable_households pace power_at_pace "
        "exaggeration_at_pace",
    ),
    _of_validation(
        "pseudo",
        _("The estimate, and what the same method finds in the years before the project"),
        "whether the method finds an effect where there was none",
        _SEEN,
        _columns(
            *_COMPARED_BY,
            _persons("effect_persons", _("Persons"), signed=True),
            _persons("pseudo_persons", _("Before the project, persons"), signed=True),
            Column("share", _("Share"), "steps"),
            "primary",
        ),
        "outcome years method pool effect_persons pseudo_persons primary",
    ),
    _of_validation(
        "covid",
        _("The estimate a year, with and without 2020–2021"),
        "whether the pandemic's years carry the estimate",
        _SEEN,
        _columns(
            *_COMPARED_BY,
            _persons("a_year", _("A year, persons"), signed=True),
            _persons("without", _("Without 2020–2021, persons a year"), signed=True),
            "low high true_level p_value",
            low="persons",
            high="persons",
        ),
    ),
    _of_validation(
        "plan",
        _("The equivalence set: specifications as good as the primary one"),
        "which specifications are as good as the primary one",
        _SEEN,
        _columns(
            "outcome method pool",
            Column("error", _("Error, per 1,000 a year"), unit="outcome", decimals=3),
            Column("excess", _("Excess mean squared error"), unit="outcome", decimals=3),
            "p_value",
            Column(
                "confidence_set", _("p-value of the model confidence set"), unit="probability", decimals=3
            ),
            Column("wins", _("Best in draws of the counties"), "steps"),
            "primary",
        ),
    ),
    _of_validation(
        "municipalities",
        _("The municipalities one by one"),
        "whether a municipality stands out",
        _SEEN,
        _columns(
            "region_code",
            Column("region_name", _("Municipality"), "text"),
            "window_first window_last effect effect_low effect_high",
            _persons("effect_persons", _("Persons"), signed=True),
            _HANGS_ON,
            "p_value smallest_p n rule told_apart",
            **_PERSONS,
        ),
        "region_name effect_persons low high true_level p_value told_apart",
    ),
    _of_validation(
        "rivals",
        _("Rival explanations and their checks"),
        "what else could have moved the figures",
        _SEEN,
        (
            Column("event", _("Rival explanation"), "text"),
            *_columns("years expected_sign"),
            replace(COLUMNS["size"], format="text", unit=""),
            replace(COLUMNS["check"], format="text"),
            COLUMNS["result"],
            Column("before", _("The same check before the project"), "text"),
            COLUMNS["speaks"],
        ),
    ),
    _of_validation(
        "verdicts",
        _("How often each sentence of level 3 is printed on real cases without a project"),
        "how often each sentence would be wrong",
        _SIMULATED,
        _columns(
            Column("rule", _("Sentence"), "word"),
            *_PRINTED,
            Column("wrong", _("Wrong at most"), "share"),
            Column("goal", _("May be wrong"), "share"),
            Column("changed", _("Changes between neighbouring years"), "share"),
        ),
    ),
)

#: Every table of the reports and of the validation by name.
TABLES: dict[str, Table] = {table.name: table for table in (*_TABLES, *_VALIDATION)}

#: How the counts of the tables are suppressed, where a table has counts by a category.
SHEETS: tuple[Sheet, ...] = tuple(table.sheet for table in TABLES.values() if table.sheet is not None)

#: The tables that results.json carries: the next report guards its counts against them. The published totals
#: that counts add up to stand first.
CARRIED: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(source for sheet in SHEETS for source, _column in sheet.total.values()),
            *(sheet.name for sheet in SHEETS),
        ]
    )
)


def checked(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose specification names it and every column of it.

    Raises
    ------
    PublicationError
        If no specification does: what nobody said how to protect is not shown.
    """
    known = TABLES.get(name)
    if known is None:
        raise PublicationError(
            f"the table {name} is not specified",
            remedy="leave it out, or specify it with its protection in TABLES",
        )
    strange = [str(one) for one in table.columns if one not in {c.id for c in (*known.columns, *known.page)}]
    if strange:
        raise PublicationError(
            f"the table {name} has a column that its specification does not name: {', '.join(strange)}",
            remedy="leave it out, or specify it with its unit in TABLES",
        )
    return table
