"""The analysis plan: the primary specification and its equals, by rule, from the years before the project."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions, resources
from attraktiv_eval.counterfactual.design import clock_of
from attraktiv_eval.counterfactual.estimate import whole_number
from attraktiv_eval.counterfactual.method import method_name, method_of
from attraktiv_eval.errors import DesignError, guard
from attraktiv_eval.resources import parse_toml, read_input, toml_pairs, toml_value
from attraktiv_eval.statistics.outcomes import OUTCOMES, Outcomes
from attraktiv_eval.texts import day, number, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "CANDIDATE_POOLS",
    "LEVEL",
    "MIN_BEFORE",
    "RESAMPLES",
    "Plan",
    "Race",
    "against_the_best",
    "amendment",
    "candidate_pools",
    "confidence_set",
    "in_force",
    "make_plan",
    "plan_for",
    "plot",
    "pseudo_starts",
    "race",
    "ranked",
    "sentence",
    "statement",
    "text_of",
    "write_plan",
]


NAME = "data/analysis_plan.toml"
#: Told an outcome, how much of it is done, and how much there is; None before it begins.
Advance = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Plan:
    """The primary specification of each outcome and the specifications that are as good.

    ``content`` is what the file holds, without its sum; ``raw`` are the bytes of the file, None where the
    plan was set on the spot.
    """

    content: dict[str, Any] = field(repr=False)
    file: str | None = None
    raw: bytes | None = field(default=None, repr=False)

    @classmethod
    def load(cls, path: Path | None = None) -> Plan:
        """Read a plan; None reads the shipped ``data/analysis_plan.toml``.

        Raises
        ------
        DesignError
            If the file is no plan, or was changed by hand after it was written.
        """
        file = resources.find(NAME) if path is None else Path(path)
        shown = NAME if path is None else str(path)
        try:
            raw = read_input(file)
            content = parse_toml(raw.decode("utf-8-sig").replace("\r\n", "\n"))
        except (OSError, ValueError) as error:
            raise DesignError(
                f"the analysis plan cannot be read ({error})",
                remedy="write it with attraktiv-eval plan",
                file=shown,
            ) from error
        said = content.pop("sha256", None)
        if not is_hash_of(said, content):
            raise DesignError(
                "the analysis plan was changed after it was written",
                remedy='restore the file, or write it anew with attraktiv-eval plan --amend "reason"',
                file=shown,
            )
        return cls(content, shown, raw)

    @property
    def bytes(self) -> bytes:
        """The bytes of the plan's file, or those that it would have."""
        return text_of(self).encode("utf-8") if self.raw is None else self.raw

    @property
    def sha256(self) -> str:
        """The hash of the bytes of the plan's file; that of a plan set on the spot holds no day."""
        return hashlib.sha256(self.bytes).hexdigest()

    @property
    def written(self) -> date | None:
        """The day it was written; None for a plan that was set on the spot."""
        day = self.content.get("written")
        return None if day is None else date.fromisoformat(day)

    @property
    def known(self) -> tuple[int, int] | None:
        """First and last of the project's own years whose figures were there when the plan was set."""
        found = self.content.get(
            "figures_known", [self.content["first_treated"], self.content["last_treated"]]
        )
        return (int(found[0]), int(found[1])) if found else None

    @property
    def region(self) -> str:
        """The county code of the treated region."""
        return str(self.content["region"])

    @property
    def outcomes(self) -> list[str]:
        """The outcomes that the plan speaks of."""
        return [one["id"] for one in self.content["outcome"]]

    @property
    def primary_outcome(self) -> str:
        """The outcome of the report's first line for the goal of households."""
        return str(self.content["primary_outcome"])

    @property
    def amendments(self) -> list[dict[str, str]]:
        """Each amendment: date, reason, and date and hash of the plan it replaced; oldest first.

        One made by a run has ``in_run`` in place of a date and a reason, see :func:`in_force`.
        """
        return [dict(one) for one in self.content.get("amendment", [])]

    def primary(self, outcome: str | None = None) -> tuple[str, str]:
        """Return method and donor pool of the primary specification."""
        best = next(one for one in self._candidates(outcome) if one["primary"])
        return best["method"], best["pool"]

    def equivalent(self, outcome: str | None = None) -> list[tuple[str, str]]:
        """Return method and pool of every member of the equivalence set, the primary first."""
        return [(one["method"], one["pool"]) for one in self._candidates(outcome) if one["equivalent"]]

    def compared(self, outcome: str | None = None) -> tuple[int, int]:
        """Return the first and last year of the project that the pretended windows of an outcome mirror."""
        first, last = self._outcome(outcome).get(
            "compared", [self.content["first_treated"], self.content["last_treated"]]
        )
        return int(first), int(last)

    def first_year(self, outcome: str | None = None) -> int:
        """Return the first year of the figures of an outcome."""
        return int(self._outcome(outcome)["first_year"])

    def statement(self, language: str = "sv") -> str:
        """Return what the plan says of itself: whether it was set before or after the project's figures."""
        return statement(self, language)

    def sentence(self, language: str = "sv", outcome: str | None = None) -> str:
        """Return the primary specification of an outcome, and how many are as good, in one sentence."""
        return sentence(self, language, outcome or self.primary_outcome)

    def table(self) -> pd.DataFrame:
        """Return one row an outcome and candidate, the best of each outcome first."""
        import pandas as pd

        rows = [
            {"outcome": one["id"], **candidate}
            for one in self.content["outcome"]
            for candidate in one["candidate"]
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        """Return what the plan says of itself and its candidates, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, shown_in, translator

        told = [self.sentence(shown_in(), outcome) for outcome in self.outcomes]
        _ = translator(shown_in())
        return as_html([self.statement(shown_in()), *told], {_("Candidates"): self.table()})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the error of every candidate for the primary outcome, the equivalence set in colour."""
        return plot(self, ax)

    def _outcome(self, outcome: str | None) -> dict[str, Any]:
        wanted = self.primary_outcome if outcome is None else outcome
        for one in self.content["outcome"]:
            if one["id"] == wanted:
                return dict(one)
        raise DesignError(
            f"the analysis plan does not speak of {wanted}",
            remedy='fetch the outcome, and write the plan anew with attraktiv-eval plan --amend "reason"',
            file=self.file,
        )

    def _candidates(self, outcome: str | None) -> list[dict[str, Any]]:
        return list(self._outcome(outcome)["candidate"])


def make_plan(
    panel: Panel,
    project: Project,
    *,
    methods: Sequence[str] | None = None,
    today: date | None = None,
    amendments: Sequence[dict[str, str]] = (),
    n_jobs: int = 1,
    advance: Advance | None = None,
) -> Plan:
    """Let the candidates race over the years before the project and return the plan.

    Only figures of years before the project are used. Outcomes with too few years are left out and named. The
    pretended windows of an outcome are as long as the years of the project that it covers, which are the ones
    that are compared; where it covers none yet, as long as the project.

    Parameters
    ----------
    today : date, optional
        The day that the plan carries; none for a plan set on the spot, so that its hash is the same each day.
    advance : callable, optional
        Told first every outcome, then how much of each is done and how much there is; 0 of 0 where it is
        left out.

    Raises
    ------
    DesignError
        If no outcome has enough years.
    """
    from attraktiv_eval.counterfactual.estimators import METHODS

    region, first = project.region.code, project.years[0]
    panel = panel.seen_from(region, project.starts)
    chosen = _feasible(region, METHODS if methods is None else methods)
    advance = advance or _tell_nobody
    defined = panel.defined
    planned = dict.fromkeys((*defined.best_first("households"), *defined.beside(in_moves=True)))
    outcomes = [name for name in planned if (name, "county") in panel.series]
    for outcome in outcomes:
        advance(outcome, 0, None)
    told, left_out = [], {}
    for outcome in outcomes:
        step = partial(advance, outcome)
        covered = _covered(panel, outcome, project)
        length = len(covered or project.years)
        try:
            result = race(panel, region, outcome, first, length, methods=chosen, n_jobs=n_jobs, advance=step)
        except DesignError as error:
            left_out[outcome] = error.message
            step(0, 0)
        else:
            told.append(_outcome_entry(result) | {"compared": [first, first + length - 1]})
    if not told:
        raise DesignError(
            f"no outcome has {MIN_BEFORE} years before a pretended start",
            remedy="fetch longer series",
        )
    best = panel.primary_outcome("households", first, project.years[-1], project.region.code)
    known = [year for one in told for year in _covered(panel, one["id"], project)]
    names = [one["id"] for one in told]
    content: dict[str, Any] = {
        "region": region,
        "first_treated": first,
        "last_treated": project.years[-1],
        "last_year_used": first - 1,
        "written": None if today is None else today.isoformat(),
        "figures_known": [min(known), max(known)] if known else [],
        "first_look": bool(known) and any("in_run" not in one for one in amendments),
        "primary_outcome": best if best in names else names[0],
        "min_years_before": MIN_BEFORE,
        "methods": chosen,
        "pools": list(candidate_pools(region)),
        "resamples": RESAMPLES,
        "data_sha256": data_digest(panel, first - 1, names),
        "left_out": left_out,
        "amendment": [dict(one) for one in amendments],
        "outcome": told,
    }
    if project.region.several:
        content["starts"] = project.starts
    empty = ("written", "left_out", "amendment")
    return Plan({key: value for key, value in content.items() if value or key not in empty})


def _covered(panel: Panel, outcome: str, project: Project) -> list[int]:
    """Return the years of the project, from its first on without a hole, that hold every county."""
    rates = panel.rate(outcome, "county", until=project.years[-1])
    held = set(rates.index[rates.notna().all(axis=1)])
    missing = next((year for year in project.years if year not in held), project.years[-1] + 1)
    return list(range(project.years[0], missing))


def _feasible(region: str, methods: Iterable[str]) -> list[str]:
    """Return the methods that can race: among hundreds of municipalities the quick ones alone."""
    every = list(methods)
    if not regions.is_municipality(region):
        return every
    return [name for name in every if not method_of(name).slow]


def _tell_nobody(outcome: str, done: int, total: int | None) -> None:
    """Stand in where nobody waits."""


def _outcome_entry(result: Any) -> dict[str, Any]:
    rows = []
    for row in result.table.to_dict("records"):
        kept = {key: float(f"{row[key]:.6g}") for key in ("error", "excess")}
        kept |= {key: round(float(row[key]), 4) for key in ("p_value", "confidence_set", "wins")}
        marks = {key: bool(row[key]) for key in ("primary", "equivalent")}
        rows.append({"method": row["method"], "pool": row["pool"], **kept, **marks})
    return {
        "id": result.outcome,
        "first_year": result.first_year,
        "years_in_window": result.length,
        "targets": result.targets,
        "pretended_starts": result.starts,
        "candidate": rows,
    }


def plan_for(panel: Panel, project: Project, path: Path | None = None) -> Plan:
    """Return the written plan where it is about this project's region and years, else one made for them.

    The shipped plan is about the shipped project. Another region's plan follows from the same rule; it is
    made on the spot and carries no day until it is written with ``attraktiv-eval plan``.
    """
    plan = Plan.load(path)
    return plan if is_about(plan, project) else make_plan(panel, project)


def is_about(plan: Plan, project: Project) -> bool:
    """Return whether a plan is about this project's region, its starts and years."""
    about = (plan.region, plan.content["first_treated"], plan.content["last_treated"])
    starts = plan.content.get("starts", {})
    return (*about, starts) == (
        project.region.code,
        project.years[0],
        project.years[-1],
        project.starts,
    )


def in_force(
    written: Plan | None, panel: Panel, project: Project, methods: Sequence[str] | None = None
) -> Plan:
    """Return the plan that a run follows: the written one, which binds, or what its statistics make of it.

    Whatever the run's statistics or project change is an amendment of this run, which the plan in the run's
    folder, the report and ``run.json`` list with the hash of the plan that it departs from:

    - ``outcome``: the statistics hold another primary outcome than the plan names. Where the plan speaks of
      it, its specifications stand; else they are set on the spot.
    - ``project``: the plan is about another county or other years, and is set on the spot.
    - ``figures``: the figures of the years before the project are not those that the plan was set from; its
      specifications stand.
    """
    panel = panel.seen_from(project.region.code, project.starts)
    if written is None:
        return make_plan(panel, project, methods=methods)
    best = panel.primary_outcome("households", project.years[0], project.years[-1], project.region.code)
    replaced = {"replaced_sha256": written.sha256}
    if written.written is not None:
        replaced = {"replaced_written": written.written.isoformat(), **replaced}
    named = {"old_outcome": written.primary_outcome, "new_outcome": best or ""}
    earlier = written.amendments
    if not is_about(written, project):
        change = {"in_run": "project", **replaced}
        return make_plan(panel, project, methods=methods, amendments=[*earlier, change])
    if best is not None and best not in written.outcomes:
        change = {"in_run": "outcome", **named, **replaced}
        return make_plan(panel, project, methods=methods, amendments=[*earlier, change])
    changes = []
    if best not in (None, written.primary_outcome):
        changes.append({"in_run": "outcome", **named, **replaced})
    if not _same_figures(written, panel):
        changes.append({"in_run": "figures", **replaced})
    if not changes:
        return written
    content = {"primary_outcome": best or written.primary_outcome, "amendment": [*earlier, *changes]}
    return replace(written, content=written.content | content, raw=None)


def _same_figures(plan: Plan, panel: Panel) -> bool:
    """Return whether the figures before the project are those that a plan was set from."""
    held = set(panel.outcomes["id"])
    if "resamples" not in plan.content:  # an older plan, whose sum was of the embedded file alone
        return True
    if not set(plan.outcomes) <= held:
        return False
    return plan.content["data_sha256"] == data_digest(panel, plan.content["last_year_used"], plan.outcomes)


def data_digest(panel: Panel, last_year: int, outcomes: Sequence[str]) -> str:
    """Return the hash of every figure that the plan is set from: counts and inhabitants up to ``last_year``.

    Parameters
    ----------
    outcomes : sequence of str
        The outcomes that the plan speaks of.
    """
    digest = hashlib.sha256()
    for outcome in sorted(outcomes):
        for kind, table in (
            ("count", panel.counts(outcome, "county", last_year)),
            ("base", panel.base(outcome, "county", last_year)),
        ):
            ordered = table.sort_index(axis=0).sort_index(axis=1)
            text = ordered.to_csv(float_format="%.10g", lineterminator="\n")
            digest.update(f"{outcome} {kind}\n{text}".encode())
    return digest.hexdigest()


def digest(content: dict[str, Any]) -> str:
    """Return the hash of a plan's content, whatever the layout of its file."""
    try:
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise DesignError(
            f"the plan's content has no hash: {error}", remedy="use text, numbers and lists"
        ) from None
    return hashlib.sha256(text).hexdigest()


def is_hash_of(said: object, content: dict[str, Any]) -> bool:
    """Return whether a hash is that of a content; a plan never holds what has none, such as a time of day."""
    try:
        return said == digest(content)
    except DesignError:
        return False


def write_plan(
    panel: Panel,
    project: Project,
    path: Path,
    amend: str | None = None,
    *,
    amend_en: str | None = None,
    today: date | None = None,
    n_jobs: int = 1,
    advance: Advance | None = None,
) -> Plan:
    """Make the plan and write it; an existing plan is replaced only with a reason, which it then lists.

    Parameters
    ----------
    path : Path
    amend : str, optional
        Why an existing plan is replaced.
    amend_en : str, optional
        The same in English, for the English reports.
    today : date, optional
        The date the plan carries; default the day of writing.
    advance : callable, optional
        As in :func:`make_plan`.

    Raises
    ------
    DesignError
        If a plan is there already and no reason is given, or there is none to amend.
    """
    path = Path(path)
    day = today or resources.today()
    amendments: list[dict[str, str]] = []
    if path.exists():
        if amend is None or not amend.strip():
            raise DesignError(
                "there is an analysis plan already, and a plan is not chosen twice",
                remedy='keep it, or say why it must change: attraktiv-eval plan --amend "reason"',
                file=path,
            )
        amendments = _amended(path, amend, amend_en or "", day)
    elif amend is not None or amend_en is not None:
        raise DesignError("there is no plan to amend", remedy="write it without --amend", file=path)
    plan = make_plan(panel, project, today=day, amendments=amendments, n_jobs=n_jobs, advance=advance)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(plan), encoding="utf-8", newline="\n")
    return Plan(plan.content, str(path), path.read_bytes())


def _amended(path: Path, reason: str, reason_en: str, day: date) -> list[dict[str, str]]:
    """Return the amendments of the old plan and the new one; an unreadable old plan is named by its bytes."""
    try:
        old = Plan.load(path)
        earlier, replaced = old.amendments, {"replaced_sha256": old.sha256}
        if old.written is not None:
            replaced = {"replaced_written": old.written.isoformat(), **replaced}
    except DesignError:
        earlier, replaced = [], {"replaced_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    reasons = {"reason": " ".join(reason.split()), "reason_en": " ".join(reason_en.split())}
    told = {name: text for name, text in reasons.items() if text}
    return [*earlier, {"date": day.isoformat(), **told, **replaced}]


# --- The layout of the plan's file: TOML that a reader can check line by line

HEAD = """\
# The analysis plan: which specification is the primary one, and which are as good.
# Written by: attraktiv-eval plan. Not to be edited by hand; the hash would no longer agree.
# The rule: among all methods and three donor pools, the lowest root mean square error of pretended effects
# in other counties and in years before the project (error, per 1,000 inhabitants and year). Equivalent: as
# good as the best in at least 10 % of the paired resamples of the counties (p_value), never fewer than the
# three best. confidence_set: p-value of the model confidence set, in which each is compared with each. wins:
# share of the resamples in which a candidate is the best of all. See docs, and the module
# attraktiv_eval.level3.plan.
"""


def text_of(plan: Plan) -> str:
    """Return the text of the file of a plan, the sum of what it says last among the single values."""
    content = dict(plan.content)
    outcomes, amendments = content.pop("outcome", []), content.pop("amendment", [])
    left_out = content.pop("left_out", {})
    lines = [HEAD, *toml_pairs(content), f'sha256 = "{digest(plan.content)}"']
    if left_out:
        lines += ["", "[left_out]", *toml_pairs(left_out)]
    for one in amendments:
        lines += ["", "[[amendment]]", *toml_pairs(one)]
    for one in outcomes:
        rows = [f"  {toml_value(candidate)}," for candidate in one["candidate"]]
        single = {key: value for key, value in one.items() if key != "candidate"}
        lines += ["", "[[outcome]]", *toml_pairs(single), "candidate = [", *rows, "]"]
    return "\n".join(lines) + "\n"


# --- What the analysis plan says of itself, in words and as a figure


def statement(plan: Plan, language: str) -> str:
    """Return whether the plan was set before or after the figures of the project's own years."""
    _ = translator(language)
    first, last = plan.content["first_treated"], plan.content["last_treated"]
    own = str(first) if first == last else f"{first}–{last}"
    known = plan.known
    if known is None:
        return _(
            "Set by rule before the statistics held any figure of the project’s own years, {own}."
        ).format(own=own)
    years = str(known[0]) if known[0] == known[1] else f"{known[0]}–{known[1]}"
    if plan.content.get("first_look", True):
        told = _(
            "Set by rule after the figures for {years} were public and after a first look; not blind "
            "pre-registration."
        )
    else:
        told = _(
            "Set by rule after the figures for {years} were public; the rule uses none of them, but this is "
            "not blind pre-registration."
        )
    return told.format(years=years)


def amendment(found: dict[str, str], language: str, defined: Outcomes = OUTCOMES) -> str:
    """Return what a run of other statistics, or of another project, changed of the plan; "" for others."""
    _ = translator(language)

    def label(id: str) -> str:
        return defined[id].label(language) if id in defined else id

    kind = found.get("in_run")
    if kind == "outcome":
        return _(
            "By the rule, these statistics call for another series to compare first than the plan "
            "names. The plan’s: {old}. The one used: {new}."
        ).format(old=label(found["old_outcome"]), new=label(found["new_outcome"]))
    if kind == "project":
        return _(
            "The plan is about another county or other years; a new one was chosen when the report was made."
        )
    if kind == "figures":
        return _(
            "The figures of the years before the project are not those that the plan was set from. Its "
            "choice of specifications stands."
        )
    return ""


def sentence(plan: Plan, language: str, outcome: str) -> str:
    """Return the primary specification, its error, and how many specifications are as good."""
    _ = translator(language)
    method, pool = plan.primary(outcome)
    table = plan.table()
    own = table[table["outcome"] == outcome]
    return _(
        "{outcome}: the primary specification is: {method}; {pool}. Its error is {error} per "
        "1,000 inhabitants and year where nothing was done; {equal} of {all} candidates are as good{wins}. "
        "{plan}"
    ).format(
        outcome=OUTCOMES[outcome].label(language) if outcome in OUTCOMES else outcome,
        method=method_name(method, language),
        pool=regions.pool_name(pool, language),
        error=number(float(own.loc[own["primary"], "error"].iloc[0]), language, 2),
        equal=number(int(own["equivalent"].sum()), language),
        all=number(len(own), language),
        wins=_wins(own, language),
        plan=_("Set on the spot by this run; no plan was written before.")
        if plan.written is None
        else _("Plan of {day}.").format(day=day(plan.written, language)),
    )


def _wins(own: pd.DataFrame, language: str) -> str:
    """Return how often the primary one is best when counties are drawn anew, and the model confidence set."""
    if "wins" not in own.columns or own["wins"].isna().all():
        return ""
    _ = translator(language)
    share = number(100 * float(own.loc[own["primary"], "wins"].iloc[0]), language)
    kept = number(int((own["confidence_set"] >= LEVEL).sum()), language)
    return _(
        ", and it is the best in {share} of 100 draws of the counties. Compared each with each, which asks "
        "for more evidence (model confidence set), {kept} cannot be told from the best"
    ).format(share=share, kept=kept)


def plot(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the error of every candidate for the primary outcome."""
    from attraktiv_eval.counterfactual.estimate import axes
    from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED

    ax = axes(ax)
    table = plan.table()
    own = table[table["outcome"] == plan.primary_outcome][::-1]
    colours = [TREATED if equal else OTHERS for equal in own["equivalent"]]
    ax.barh(own["method"] + ", " + own["pool"], own["error"], color=colours)
    return ax


# --- The candidates that a plan chooses among


CANDIDATE_POOLS = ("all", "no_metropolitan", "no_metropolitan_no_green")
MIN_BEFORE = 12  # years before a pretended start
LEVEL = 0.10  # a candidate whose p-value is below this is told from the best
LEAST_EQUAL = 3  # members of the equivalence set, whatever the test says
RESAMPLES = 10_000  # of the counties
SEED = 20200101


@dataclass(frozen=True)
class Race:
    """The candidates for one outcome, from the best down.

    Attributes
    ----------
    table : DataFrame, one row a candidate
        method, pool, error (root mean square of A, per 1,000 a year), mean_squared_error, excess (over the
        lowest), p_value (of the paired comparison with the best), confidence_set (p-value of the sequential
        model confidence set), wins (share of the resamples of counties in which it is the best), primary,
        equivalent.
    targets : list of str
        The counties that were put in the treated county's place.
    starts : list of int
        The pretended starts.
    length : int
        Years of each pretended window: as many as are compared.
    first_year : int
    """

    outcome: str
    table: pd.DataFrame
    targets: list[str]
    starts: list[int]
    length: int
    first_year: int


def candidate_pools(region: str) -> tuple[str, ...]:
    """Return the pools that race: of a municipality those of its groups."""
    return regions.pools_of(region) if regions.is_municipality(region) else CANDIDATE_POOLS


def pseudo_starts(
    years: Sequence[int], first_treated: int, length: int, min_before: int = MIN_BEFORE
) -> list[int]:
    """Return every year with enough years before it and its whole window before the project."""
    there = set(years)
    return [
        year
        for year in years
        if sum(earlier < year for earlier in years) >= min_before
        and year + length <= first_treated
        and there.issuperset(range(year, year + length))
    ]


def race(
    panel: Panel,
    region: str,
    outcome: str,
    first_treated: int,
    length: int,
    *,
    methods: Sequence[str],
    min_before: int = MIN_BEFORE,
    n_jobs: int = 1,
    advance: Callable[[int, int], None] | None = None,
) -> Race:
    """Return the candidates of one outcome ranked by their error in years and counties without the project.

    Targets are the counties other than the treated that belong to every candidate pool; each is fitted by
    its pool less itself, the treated county never among the donors, from figures up to the end of the
    pretended window. The error of a candidate is the root mean square of A over targets and starts.

    Parameters
    ----------
    advance : callable, optional
        Told after each candidate and start how many are done, and how many there are.

    Raises
    ------
    DesignError
        If the outcome has no pretended start, or fewer than two targets.
    """
    if not methods:
        raise DesignError("no method is named", remedy="name one or more of METHODS")
    whole_number(min_before, "min_before", 1)
    rates = panel.rate(outcome, "county", until=first_treated - 1)
    rates = rates.loc[:, rates.notna().all(axis=0)]
    starts = pseudo_starts([int(year) for year in rates.index], first_treated, length, min_before)
    pools = {pool: _in(regions.donor_pool(pool, region), rates) for pool in candidate_pools(region)}
    targets = sorted(set.intersection(*[set(codes) for codes in pools.values()]))
    if not starts or len(targets) < 2:
        raise DesignError(
            f"{outcome} has {len(starts)} pretended starts and {len(targets)} targets before {first_treated}",
            remedy=f"use an outcome with more than {min_before + length - 1} years before the project",
        )
    jobs = [(method, pool, start) for method in methods for pool in pools for start in starts]
    calls = [(rates, pools[pool], targets, method, start, length) for method, pool, start in jobs]
    found = []
    for effects in _in_turn(calls, n_jobs):
        found.append(effects)
        if advance is not None:
            advance(len(found), len(calls))
    shape = (len(methods) * len(pools), len(starts), len(targets))
    squares = np.array(found).reshape(shape) ** 2
    names = [(method, pool) for method in methods for pool in pools]
    table = ranked(names, squares.mean(axis=1))
    return Race(outcome, table, targets, starts, length, int(rates.index[0]))


def _in_turn(calls: list[tuple[Any, ...]], n_jobs: int) -> Iterable[list[float]]:
    """Yield the effects of each call in their order, from one process or several."""
    if n_jobs == 1:
        return (_effects(*call) for call in calls)
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    effects: Iterable[list[float]] = parallel(delayed(_effects)(*call) for call in calls)
    return effects


def _in(codes: list[str], rates: pd.DataFrame) -> list[str]:
    return [code for code in codes if code in rates.columns]


def _effects(
    rates: pd.DataFrame, pool: list[str], targets: list[str], method: str, start: int, length: int
) -> list[float]:
    """Return A for each target at one pretended start, by one method and pool."""
    kernel = method_of(method).kernel
    past = rates.loc[: start + length - 1]
    years = past.index.to_numpy()
    before, window = years < start, years >= start
    clock = clock_of(past.index)
    timing = method_of(method).timing(clock)
    effects = []
    for target in targets:
        others = past[[code for code in pool if code != target]].to_numpy()
        fit = kernel(past[target].to_numpy(), others, before, window, n_treated=1, **timing)
        effects.append(float(fit.gap[window].mean()))
    return effects


def ranked(names: list[tuple[str, str]], by_county: np.ndarray) -> pd.DataFrame:
    """Return the candidates from the best down, with the equivalence set.

    The set holds every candidate that is at least as good as the best in 10 % or more of the paired resamples
    of the counties, and never fewer than the three best. The model confidence set of Hansen, Lunde & Nason
    stands beside it: with 15 counties and 21 candidates, compared with each other one after another, it tells
    hardly any from the best.

    Parameters
    ----------
    names : list of (method, pool)
    by_county : array, shape (candidates, counties)
        Mean squared A over the starts.
    """
    mean = by_county.mean(axis=1)
    order = np.argsort(mean, kind="stable")
    place = np.argsort(order, kind="stable")
    p_values, wins = against_the_best(by_county)
    table = pd.DataFrame(
        {
            "method": [method for method, _ in names],
            "pool": [pool for _, pool in names],
            "error": np.sqrt(mean),
            "mean_squared_error": mean,
            "excess": mean - mean[order[0]],
            "p_value": p_values,
            "confidence_set": confidence_set(by_county),
            "wins": wins,
            "primary": place == 0,
            "equivalent": (p_values >= LEVEL) | (place < LEAST_EQUAL),
        }
    )
    return table.iloc[order].reset_index(drop=True)


def against_the_best(
    losses: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each candidate is at least as good as the best, and how often it wins.

    Parameters
    ----------
    losses : array, shape (candidates, counties)
        All candidates are judged on the same counties, which are drawn with replacement.
    resamples, seed : int

    Returns
    -------
    p_values, wins : arrays, shape (candidates,)
        The share of resamples in which the mean loss is no higher than that of the candidate with the lowest
        over all counties: 1 for that one, and the p-value of "as good as the best", one-sided, for others.
        ``wins`` is the share in which a candidate has the lowest of all; where several do, they share.
    """
    means = _resampled(losses, resamples, seed)
    best = means[:, [int(np.argmin(losses.mean(axis=1)))]]
    p_values = (means <= best * (1 + 1e-12)).mean(axis=0)
    lowest = np.isclose(means, means.min(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
    return p_values, (lowest / lowest.sum(axis=1, keepdims=True)).mean(axis=0)


def _resampled(losses: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Return mean losses over each resample of the counties, shape (resamples, candidates)."""
    counties = losses.shape[1]
    drawn = np.random.default_rng(seed).integers(counties, size=(resamples, counties))
    times = np.zeros((resamples, counties))
    np.add.at(times, (np.arange(resamples)[:, None], drawn), 1.0)
    means: np.ndarray = times @ losses.T / counties
    return means


def confidence_set(losses: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """Return the p-value of each candidate in the model confidence set.

    Candidates are compared two by two on the same counties. The worst is put out, one after another: the one
    whose mean loss lies most standard errors above that of some other candidate left. Its p-value is the
    share of resamples in which chance alone sets two of them as far apart, or that of one put out before it
    where that is larger; the last one has 1. Those with a p-value of at least 0.10 are the set at the 10 %
    level.

    Parameters
    ----------
    losses : array, shape (candidates, counties)
        Each county is one draw; all candidates are judged on the same counties.
    resamples : int
        Draws of the counties, with replacement.
    seed : int

    Returns
    -------
    array, shape (candidates,)

    Notes
    -----
    Hansen, Lunde & Nason (2011), The model confidence set, Econometrica 79(2), the statistic T_R of paired
    differences; in place of blocks of time single counties are drawn.
    """
    if losses.ndim != 2 or not losses.size or losses.dtype.kind not in "iuf" or not np.isfinite(losses).all():
        raise DesignError(
            "the losses are no table of numbers", remedy="give candidates x counties, none missing"
        )
    resamples, seed = whole_number(resamples, "resamples", 1, 1_000_000), whole_number(seed, "seed")
    candidates = len(losses)
    apart, by_chance = _paired(losses.mean(axis=1), _resampled(losses, resamples, seed))
    left, p_values, highest = list(range(candidates)), np.ones(candidates), 0.0
    while len(left) > 1:
        pairs = np.ix_(left, left)
        farthest = apart[pairs].max(axis=1)
        chance = by_chance[:, left][:, :, left].max(axis=(1, 2))
        as_far = chance >= farthest.max() * (1 - 1e-9)  # the same draw must tie with itself on any scale
        highest = max(highest, float(as_far.mean()))
        p_values[left.pop(int(np.argmax(farthest)))] = highest
    return p_values


def _paired(mean: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each candidate lies above each other one, and what chance makes of it, in spreads.

    A difference that is the same in every resample is nothing where it is zero, else without end.

    Parameters
    ----------
    mean, means : arrays, shapes (candidates,) and (resamples, candidates)
        Mean losses over the counties, and over each resample of them.

    Returns
    -------
    arrays, shapes (candidates, candidates) and (resamples, candidates, candidates)
    """
    gaps = mean[:, None] - mean[None, :]
    chance = means[:, :, None] - means[:, None, :] - gaps
    spread = np.sqrt((chance**2).mean(axis=0))
    none = 1e-12 * np.abs(mean).max(initial=0.0)
    steady = spread <= none
    scale = np.where(steady, 1.0, spread)
    endless = np.where(np.abs(gaps) <= none, 0.0, np.copysign(np.inf, gaps))
    return np.where(steady, endless, gaps / scale), np.where(steady, 0.0, np.abs(chance) / scale)


guard(globals())
