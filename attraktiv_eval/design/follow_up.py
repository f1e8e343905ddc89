"""After the project: the county's gap as a cumulative path, by a plan hashed before the figures appear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import resources
from attraktiv_eval.counterfactual import placebo_in_space
from attraktiv_eval.counterfactual.inference.placebos import LEVEL, Placebos, critical_rank
from attraktiv_eval.counterfactual.method import method_name
from attraktiv_eval.errors import DesignError, ParameterError, SourceError, one_of
from attraktiv_eval.level3.comparison import Window, rates_and_design
from attraktiv_eval.level3.plan import Plan, data_digest, digest, is_about, plan_for
from attraktiv_eval.level3.units import households_from_persons
from attraktiv_eval.regions import pool_name
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import Display, escape
from attraktiv_eval.resources import toml_text, writing
from attraktiv_eval.texts import number, shown_in, span, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "FollowUp",
    "FollowUpPlan",
    "GapPath",
    "cumulative",
    "draw_path",
    "follow_up",
    "gap_paths",
    "section",
    "sentence",
    "write_follow_up",
]

_HEAD = """\
# The plan for the years after the project. Written by: attraktiv-eval plan --follow-up. Not to be edited by
# hand: sha256 is the hash of all that it says.

"""
LONGEST = 15  # years of a follow-up


@dataclass(frozen=True)
class FollowUpPlan:
    """Which years are followed, by which outcomes and specifications, and what was known when it was set.

    ``content`` is what the file says; ``sha256`` is empty where it was set on the spot, after seeing.
    """

    content: dict[str, Any]
    sha256: str = ""

    @classmethod
    def load(cls, path: Path) -> FollowUpPlan:
        """Read a plan.

        Raises
        ------
        DesignError
            If the file is no such plan, or was changed after it was written.
        """
        try:
            content = resources.parse_toml(
                resources.read_input(Path(path)).decode("utf-8-sig").replace("\r\n", "\n")
            )
        except (OSError, ValueError) as error:
            raise DesignError(
                f"the plan of a follow-up cannot be read ({error})",
                remedy="write it with attraktiv-eval plan --follow-up",
                file=path,
            ) from error
        said = content.pop("sha256", None)
        try:
            holds = said == digest(content) and content.get("kind") == "follow_up" and _whole(content)
        except (TypeError, RecursionError):
            holds = False
        if not holds:
            raise DesignError(
                "the plan of a follow-up was changed after it was written",
                remedy="restore the file, or write another with attraktiv-eval plan --follow-up --to FILE",
                file=path,
            )
        return cls(content, str(said))

    def seen(self, outcome: str, year: int) -> str:
        """Return whether a year's figure was seen when the plan was set.

        ``before``: it could not be published yet. ``not_here``: it may have been published, and was not in
        the statistics. ``after``: it was in them, or the plan was set on the spot.
        """
        written = self.content.get("written")
        own = next((one for one in self.content["outcome"] if one["id"] == outcome), None)
        if not self.sha256 or written is None or own is None or year <= own["last_known"]:
            return "after"
        return "before" if date.fromisoformat(written) <= date(year, 12, 31) else "not_here"


def _whole(content: dict[str, Any]) -> bool:
    """Return whether a plan says all that a report asks of it."""
    single = {"region", "first_treated", "last_treated", "last_year", "data_sha256", "outcome"} <= set(
        content
    )
    return single and all({"id", "last_known", "specification"} <= set(one) for one in content["outcome"])


def _content(
    panel: Panel, project: Project, plan: Plan, first: int, last: int, today: date | None
) -> dict[str, Any]:
    begun = project.years[0]
    outcomes: list[dict[str, Any]] = []
    for id in plan.outcomes:
        if id not in panel.defined.best_first("households"):
            continue
        covered = panel.years_covered(id, (begun, last))
        outcomes.append(
            {
                "id": id,
                "last_known": covered[1] if covered else begun - 1,
                "specification": [{"method": method, "pool": pool} for method, pool in plan.equivalent(id)],
            }
        )
    if not outcomes:
        raise DesignError(
            "the analysis plan speaks of no outcome on those who move in",
            remedy="write it anew with attraktiv-eval plan",
        )
    content = {
        "kind": "follow_up",
        "written": None if today is None else today.isoformat(),
        "region": project.region.code,
        "first_treated": begun,
        "last_treated": project.years[-1],
        "first_year": first,
        "last_year": last,
        "plan_sha256": plan.sha256,
        "level": LEVEL,
        "statistic": "sum of the gap from the project's first year, against the same sum of placebo counties",
        "verdict": "more or fewer where zero lies outside in every specification; else no conclusion",
        "data_sha256": data_digest(panel, begun - 1, [str(one["id"]) for one in outcomes]),
        "outcome": outcomes,
    }
    return {key: value for key, value in content.items() if value is not None}


def _years(text: str, project: Project) -> tuple[int, int]:
    import re

    found = re.fullmatch(r"\s*(\d{4})\s*(?:(?:[-–]|to|till)\s*(\d{4})\s*)?", text)
    listed = [
        int(one) for one in re.split(r"\s*(?:,|and|och|&)\s*", text.strip()) if re.fullmatch(r"\d{4}", one)
    ]
    if not found and listed == [*range(min(listed, default=0), max(listed, default=-1) + 1)]:
        found = re.fullmatch(r"(\d{4}).*?(\d{4})", text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not found or last < first or first <= project.years[-1] or last - first >= LONGEST:
        raise ParameterError(
            f"{text!r} are no years after the project, which lasts until {project.years[-1]}",
            remedy=f"write them as {project.years[-1] + 1}-{project.years[-1] + 5}",
        )
    return first, last


def write_follow_up(
    panel: Panel,
    project: Project,
    years: str,
    file: Path,
    *,
    plan: Path | None = None,
    today: date | None = None,
) -> FollowUpPlan:
    """Write the plan for the years after the project, hashed; return it.

    Parameters
    ----------
    years : str
        As ``2023-2027``, all after the project's last.
    file : Path
    plan : Path, optional
        The project's analysis plan; the shipped one where none is given and it is about this project.

    Raises
    ------
    ParameterError
        If they are no years after the project.
    DesignError
        If a plan is there already, or there is no analysis plan of this project.
    """
    first, last = _years(years, project)
    file = Path(file)
    if file.exists():
        raise DesignError(
            "there is a plan of a follow-up already, and a plan is not chosen twice",
            remedy="keep it, or write another beside it with --to",
            file=file,
        )
    written = Plan.load(plan)
    if not is_about(written, project):
        raise DesignError(
            "the analysis plan is about another county or other years",
            remedy="write the project's own first: attraktiv-eval plan --project FILE",
            file=plan,
        )
    content = _content(panel, project, written, first, last, today or resources.today())
    sha256 = digest(content)
    with writing("the plan", file, "choose another file", DesignError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_HEAD + toml_text({"sha256": sha256, **content}), encoding="utf-8", newline="\n")
    return FollowUpPlan(content, sha256)


# --- The path


@dataclass(frozen=True)
class GapPath:
    """A cumulative gap with its placebo band, in moves.

    Attributes
    ----------
    table : DataFrame, one row a year
        year, gap, total, low, high: the year's own gap, their sum from the first year on, and its 90 %
        placebo interval.
    n : int
        How many placebo counties the band rests on.
    """

    outcome: str
    method: str
    pool: str
    table: pd.DataFrame
    n: int

    @property
    def last(self) -> pd.Series:
        """The newest year's row."""
        return self.table.iloc[-1]

    @property
    def side(self) -> str:
        """Where the newest year's interval lies: ``more``, ``fewer`` or ``zero``."""
        return "more" if self.last["low"] > 0 else "fewer" if self.last["high"] < 0 else "zero"


def cumulative(placebos: Placebos, population: pd.Series, level: float = LEVEL) -> pd.DataFrame:
    """Return the cumulative gap of a placebo test by year, with its interval in persons.

    Parameters
    ----------
    placebos : Placebos
    population : Series by year
        The region's inhabitants.

    Notes
    -----
    For each year Y, t_Y = the sum of the gap up to Y over s*; the interval is the sum plus and minus s* t_(r)
    of the placebos, r = ceil(level (n + 1)), brought to persons by the years' inhabitants. In the last year
    of a window it is the interval of the mean effect, times the years.
    """
    own = placebos.estimate.effects
    years = list(own.index)
    sums = placebos.gaps.loc[years].cumsum()
    scales = placebos.scales.reindex(sums.columns).to_numpy(dtype=float)
    rank = critical_rank(level, placebos.n)
    inhabitants = population.reindex(years).to_numpy(dtype=float) / 1000
    if np.isnan(inhabitants).any():
        raise SourceError(
            "the inhabitants of a year are missing", remedy="fetch them with attraktiv-eval fetch"
        )
    total = np.cumsum(own.to_numpy(dtype=float) * inhabitants)
    mean = np.cumsum(inhabitants) / np.arange(1, len(years) + 1)
    if placebos.rule == "scaled":
        t = np.abs(sums.to_numpy(dtype=float)) / scales
        half = placebos.scale * np.sort(t, axis=1)[:, rank - 1] if rank <= placebos.n else np.inf
    else:
        t = np.abs(sums.to_numpy(dtype=float))
        half = np.sort(t, axis=1)[:, rank - 1] if rank <= placebos.n else np.inf
    half = half * mean
    return pd.DataFrame(
        {
            "year": years,
            "gap": own.to_numpy(dtype=float) * inhabitants,
            "total": total,
            "low": total - half,
            "high": total + half,
        }
    )


@dataclass(frozen=True, repr=False)
class FollowUp:
    """The paths of every outcome and specification, and the plan that they follow."""

    plan: FollowUpPlan
    paths: tuple[GapPath, ...]
    lacking: tuple[str, ...]
    same_figures: bool
    panel: Panel
    households: tuple[float, float]

    def of(self, outcome: str) -> list[GapPath]:
        """Return the paths of an outcome, the primary specification first."""
        return [one for one in self.paths if one.outcome == outcome]

    @property
    def outcomes(self) -> list[str]:
        """The outcomes that have a path, the best first."""
        return list(dict.fromkeys(one.outcome for one in self.paths))

    def verdict(self, outcome: str) -> str:
        """Return ``more``, ``fewer``, ``zero`` or ``disagree``: the newest year, over all specifications."""
        sides = {one.side for one in self.of(outcome)}
        return sides.pop() if len(sides) == 1 else "disagree"

    def _repr_html_(self) -> str:
        """Return the sentences, the paths and the tables, as a notebook shows them."""
        return "".join(part(self, shown_in()) for part in (_summary, _paths, _table))

    def __repr__(self) -> str:
        """Return the sentence of every outcome, as a terminal shows them."""
        return "\n".join(sentence(self, id, shown_in()) for id in self.outcomes)

    def final(self, outcome: str) -> bool:
        """Whether the newest year is the plan's last."""
        return int(self.of(outcome)[0].last["year"]) >= int(self.plan.content["last_year"])


def gap_paths(panel: Panel, project: Project, plan: FollowUpPlan, persons: Any) -> FollowUp:
    """Return the paths that a plan asks for, to the last year that the statistics hold.

    Parameters
    ----------
    persons : Assumption
        ``low`` and ``high`` persons per moving household.

    Raises
    ------
    DesignError
        If the plan is about another project, or no outcome holds the project's first year.
    """
    asked = plan.content
    if (asked["region"], asked["first_treated"]) != (project.region.code, project.years[0]):
        raise DesignError("the plan of the follow-up is about another project", remedy="give its own project")
    paths, lacking = [], []
    for one in asked["outcome"]:
        id = one["id"]
        held = (id, "county") in panel.series
        years = panel.years_covered(id, (asked["first_treated"], asked["last_year"])) if held else None
        if years is None:
            lacking.append(id)
            continue
        population = panel.base(id, "county")[asked["region"]]
        for specification in one["specification"]:
            rates, design = rates_and_design(
                panel, asked["region"], Window(years[0], years[1], years[1]), id, specification["pool"]
            )
            test = placebo_in_space(rates, design, specification["method"])
            table = cumulative(test, population)
            paths.append(GapPath(id, specification["method"], specification["pool"], table, test.n))
    if not paths:
        raise DesignError(
            "no outcome of the plan holds the project's first year",
            remedy="fetch the statistics that it names",
        )
    ids = [one["id"] for one in asked["outcome"] if one["id"] not in lacking]
    same = not lacking and asked["data_sha256"] == data_digest(panel, asked["first_treated"] - 1, ids)
    return FollowUp(plan, tuple(paths), tuple(lacking), same, panel, (persons.low, persons.high))


def follow_up(
    years: str | int = "", *, project: str | Path = "", plan: str | Path = "", statistics: str | Path = ""
) -> FollowUp:
    """Return the county's gap to comparable counties, summed from the project's first year on.

    Parameters
    ----------
    years : str or int
        The years after the project, as ``2023-2024``; empty for the five after it. A plan has its own.
    project, plan, statistics : str or Path
        A description, the plan of the follow-up, a folder; empty for the shipped ones. Without a plan one is
        set on the spot, after seeing.

    Raises
    ------
    ParameterError
        If they are no years after the project, or years are given beside a plan.

    Examples
    --------
    >>> follow_up("2023-2024").outcomes[0]
    'domestic_in_moves_over_border'
    """
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel

    described = Project.load(Path(project) if str(project) else None)
    panel = Panel.load(Path(statistics) if str(statistics) else None)
    persons = Assumptions.load()["persons_per_moving_household"]
    if str(plan):
        if str(years):
            raise ParameterError("a plan has its own years", remedy="leave the years out, or the plan")
        return gap_paths(panel, described, FollowUpPlan.load(Path(plan)), persons)
    end = described.years[-1]
    first, last = _years(str(years) or f"{end + 1}-{end + 5}", described)
    beside = Path(project).with_name("analysis_plan.toml") if str(project) else None
    known = plan_for(panel, described, beside if beside is None or beside.exists() else None)
    spot = FollowUpPlan(_content(panel, described, known, first, last, None))
    return gap_paths(panel, described, spot, persons)


# --- In words, as a figure and as a table


def sentence(found: FollowUp, outcome: str, language: str) -> str:
    """Return the newest year's verdict on an outcome, and whether it was set before or after seeing."""
    _ = translator(language)
    first = found.of(outcome)[0]
    year = int(first.last["year"])
    texts = {
        "more": _(
            "{outcome}: from {first} to {year} more moved in than in comparable counties, {n} moves "
            "({low} to {high}), {homes} households."
        ),
        "fewer": _(
            "{outcome}: from {first} to {year} fewer moved in than in comparable counties, {n} moves "
            "({low} to {high}), {homes} households."
        ),
        "zero": _(
            "{outcome}: from {first} to {year} the county cannot be told apart from comparable ones, {n} "
            "moves ({low} to {high}), {homes} households."
        ),
        "disagree": _(
            "{outcome}: from {first} to {year} equally good methods disagree; no conclusion. The primary one "
            "gives {n} moves ({low} to {high}), {homes} households."
        ),
    }
    low, high = float(first.last["low"]), float(first.last["high"])
    homes = households_from_persons(low, high, _Persons(*found.households))
    told = texts[found.verdict(outcome)].format(
        outcome=found.panel.defined[outcome].label(language),
        first=found.plan.content["first_treated"],
        year=year,
        n=number(float(first.last["total"]), language, signed=True),
        low=number(low, language),
        high=number(high, language),
        homes=span(*homes, language),
    )
    return f"{told} {seen_words(found, outcome, year, language)}"


@dataclass(frozen=True)
class _Persons:
    low: float
    high: float


def seen_words(found: FollowUp, outcome: str, year: int, language: str) -> str:
    """Return whether a year's verdict follows a plan that was set before or after its figure was seen."""
    _ = translator(language)
    state = found.plan.seen(outcome, year)
    if state == "before":
        return _("Set before seeing: the plan was written before {year}’s figure could be published.").format(
            year=year
        )
    if state == "not_here":
        return _(
            "Set before {year}’s figure was in these statistics; it may have been published, so this is not "
            "a blind test."
        ).format(year=year)
    return _("Set after seeing: {year}’s figure was known.").format(year=year)


def draw_path(found: FollowUp, outcome: str, language: str) -> Figure:
    """Return the cumulative path of the primary specification with its band; filled points were set blind."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    one = found.of(outcome)[0]
    table = one.table
    years = table["year"].to_numpy()
    figure, (axes,) = style.new(230)
    asked = found.plan.content
    style.shade(axes, asked["first_treated"], asked["last_treated"])
    finite = table[np.isfinite(table["low"])]
    axes.fill_between(finite["year"], finite["low"], finite["high"], color=style.SOFT, alpha=0.3, linewidth=0)
    for other in found.of(outcome)[1:]:
        axes.plot(other.table["year"], other.table["total"], color=style.OTHER, linewidth=0.9)
    axes.plot(years, table["total"], color=style.COUNTY)
    for year, total in zip(years, table["total"], strict=True):
        blind = found.plan.seen(outcome, int(year)) == "before"
        axes.plot(
            [year],
            [total],
            "o",
            color=style.COUNTY,
            markerfacecolor=style.COUNTY if blind else style.SURFACE,
            markersize=6,
        )
    axes.axhline(0, color=style.INK, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: number(value, language)))
    style.clean(axes)
    figure.subplots_adjust(left=0.19, right=0.97, top=0.97, bottom=0.12)
    return figure


def section(found: FollowUp, id: str, language: str) -> Display:
    """Return one part of the report, as its notebook shows it: summary, paths or table.

    Raises
    ------
    ParameterError
        If there is no such part.
    """
    parts = {"summary": _summary, "paths": _paths, "table": _table}
    if id not in parts:
        raise ParameterError(f"the report has no part {id!r}", remedy=one_of(parts, id))
    return Display(parts[id](found, language), id)


def _summary(found: FollowUp, language: str) -> str:
    _ = translator(language)
    answers = [f'<p class="answer">{escape(sentence(found, id, language))}</p>' for id in found.outcomes]
    written, told = found.plan.content.get("written", "–"), []
    if not found.plan.sha256:
        told.append(_("The plan was set on the spot: nothing here is a blind test."))
    else:
        text = _("The plan was written {day}; its hash is {hash}.")
        told.append(text.format(day=written, hash=found.plan.sha256))
        if not found.same_figures:
            told.append(
                _("The figures of the years before the project are not those that the plan was set from.")
            )
    if any(not found.final(id) for id in found.outcomes):
        text = _("The statistics do not reach to {year} yet: this is not the final verdict.")
        told.append(text.format(year=found.plan.content["last_year"]))
    return "".join([*answers, *(f"<p>{escape(one)}</p>" for one in told)])


def _paths(found: FollowUp, language: str) -> str:
    _ = translator(language)
    figures = []
    for id in found.outcomes:
        label = found.panel.defined[id].label(language)
        what = _(
            "Sum of the gap to comparable counties from the project’s first year, moves, with the 90 per "
            "cent band of placebo counties. Thin: equally good methods. Filled: set before the figure could "
            "be known."
        )
        drawn = partial(draw_path, found, id, language)
        figures.append(style.on_page(drawn, f"fig-path-{id}", _("Line chart"), label, what, language))
    return "".join(figures)


def _table(found: FollowUp, language: str) -> str:
    _ = translator(language)
    states = {
        "before": _("before seeing"),
        "not_here": _("not in these statistics then"),
        "after": _("after seeing"),
    }
    heads = [_("Year"), _("Gap of the year"), _("Sum"), _("90 per cent interval"), _("Plan set")]
    tables = []
    for one in (found.of(id)[0] for id in found.outcomes):
        rows = [
            Row(
                str(int(row["year"])),
                [
                    number(row["gap"], language, signed=True),
                    number(row["total"], language, signed=True),
                    span(row["low"], row["high"], language) if np.isfinite(row["low"]) else "–",
                    escape(states[found.plan.seen(one.outcome, int(row["year"]))]),
                ],
            )
            for row in one.table.to_dict("records")
        ]
        pool = pool_name(one.pool, language)
        caption = _("{outcome}, moves: {method}; {pool}").format(
            outcome=found.panel.defined[one.outcome].label(language),
            method=method_name(one.method, language),
            pool=pool,
        )
        table = write(f"table-path-{one.outcome}", caption, heads, rows, numbers=(1, 2, 3))
        tables.append(boxed(table, caption, len(heads)))
    return "".join(tables)
