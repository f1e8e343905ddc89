"""The analysis plan: the primary specification and its equals, by rule, from the years before the project."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.errors import DesignError
from attraktiv_eval.toml_files import read_toml

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel

__all__ = ["Plan", "make_plan", "plan_for", "write_plan"]

NAME = "data/analysis_plan.toml"
OUTCOMES = (
    "domestic_in_moves_over_border",
    "in_moves_over_border",
    "in_moves",
    "out_moves",
    "net_migration",
)

#: Told an outcome, how much of it is done, and how much there is; None before it begins.
Advance = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Plan:
    """The primary specification of each outcome and the specifications that are as good.

    ``content`` is what the file holds, without the hash.
    """

    content: dict[str, Any] = field(repr=False)
    file: str | None = None

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
            content = read_toml(file)
        except (OSError, ValueError) as error:
            raise DesignError(
                f"the analysis plan cannot be read ({error})",
                remedy="write it with attraktiv-eval plan",
                file=shown,
            ) from error
        said = content.pop("sha256", None)
        if not _is_of(said, content):
            raise DesignError(
                "the analysis plan was changed after it was written",
                remedy='restore the file, or write it anew with attraktiv-eval plan --amend "reason"',
                file=shown,
            )
        return cls(content, shown)

    @property
    def sha256(self) -> str:
        """The hash of the plan's content."""
        return digest(self.content)

    @property
    def written(self) -> date:
        """The day it was written."""
        return date.fromisoformat(self.content["written"])

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
        """Each amendment: date, reason, and date and hash of the plan it replaced; oldest first."""
        return [dict(one) for one in self.content.get("amendment", [])]

    def primary(self, outcome: str | None = None) -> tuple[str, str]:
        """Return method and donor pool of the primary specification."""
        best = next(one for one in self._candidates(outcome) if one["primary"])
        return best["method"], best["pool"]

    def equivalent(self, outcome: str | None = None) -> list[tuple[str, str]]:
        """Return method and pool of every member of the equivalence set, the primary first."""
        return [(one["method"], one["pool"]) for one in self._candidates(outcome) if one["equivalent"]]

    def first_year(self, outcome: str | None = None) -> int:
        """Return the first year of the figures of an outcome."""
        return int(self._outcome(outcome)["first_year"])

    def statement(self, language: str = "sv") -> str:
        """Return what the plan says of itself: that it is no blind pre-registration."""
        from attraktiv_eval.counterfactual.plan_words import statement

        return statement(self, language)

    def sentence(self, language: str = "sv", outcome: str | None = None) -> str:
        """Return the primary specification of an outcome, and how many are as good, in one sentence."""
        from attraktiv_eval.counterfactual.plan_words import sentence

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
        from attraktiv_eval.showing import as_html

        told = [self.sentence("en", outcome) for outcome in self.outcomes]
        return as_html([self.statement("en"), *told], {"Candidates": self.table()})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the error of every candidate for the primary outcome, the equivalence set in colour."""
        from attraktiv_eval.counterfactual.plan_words import plot

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

    Only figures of years before the project are used. Outcomes with too few years are left out and named.

    Parameters
    ----------
    advance : callable, optional
        Told first every outcome, then how much of each is done and how much there is; 0 of 0 where it is
        left out.

    Raises
    ------
    DesignError
        If no outcome has enough years.
    """
    from attraktiv_eval.counterfactual import candidates
    from attraktiv_eval.counterfactual.estimators import METHODS

    region, first, length = project.region.code, project.years[0], len(project.years)
    chosen = list(METHODS if methods is None else methods)
    advance = advance or _tell_nobody
    outcomes = [name for name in OUTCOMES if name in set(panel.outcomes["id"])]
    for outcome in outcomes:
        advance(outcome, 0, None)
    told, left_out = [], {}
    for outcome in outcomes:
        step = partial(advance, outcome)
        try:
            result = candidates.race(
                panel, region, outcome, first, length, methods=chosen, n_jobs=n_jobs, advance=step
            )
        except DesignError as error:
            left_out[outcome] = error.message
            step(0, 0)
        else:
            told.append(_outcome_entry(result))
    if not told:
        raise DesignError(
            f"no outcome has {candidates.MIN_BEFORE} years before a pretended start",
            remedy="fetch longer series",
        )
    best = panel.primary_outcome("households", first)
    names = [one["id"] for one in told]
    content: dict[str, Any] = {
        "region": region,
        "first_treated": first,
        "last_treated": project.years[-1],
        "last_year_used": first - 1,
        "written": (today or date.today()).isoformat(),
        "statement": f"Set by rule after the figures for {first}–{project.years[-1]} were public and after a "
        "first look; not blind pre-registration.",
        "primary_outcome": best if best in names else names[0],
        "min_years_before": candidates.MIN_BEFORE,
        "methods": chosen,
        "pools": list(candidates.CANDIDATE_POOLS),
        "data_sha256": data_digest(panel, first - 1),
        "left_out": left_out,
        "amendment": [dict(one) for one in amendments],
        "outcome": told,
    }
    return Plan({key: value for key, value in content.items() if value not in ({}, [])})


def _tell_nobody(outcome: str, done: int, total: int | None) -> None:
    """Stand in where nobody waits."""


def _outcome_entry(result: Any) -> dict[str, Any]:
    rows = []
    for row in result.table.to_dict("records"):
        kept = {key: float(f"{row[key]:.6g}") for key in ("error", "excess", "standard_error")}
        marks = {key: bool(row[key]) for key in ("primary", "equivalent")}
        rows.append({"method": row["method"], "pool": row["pool"], **kept, **marks})
    return {
        "id": result.outcome,
        "first_year": result.first_year,
        "targets": result.targets,
        "pretended_starts": result.starts,
        "candidate": rows,
    }


def plan_for(panel: Panel, project: Project, path: Path | None = None, *, n_jobs: int = 1) -> Plan:
    """Return the written plan where it is about this project's region and years, else one made for them.

    The shipped plan is about the shipped project. Another region's plan follows from the same rule; it is
    made on the spot and carries the day of the run until it is written with ``attraktiv-eval plan``.
    """
    plan = Plan.load(path)
    about = (plan.region, plan.content["first_treated"], plan.content["last_treated"])
    if about == (project.region.code, project.years[0], project.years[-1]):
        return plan
    return make_plan(panel, project, n_jobs=n_jobs)


def data_digest(panel: Panel, last_year: int) -> str:
    """Return the hash of the figures that the plan may see: those of years up to ``last_year``."""
    table = panel.table[panel.table["year"] <= last_year].sort_values(["region_code", "year"])
    text = table[["region_code", "year", "population", "net_migration", "in_moves"]].to_csv(
        index=False, float_format="%.0f", lineterminator="\n"
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest(content: dict[str, Any]) -> str:
    """Return the hash of a plan's content, whatever the layout of its file."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _is_of(said: object, content: dict[str, Any]) -> bool:
    """Return whether a hash is that of a content; a plan never holds what has none, such as a time of day."""
    try:
        return said == digest(content)
    except (TypeError, RecursionError):
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
    from attraktiv_eval.counterfactual.plan_file import text_of

    path = Path(path)
    day = today or date.today()
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
    return Plan(plan.content, str(path))


def _amended(path: Path, reason: str, reason_en: str, day: date) -> list[dict[str, str]]:
    """Return the amendments of the old plan and the new one; an unreadable old plan is named by its bytes."""
    try:
        old = Plan.load(path)
        earlier, replaced = (
            old.amendments,
            {"replaced_written": old.written.isoformat(), "replaced_sha256": old.sha256},
        )
    except DesignError:
        earlier, replaced = [], {"replaced_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    reasons = {"reason": " ".join(reason.split()), "reason_en": " ".join(reason_en.split())}
    told = {name: text for name, text in reasons.items() if text}
    return [*earlier, {"date": day.isoformat(), **told, **replaced}]
