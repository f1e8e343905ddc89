"""Who moves where from: households by origin, filtered by municipality, phase and year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.explore.board import Board, Picture
from attraktiv_eval.explore.control import Control, choice
from attraktiv_eval.explore.drawing import drawn, new, paragraph, table
from attraktiv_eval.explore.opening import by_hand, opened
from attraktiv_eval.explore.origins import ABROAD, MEASURES, UNKNOWN, choices, moves
from attraktiv_eval.reporting import words
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.evaluation import Inputs

__all__ = ["households"]


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
    inputs = opened(project, records, statistics)
    drawer = _Drawer(inputs, language, by_hand(project, records, statistics))
    return Board(_controls(inputs, language), drawer, language)


def _controls(inputs: Inputs, language: str) -> list[Control]:
    _ = translator(language)
    possible, project = choices(inputs), inputs.project
    every = (_("all"), None)
    names = project.region.municipalities
    phases = {phase.id: getattr(phase, language) for phase in project.phases}
    return [
        choice(
            "municipality",
            _("Municipality moved to, or asked about"),
            [every, *((names[code], code) for code in possible["municipality"])],
            None,
        ),
        choice(
            "phase", _("Contact in phase"), [every, *((phases[one], one) for one in possible["phase"])], None
        ),
        choice("year", _("First contact in"), [every, *((str(one), one) for one in possible["year"])], None),
    ]


class _Drawer:
    """Counts and draws one choice."""

    def __init__(self, inputs: Inputs, language: str, opening: str) -> None:
        self.inputs, self.language, self.opening = inputs, language, opening

    def __call__(self, **wanted: Any) -> Iterator[Picture]:
        found = moves(self.inputs, **wanted)
        given = "".join(f", {name}={value!r}" for name, value in wanted.items() if value is not None)
        yield Picture(self._told(found), f"{self.opening}\nae.explore.moves(inputs{given})")

    def _told(self, found: pd.DataFrame) -> str:
        _ = translator(self.language)
        parts = [self._example()]
        if found.empty:
            return "\n".join([*parts, paragraph(_("No household is left by this choice."))])
        name = _("Bars: households reached and moved in, by where they came from")
        parts.append(drawn(lambda: self._draw(found), "explore-households", name))
        headings = [_("From"), *(words.heading(measure, self.language) for measure in MEASURES)]
        rows = [[self._origin(row["origin"]), *map(self._cell, row[list(MEASURES)])] for row in _rows(found)]
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

    def _example(self) -> str:
        _ = translator(self.language)
        told = _("Example data: households and companies here are invented.")
        return paragraph(told) if self.inputs.records.example_data else ""

    def _cell(self, value: Any) -> str:
        return "–" if pd.isna(value) else number(value, self.language)

    def _origin(self, key: str) -> str:
        _ = translator(self.language)
        known = {ABROAD: _("Abroad"), UNKNOWN: _("Not known"), **regions.COUNTIES}
        return " + ".join(known.get(part, part) for part in key.split("+"))

    def _draw(self, found: pd.DataFrame) -> Figure:
        _ = translator(self.language)
        order = found.assign(size=found["reached"].fillna(0)).sort_values(
            ["size", "origin"], ascending=[True, False]
        )
        made, (axes,) = new(560, 40 + 22 * len(order))
        at = list(range(len(order)))
        axes.barh(at, order["reached"].fillna(0).astype(float), color="#c9ccd0", height=0.72)
        axes.barh(at, order["moved_in"].fillna(0).astype(float), color=style.COUNTY, height=0.36)
        axes.set_yticks(at, [self._origin(one) for one in order["origin"]])
        axes.set_title(_("Reached (grey) and moved in (blue)"))
        axes.xaxis.set_major_formatter(lambda value, _at: number(value, self.language))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_ylim(-0.6, len(order) - 0.4)
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.32, right=0.97, top=1 - 26 / (40 + 22 * len(order)), bottom=0.06)
        return made


def _rows(found: pd.DataFrame) -> list[pd.Series]:
    return [row for _at, row in found.iterrows()]
