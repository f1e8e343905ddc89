"""An evaluation as texts, tables and figures read it: in one language, with numbers that can be checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attraktiv_eval import texts
from attraktiv_eval.disclosure.suppression import JOINED
from attraktiv_eval.reporting import words
from attraktiv_eval.reporting.display import escape

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["View"]


class View:
    """An evaluation in one language.

    Numbers made by :meth:`n`, :meth:`span` and :meth:`share` stand in ``<data value="...">``: a reader sees
    214, a test reads the exact value and looks it up in ``results.json``.
    """

    def __init__(self, evaluation: Any, language: str) -> None:
        self.evaluation = evaluation
        self.language = language
        self._: Callable[[str], str] = texts.translator(language)

    def table(self, name: str) -> pd.DataFrame | None:
        """Return a table of the run, or None where the run has none or it is empty."""
        found = self.evaluation.tables.get(name)
        return None if found is None or found.empty else found

    def rows(self, name: str, **equal: object) -> pd.DataFrame | None:
        """Return the rows of a table where each given column has its given value; None where none is left."""
        found = self.table(name)
        if found is None:
            return None
        for column, value in equal.items():
            if column not in found:
                return None
            found = found[found[column] == value]
        return None if found.empty else found

    def row(self, name: str, **equal: object) -> pd.Series | None:
        """Return the first such row, or None."""
        found = self.rows(name, **equal)
        return None if found is None else found.iloc[0]

    def word(self, vocabulary: str, key: object) -> str:
        """Return the word for an id; the project's own words for phases, areas and municipalities.

        Categories that were merged to guard small counts stand under their ids joined: all are named.
        """
        own, id = self._project_words.get(vocabulary, {}), str(key)
        if id in own or JOINED not in id:
            return own.get(id) or words.word(vocabulary, key, self.language)
        first, *rest = [self.word(vocabulary, one) for one in id.split(JOINED)]
        names = vocabulary in ("municipality_code", "region_code")
        return self.join([first, *(one if names else one[:1].lower() + one[1:] for one in rest)])

    @cached_property
    def _project_words(self) -> dict[str, dict[str, str]]:
        project = self.evaluation.project
        assumptions = self.evaluation.assumptions
        return {
            "phase": {part.id: getattr(part, self.language) for part in project.phases},
            "goal": {
                goal.id: getattr(goal, f"name_{self.language}")
                or words.word("goal", goal.counts, self.language)
                for goal in project.goals.values()
            },
            "area": {part.id: getattr(part, self.language) for part in project.areas},
            "municipality_code": dict(project.region.municipalities),
            "assumption": {key: getattr(assumptions[key], self.language) for key in assumptions},
            "region_code": _counties(),
            "pool": _pools(self.language),
        }

    # Numbers -----------------------------------------------------------------------------------------

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as bare text; a missing one as an en dash."""
        return texts.number(_float(value), self.language, decimals, signed=signed)

    def n(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as HTML that carries its exact value."""
        exact = _float(value)
        shown = escape(self.number(exact, decimals, signed=signed))
        return shown if exact != exact else f'<data value="{exact:.6g}">{shown}</data>'

    def span(self, low: float, high: float, decimals: int = 0) -> str:
        """Return a range as HTML that carries both exact ends."""
        first, last = _float(low), _float(high)
        shown = texts.span(first, last, self.language, decimals)
        return f'<data value="{first:.6g} {last:.6g}">{escape(shown)}</data>'

    def share(self, value: float, decimals: int = 0) -> str:
        """Return a share as per cent, as HTML that carries its exact value."""
        exact = _float(value)
        return f'<data value="{exact:.6g}">{escape(texts.percent(exact, self.language, decimals))}</data>'

    def day(self, value: Any) -> str:
        """Return a date in words."""
        return texts.day(value, self.language)

    def moment(self, value: Any) -> str:
        """Return a day, with its time where known, in words."""
        return texts.moment(value, self.language) if value else ""

    def join(self, parts: list[str]) -> str:
        """Return parts as a list in words: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        word = self._("and")
        return f"{', '.join(parts[:-1])} {word} {parts[-1]}"

    # What most sections ask -----------------------------------------------------------------------------

    @property
    def first_year(self) -> int:
        """The first year of the window: the project's first year."""
        return int(self.evaluation.project.years[0])

    @property
    def year(self) -> int:
        """The last year that is evaluated; for the final report the project's last year."""
        return int(self.evaluation.year or self.evaluation.until.year)

    @property
    def outcome(self) -> str:
        """The primary outcome: what the goal on households is compared by."""
        county = getattr(self.evaluation, "county", None)
        return str(getattr(county, "outcome", None) or "in_moves")

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The files of official statistics: file, tables (a list), sha256, and what else is known."""
        found = getattr(self.evaluation, "sources", None) or []
        return [{**one, "tables": _as_list(one.get("tables"))} for one in found]

    @property
    def window(self) -> str:
        """The years that the report asks about in words: 2020–2022, or 2020."""
        first, last = self.first_year, self.year
        return str(first) if first == last else f"{first}–{last}"

    def years(self, row: Any) -> str:
        """Return the years that a row of estimates compares, in words; else those of the report."""
        if not known(row.get("window_last")):
            return self.window
        first, last = int(row["window_first"]), int(row["window_last"])
        return str(first) if first == last else f"{first}–{last}"

    def estimate(self, outcome: str = "") -> pd.Series | None:
        """Return the primary estimate of an outcome; of the primary outcome unless another is named."""
        return self.row("estimates", outcome=outcome or self.outcome, primary=True)

    @property
    def main_goal(self) -> str:
        """The goal that the report leads with."""
        return self.evaluation.project.main_goal

    def counts(self, goal: str) -> str:
        """Return what a goal counts: households, persons, companies, organisations or participations."""
        return str(self.evaluation.project.goals[goal].counts)

    def unit(self, goal: str) -> str:
        """Return what stands after a goal's number: households, companies ..."""
        of = self.evaluation.project.goals[goal]
        return getattr(of, f"unit_{self.language}") or words.unit(of.counts, self.language)

    def followed(self, goal: str) -> bool:
        """Return whether levels 2 and 3 can say anything of a goal."""
        return bool(self.evaluation.project.goals[goal].followed)

    def goal(self, goal: str) -> pd.Series | None:
        """Return a goal's row: target, known, unknown, the range of level 2 and the estimate of level 3."""
        return self.row("goals", goal=goal)

    def missing(self, name: str) -> bool:
        """Return whether a list of records is missing."""
        return name in (self.evaluation.missing or [])


def known(value: Any) -> bool:
    """Return whether a cell holds a number."""
    exact = _float(value)
    return exact == exact


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value or []]


def _counties() -> dict[str, str]:
    from attraktiv_eval.regions import COUNTIES

    return dict(COUNTIES)


def _pools(language: str) -> dict[str, str]:
    from attraktiv_eval.regions import POOLS

    return {key: getattr(pool, language) for key, pool in POOLS.items()}
