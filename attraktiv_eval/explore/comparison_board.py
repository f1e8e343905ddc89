"""The county against comparison counties: method, outcome, counties and years by choice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.counterfactual.design import FEWEST_PERIODS_BEFORE
from attraktiv_eval.errors import DesignError
from attraktiv_eval.explore.board import Board, Picture
from attraktiv_eval.explore.comparison_figure import figure
from attraktiv_eval.explore.control import choice, several, span
from attraktiv_eval.explore.drawing import paragraph, table
from attraktiv_eval.explore.opening import opened
from attraktiv_eval.reporting import words
from attraktiv_eval.texts import number, translator
from attraktiv_eval.texts import span as told_span

if TYPE_CHECKING:
    from pathlib import Path

    from attraktiv_eval.counterfactual import Placebos
    from attraktiv_eval.evaluation import Inputs
    from attraktiv_eval.evaluation.county import Comparison

__all__ = ["counterfactual"]

#: Methods whose fits take so long that gap and placebos are shown before the years just before are tried.
SLOW = ("matrix_completion",)
FIRST_YEARS = (2003, 2010)


def counterfactual(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel that compares the county: gap, placebos and weights for any choice.

    Parameters
    ----------
    language : {"sv", "en"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> board = explore.counterfactual("en")
    >>> print(board.choose(outcome="net_migration").call.splitlines()[1])
    rates = ae.Panel.load().rate("net_migration")
    """
    inputs = opened(project, records, statistics)
    return Board(_controls(inputs, language), _Drawer(inputs, language, str(statistics)), language)


def _controls(inputs: Inputs, language: str) -> list[Any]:
    from attraktiv_eval.counterfactual import METHODS

    _ = translator(language)
    found = inputs.panel.outcomes
    outcomes = [str(one) for one in found.loc[found["levels"].str.contains("county"), "id"]]
    primary = inputs.panel.primary_outcome("households", inputs.project.start.year) or outcomes[0]
    every, last = int(found["first_year"].min()), int(found["last_year"].max())
    county = inputs.project.region.code
    window = (inputs.project.start.year, inputs.project.end.year)
    return [
        choice(
            "outcome",
            _("Outcome"),
            [(words.word("outcome", one, language), one) for one in outcomes],
            primary,
        ),
        choice(
            "method",
            _("Method"),
            [(words.word("method", one, language), one) for one in METHODS],
            "demeaned_synthetic_control",
        ),
        choice(
            "pool",
            _("Comparison regions"),
            [(getattr(pool, language), pool.id) for pool in regions.POOLS.values()],
            "all",
        ),
        several(
            "without",
            _("Leave out"),
            [(name, code) for code, name in regions.COUNTIES.items() if code != county],
        ),
        span("window", _("Years whose effect is estimated"), every + FEWEST_PERIODS_BEFORE, last, window),
        choice(
            "first_year",
            _("First year used"),
            [(_("all years"), None), *((str(year), year) for year in FIRST_YEARS)],
            None,
        ),
    ]


class _Drawer:
    """Computes and draws one choice; what was computed once is kept."""

    def __init__(self, inputs: Inputs, language: str, statistics: str) -> None:
        self.inputs, self.language, self.statistics = inputs, language, statistics
        self.placebos = lru_cache(maxsize=64)(self._placebos)
        self.comparison = lru_cache(maxsize=64)(self._comparison)
        self.done: set[tuple[Any, ...]] = set()

    def __call__(
        self,
        outcome: str,
        method: str,
        pool: str,
        without: tuple[str, ...],
        window: tuple[int, int],
        first_year: int | None,
    ) -> Iterator[Picture]:
        key = (outcome, method, pool, tuple(without), (window[0], window[1]), first_year)
        call = self._call(*key)
        if method in SLOW and key not in self.done:
            yield Picture(self._begun(self.placebos(*key)), call)
        yield Picture(self._told(self.comparison(*key)), call)
        self.done.add(key)

    def _design(
        self, outcome: str, pool: str, without: tuple[str, ...], window: tuple[int, int], first: int | None
    ) -> tuple[Any, Any]:
        from attraktiv_eval.counterfactual import Design

        region = self.inputs.project.region.code
        rates = self.inputs.panel.rate(outcome).loc[first:]
        donors = [code for code in regions.donor_pool(pool, region) if code not in without]
        return rates, Design([region], *window, donors=donors)

    def _placebos(self, outcome: str, method: str, *rest: Any) -> Placebos:
        from attraktiv_eval.counterfactual import placebo_in_space

        return placebo_in_space(*self._design(outcome, *rest), method)

    def _comparison(self, outcome: str, method: str, *rest: Any) -> Comparison:
        from attraktiv_eval.counterfactual import placebo_in_time
        from attraktiv_eval.evaluation.county import Comparison

        rates, design = self._design(outcome, *rest)
        placebos = self.placebos(outcome, method, *rest)
        try:
            pseudo = placebo_in_time(rates, design, method)
        except DesignError:
            pseudo = None
        population = self.inputs.panel.population()[self.inputs.project.region.code]
        return Comparison(outcome, method, rest[0], int(rates.index[0]), placebos, pseudo, population)

    def _call(
        self,
        outcome: str,
        method: str,
        pool: str,
        without: tuple[str, ...],
        window: tuple[int, int],
        first: int | None,
    ) -> str:
        region = self.inputs.project.region.code
        folder = f"Path({self.statistics!r})" if self.statistics else ""
        donors = f'ae.donor_pool("{pool}", "{region}")'
        if without:
            donors = f"[code for code in {donors} if code not in {tuple(without)!r}]"
        later = f".loc[{first}:]" if first else ""
        lines = [
            "import attraktiv_eval as ae",
            *(["from pathlib import Path"] if folder else []),
            f'rates = ae.Panel.load({folder}).rate("{outcome}"){later}',
            f"donors = {donors}",
            f'design = ae.Design(["{region}"], {window[0]}, {window[1]}, donors=donors)',
            f'placebos = ae.placebo_in_space(rates, design, "{method}")',
            "placebos.estimate, placebos",
        ]
        return "\n".join(lines)

    def _begun(self, found: Placebos) -> str:
        _ = translator(self.language)
        told = _("The same method on the years just before is being computed.")
        return self._drawn(found) + paragraph(told)

    def _drawn(self, found: Placebos) -> str:
        shown = figure(found.estimate, found.gaps, self.language)
        return "\n".join([shown, paragraph(found.sentence(self.language))])

    def _told(self, found: Comparison) -> str:
        _ = translator(self.language)
        return "\n".join(
            [
                self._drawn(found.placebos),
                self._persons(found),
                paragraph(
                    _(
                        "Exploring chooses among many comparisons, so what stands out here proves nothing by "
                        "itself; the report’s verdict rests on the specification that was set by rule."
                    ),
                    quiet=True,
                ),
            ]
        )

    def _persons(self, found: Comparison) -> str:
        _ = translator(self.language)
        language = self.language
        low, high = found.interval
        rows = [
            (_("Deviation over the window"), number(found.persons, language, signed=True)),
            (_("90 per cent interval"), told_span(low, high, language)),
            (_("Smallest detectable effect"), number(found.detectable, language)),
            (
                _("The same method on the years just before"),
                number(found.pseudo_persons, language, signed=True),
            ),
        ]
        return table(_("In moves"), [_("What"), _("Moves")], rows)
