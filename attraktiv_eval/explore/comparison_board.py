"""The county against comparison counties: method, outcome, counties and years by choice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.counterfactual.design import FEWEST_PERIODS_BEFORE
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.explore.board import Board, Picture, choice, figure, paragraph, several, span, table
from attraktiv_eval.explore.open import by_hand, opened
from attraktiv_eval.level3.comparison import Window, rates_and_design
from attraktiv_eval.level3.comparison import compare as compared
from attraktiv_eval.reporting import labels
from attraktiv_eval.texts import number, percent, translator
from attraktiv_eval.texts import span as told_span

if TYPE_CHECKING:
    from pathlib import Path

    from attraktiv_eval.counterfactual import Placebos
    from attraktiv_eval.evaluation import Inputs
    from attraktiv_eval.level3.comparison import Comparison

__all__ = ["compare", "counterfactual"]

FIRST_YEARS = (2003, 2010)
#: The method that the panel opens with.
METHOD = "demeaned_synthetic_control"


def compare(
    inputs: Inputs,
    outcome: str,
    method: str = METHOD,
    *,
    pool: str = "all",
    without: Collection[str] = (),
    window: tuple[int, int] | None = None,
    first_year: int | None = None,
    placebos: Placebos | None = None,
) -> Comparison:
    """Return the project's county against comparison counties: everything that the panel shows.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    outcome : str
        An id of ``inputs.panel.outcomes``.
    method : str
        A name in ``METHODS``.
    pool : str
        A pool of :func:`attraktiv_eval.regions.donor_pool`.
    without : collection of str
        Codes of counties that are left out of the pool.
    window : (int, int), optional
        First and last year whose effect is estimated; unless given, the project's own years that the
        outcome covers.
    first_year : int, optional
        First year of the statistics that is used; all unless given.
    placebos : Placebos, optional
        The placebo test of the same choice, where it is made already.

    Returns
    -------
    Comparison
        ``estimate`` and ``placebos`` in rates; ``persons``, ``interval``, ``detectable`` and
        ``pseudo_persons`` in what the outcome counts, over the whole window, and as a ``table()``.

    Raises
    ------
    DesignError, SourceError
        If the statistics do not carry the comparison.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> found = explore.compare(explore.opened(), "net_migration", "difference_in_differences")
    >>> round(found.persons), found.placebos.n
    (1968, 20)
    """
    return compared(
        inputs.panel,
        inputs.project.region.code,
        Window(*(window or _project_window(inputs, outcome)), None),
        outcome=outcome,
        method=method,
        pool=pool,
        without=without,
        first_year=first_year,
        placebos=placebos,
    )


def _project_window(inputs: Inputs, outcome: str) -> tuple[int, int]:
    """Return the project's years that an outcome covers; all of them where it covers none."""
    asked = inputs.project.start.year, inputs.project.last_day().year
    return inputs.panel.years_covered(outcome, asked) or asked


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
    >>> print(board.choose(outcome="net_migration", first_year=2003).call)
    import attraktiv_eval as ae
    inputs = ae.explore.opened()
    ae.explore.compare(
        inputs,
        outcome='net_migration',
        method='demeaned_synthetic_control',
        pool='all',
        without=(),
        window=(2020, 2021),
        first_year=2003,
    )
    """
    inputs = opened(project, records, statistics)
    drawer = _Drawer(inputs, language, by_hand(project, records, statistics))
    return Board(_controls(inputs, language), drawer, language, partial(_within_the_figures, inputs))


def _within_the_figures(inputs: Inputs, values: dict[str, Any], _moved: str) -> dict[str, Any]:
    """Stop the years of the window where the outcome's figures do."""
    years = inputs.panel.rate(values["outcome"]).index
    first = max(int(years.min()), values["first_year"] or 0) + FEWEST_PERIODS_BEFORE
    low, high = (min(max(year, first), int(years.max())) for year in values["window"])
    return values | {"window": (low, high)}


def _controls(inputs: Inputs, language: str) -> list[Any]:
    from attraktiv_eval.counterfactual import METHODS

    _ = translator(language)
    found = inputs.panel.outcomes
    outcomes = [str(one) for one in found.loc[found["levels"].str.contains("county"), "id"]]
    asked = inputs.project.start.year, inputs.project.last_day().year
    county = inputs.project.region.code
    primary = inputs.panel.primary_outcome("households", *asked, county) or outcomes[0]
    every, last = int(found["first_year"].min()), int(found["last_year"].max())
    return [
        choice(
            "outcome",
            _("Outcome"),
            [(inputs.panel.defined[one].short(language), one) for one in outcomes],
            primary,
        ),
        choice(
            "method",
            _("Method"),
            [(labels.word("method", one, language), one) for one in METHODS],
            METHOD,
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
        span(
            "window",
            _("Years whose effect is estimated"),
            every + FEWEST_PERIODS_BEFORE,
            last,
            _project_window(inputs, primary),
        ),
        choice(
            "first_year",
            _("First year used"),
            [(_("all years"), None), *((str(year), year) for year in FIRST_YEARS)],
            None,
        ),
    ]


class _Drawer:
    """Computes and draws one choice; what was computed once is kept."""

    def __init__(self, inputs: Inputs, language: str, opening: str) -> None:
        self.inputs, self.language, self.opening = inputs, language, opening
        self.placebos = lru_cache(maxsize=64)(self._placebos)
        self.comparison = lru_cache(maxsize=64)(self._comparison)
        self.drawn = lru_cache(maxsize=64)(self._drawn)
        self.done: set[tuple[Any, ...]] = set()

    def __call__(self, **values: Any) -> Iterator[Picture]:
        chosen = {**values, "without": tuple(values["without"]), "window": tuple(values["window"])}
        call, key = self._call(chosen), tuple(chosen.values())
        if method_of(chosen["method"]).slow and key not in self.done:  # gap and placebos first
            yield Picture(self.drawn(**chosen) + self._begun(), call)
        yield Picture(self.drawn(**chosen) + self._told(self.comparison(**chosen)), call)
        self.done.add(key)

    def _placebos(self, outcome: str, method: str, window: tuple[int, int], **rest: Any) -> Placebos:
        from attraktiv_eval.counterfactual import placebo_in_space

        panel, region = self.inputs.panel, self.inputs.project.region.code
        return placebo_in_space(
            *rates_and_design(panel, region, Window(*window, None), outcome, **rest), method
        )

    def _comparison(self, **chosen: Any) -> Comparison:
        return compare(self.inputs, **chosen, placebos=self.placebos(**chosen))

    def _call(self, chosen: dict[str, Any]) -> str:
        given = [f"    {name}={value!r}," for name, value in chosen.items()]
        return "\n".join([self.opening, "ae.explore.compare(", "    inputs,", *given, ")"])

    def _begun(self) -> str:
        _ = translator(self.language)
        return paragraph(_("The same method on the years just before is being computed."))

    def _drawn(self, **chosen: Any) -> str:
        found = self.placebos(**chosen)
        shown = figure(found.estimate, found.gaps, self.language)
        return f"{shown}\n{paragraph(found.sentence(self.language))}\n"

    def _told(self, found: Comparison) -> str:
        _ = translator(self.language)
        return "\n".join(
            [
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

    def _true_level(self, placebos: Placebos) -> str:
        """Return the level that the interval really has; a dash where there are too few placebos for one."""
        level = placebos.true_level()
        return "–" if level != level else percent(level, self.language, 1)

    def _persons(self, found: Comparison) -> str:
        _ = translator(self.language)
        language = self.language
        low, high = found.interval
        rows = [
            (
                _("Deviation in {years}").format(years="–".join(map(str, dict.fromkeys(found.years)))),
                number(found.persons, language, signed=True),
            ),
            (_("90 per cent interval"), told_span(low, high, language)),
            (_("Its true level"), self._true_level(found.placebos)),
            (_("Smallest detectable effect"), number(found.detectable, language)),
            (
                _("The same method on the years just before"),
                number(found.pseudo_persons, language, signed=True),
            ),
        ]
        unit = found.defined.unit_words(language)
        return table(_("In {unit}").format(unit=unit), [_("What"), unit.capitalize()], rows)
