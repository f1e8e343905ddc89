"""The validation of the methods, for a reader who doubts: what ``method_validation.ipynb`` shows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.level3 import method_validation as content
from attraktiv_eval.reporting.display import Display, escape
from attraktiv_eval.reporting.figures import svg
from attraktiv_eval.reporting.validation import drawings, sentences
from attraktiv_eval.reporting.validation.written import caption, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Validation"]


class Validation:
    """The validation in one language; each call displays in a notebook.

    Parameters
    ----------
    language : {"sv", "en"}
    statistics : str
        Folder with official statistics; empty: the shipped one.
    """

    def __init__(self, language: str = "sv", statistics: str = "") -> None:
        from attraktiv_eval.assumptions import Assumptions
        from attraktiv_eval.level3.plan import plan_for
        from attraktiv_eval.project import Project
        from attraktiv_eval.statistics.panel import Panel

        self.language: str = language
        self.project: Project = Project.load()
        panel = Panel.load(Path(statistics) if statistics else None)
        self.county = content.County(panel, plan_for(panel, self.project))
        one = Assumptions.load()["persons_per_moving_household"]
        self.persons_per_household = (one.value, one.low, one.high)

    @property
    def goal(self) -> int:
        """The goal in households."""
        return self.project.goals["households"].target

    @property
    def paces(self) -> dict[str, float]:
        """The households that the goal asks for by each outcome's last year compared: its even pace."""
        from attraktiv_eval.metrics.level1 import even_pace

        last = {name: self.county.window(name)[1] for name in self.county.outcomes}
        return {name: even_pace(self.project, "households", year) for name, year in last.items()}

    def table(self, id: str) -> Display:
        """Return a table in words: published, optimality, coverage, scales, power, sight, pseudo, covid,
        plan, municipalities, rivals or verdicts.
        """  # noqa: D205
        frame = written(id, self.rows(id), self.language)
        markup = frame.to_html(index=False, border=0, escape=True, classes="validation")
        title = escape(caption(id, self.language))
        markup = markup.replace("<thead>", f"<caption>{title}</caption>\n<thead>", 1)
        markup = markup.replace("<th>", '<th scope="col">')
        label = f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        return Display(f"{label}\n{markup}\n</div>", frame.to_string(index=False))

    def section(self, id: str) -> Display:
        """Return a section: its answer, its figure where it has one, and its table."""
        figure = [self.figure(id)] if id in drawings.DRAWINGS else []
        shown = [self.text(id), *figure, self.table(id)]
        return Display("\n".join(one.html for one in shown), "\n\n".join(str(one) for one in shown))

    def text(self, id: str) -> Display:
        """Return the answer of a section in words, every number from the tables."""
        told = sentences.SENTENCES[id](self)
        return Display(f'<p class="answer">{escape(told)}</p>', told)

    def figure(self, id: str) -> Display:
        """Return a figure: ``coverage`` or ``power``."""
        import matplotlib

        from attraktiv_eval.reporting.figures import style

        told = sentences.SENTENCES[id](self)
        with matplotlib.rc_context(style.settings()):
            drawing = drawings.DRAWINGS[id](self)
        text = svg.for_page(svg.to_svg(drawing, f"fig-validation-{id}", told))
        return Display(f'<figure><div class="drawing">{text}</div></figure>', told)

    def rows(self, id: str) -> pd.DataFrame:
        """Return the tidy table behind a table or figure, with ids in place of words."""
        return getattr(self, f"_{id}").copy()

    @cached_property
    def _published(self) -> pd.DataFrame:
        return content.published()

    @cached_property
    def _optimality(self) -> pd.DataFrame:
        return content.optimality(self.county)

    @cached_property
    def _coverage(self) -> pd.DataFrame:
        from attraktiv_eval.counterfactual.interval_coverage import recorded_coverage

        return recorded_coverage().drop(columns=["level", "seed"])

    @cached_property
    def _scales(self) -> pd.DataFrame:
        from attraktiv_eval.counterfactual.interval_coverage import recorded_scale_race

        return recorded_scale_race()

    @cached_property
    def _verdicts(self) -> pd.DataFrame:
        from attraktiv_eval.level3.operating_characteristics import worth_table

        return worth_table()

    @cached_property
    def _power(self) -> pd.DataFrame:
        import pandas as pd

        value = self.persons_per_household[0]
        return pd.concat(
            [content.power_curve(self.county, outcome, value) for outcome in self.county.outcomes],
            ignore_index=True,
        )

    @cached_property
    def _sight(self) -> pd.DataFrame:
        return content.sight(self.county, self.persons_per_household, self.paces)

    @cached_property
    def _pseudo(self) -> pd.DataFrame:
        from attraktiv_eval.counterfactual import METHODS

        return content.pseudo_effects_by_method(self.county, METHODS)

    @cached_property
    def _covid(self) -> pd.DataFrame:
        return content.covid(self.county)

    @cached_property
    def _plan(self) -> pd.DataFrame:
        table = self.county.plan.table()
        return table[table["equivalent"]].drop(columns="equivalent").reset_index(drop=True)

    @cached_property
    def _municipalities(self) -> pd.DataFrame:
        return self.municipalities.table()

    @cached_property
    def municipalities(self) -> content.Municipalities:
        """The effects of the municipalities of the county, on the primary outcome where they have it."""
        return content.municipalities(self.county, self.project.region.municipalities)

    @cached_property
    def rivals(self) -> content.Rivals:
        """The rival explanations of the primary estimate."""
        return content.rivals(self.county.panel, self.project, self.county.plan)

    @cached_property
    def _rivals(self) -> pd.DataFrame:
        return self.rivals.words(self.language)
