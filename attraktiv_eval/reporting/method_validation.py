"""The answers of the validation in words, every number read off its tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.method import SETTINGS, method_name
from attraktiv_eval.level3 import method_validation as content
from attraktiv_eval.level3 import rival_explanations
from attraktiv_eval.reporting import labels, tables
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.labels import validation_word, written
from attraktiv_eval.reporting.view import Display, escape
from attraktiv_eval.resources import refuse_unknown_parameters
from attraktiv_eval.table_specifications import TABLES
from attraktiv_eval.texts import number, percent, span, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["DRAWINGS", "SENTENCES", "Validation"]


GOAL_LOW, GOAL_HIGH = 0.87, 0.93
CERTIFIED = 1e-6


def _outcome(v: Validation, row: dict[Hashable, Any]) -> str:
    return labels.word("outcome", row["outcome"], v.language).lower()


def published(v: Validation) -> str:
    """Say how many published numbers are reproduced."""
    rows = v.rows("published")
    kept = (rows["difference"].abs() <= rows["tolerance"] + 1e-9).sum()
    return v._(
        "{kept} of {all} published numbers are found again within the stated tolerance. Where a published "
        "solver stops early, ours is the exact optimum."
    ).format(kept=v.number(kept), all=v.number(len(rows)))


def optimality(v: Validation) -> str:
    """Say how far the solves are from their optimum."""
    rows = v.rows("optimality")
    if (rows["residual"] <= CERTIFIED).all():
        text = v._(
            "All {n} convex solves for the county meet the optimality conditions within one millionth of the "
            "largest gradient."
        )
    else:
        text = v._("Not all {n} convex solves for the county meet the optimality conditions.")
    return text.format(n=v.number(len(rows)))


def coverage(v: Validation) -> str:
    """Say which intervals meet the goal and which miss it."""
    rows = v.rows("coverage")
    rows = rows[rows["interval"].isin(["placebo", "forecast"])]
    first = rows[rows["setting"].isin(SETTINGS[:2])]
    missed = first[~first["coverage"].between(GOAL_LOW, GOAL_HIGH)]
    shocked = rows[rows["setting"] == "regional_shock"]["coverage"]
    text = v._(
        "{met} of {all} 90 per cent intervals hold the truth in {goal} of the draws in the first two "
        "settings."
    )
    parts = [
        text.format(
            met=v.number(len(first) - len(missed)),
            all=v.number(len(first)),
            goal=f"{v.number(100 * GOAL_LOW)}–{v.percent(GOAL_HIGH)}",
        )
    ]
    if len(missed):
        names = [
            f"{method_name(row['method'], v.language)} {v.percent(row['coverage'], 1)}"
            for row in missed.to_dict("records")
        ]
        parts.append(v._("Outside it: {names}.").format(names=", ".join(names)))
    parts.append(
        v._(
            "A shock to the region inside the window brings it down to {low}–{high}: no such interval "
            "guards against that."
        ).format(low=v.number(100 * shocked.min()), high=v.percent(shocked.max()))
    )
    parts.append(_by_noise(v, rows))
    return " ".join(part for part in parts if part)


def _by_noise(v: Validation, rows: pd.DataFrame) -> str:
    """Say whom the intervals are too narrow for, and how noisy the project's own county is."""
    from attraktiv_eval.statistics.panel import Panel
    from scripts.coverage_simulation import model_of

    held = rows.groupby("setting")["coverage"].agg(["min", "max"])
    if not {"noisiest", "calmest"} <= set(held.index):
        return ""
    noise = model_of(Panel.load()).table().sort_values("noise_sd", kind="stable")["unit"].tolist()
    ends = {}
    for setting in ("noisiest", "calmest"):
        low, high = (float(held[end][setting]) for end in ("min", "max"))
        ends[f"{setting}_min"] = v.number(100 * low, 1)
        ends[f"{setting}_max"] = v.percent(high, 1)
    return v._(
        "An interval that ranks one county among others is too narrow for a county that is noisier than they "
        "are: where the noisiest is treated it holds the truth in {noisiest_min}–{noisiest_max} of the "
        "draws, where the calmest is, in {calmest_min}–{calmest_max}. {region} is number {rank} of {all} "
        "from the calmest, by its own noise in net migration before the project."
    ).format(
        region=v.project.region.name,
        rank=v.number(noise.index(v.county.region) + 1),
        all=v.number(len(noise)),
        **ends,
    )


def scales(v: Validation) -> str:
    """Say which of two scales gives the shorter intervals, and what the county's own design sees with it."""
    rows = v.rows("scales")
    wide = rows.pivot_table(index=["panel", "method"], columns="scale", values="mean_half_width")
    shorter = int((wide["in_sample"] <= wide["out_of_sample"]).sum())
    first = rows[rows["panel"].isin(SETTINGS[:2])].groupby("scale")["coverage"]
    low, high = first.min(), first.max()
    return v._(
        "The scale of the gap before the project gives the shorter interval in {shorter} of {all} "
        "comparisons of method and panels. It holds the truth in {low}–{high} of the draws of the first two "
        "settings, the scale of pretended windows in {other_low}–{other_high}. The first is used."
    ).format(
        shorter=v.number(shorter),
        all=v.number(len(wide)),
        low=v.number(100 * low["in_sample"], 1),
        high=v.percent(high["in_sample"], 1),
        other_low=v.number(100 * low["out_of_sample"], 1),
        other_high=v.percent(high["out_of_sample"], 1),
    )


def power(v: Validation) -> str:
    """Say what the county's own design could have seen."""
    rows = v.rows("sight")
    own = rows[rows["outcome"] == v.county.plan.primary_outcome].to_dict("records")[0]
    return v._(
        "With {outcome} in {years}, an effect as large as the goal’s pace for those years, {pace} of {goal} "
        "households, would have been found in {power} of the comparison regions. Four in five is reached at "
        "{households} households ({range}, by how many persons a household is taken to be)."
    ).format(
        outcome=_outcome(v, own),
        years=own["years"],
        pace=v.number(own["pace"]),
        goal=v.number(v.goal),
        power=v.percent(own["power_at_pace"]),
        households=v.number(own["detectable_households"]),
        range=v.span(own["detectable_low"], own["detectable_high"]),
    )


def sight(v: Validation) -> str:
    """Say how much an estimate that reaches significance overstates the goal's pace."""
    rows = v.rows("sight")
    parts = [
        v._("{outcome} {factor} ({pace} households in {years})").format(
            outcome=_outcome(v, row),
            factor=v.number(row["exaggeration_at_pace"], 1),
            pace=v.number(row["pace"]),
            years=row["years"],
        )
        for row in rows.to_dict("records")
    ]
    return v._(
        "If the true effect is the goal’s pace for the years compared, of {goal} households in all, an "
        "estimate that reaches significance overstates it by a factor of: {factors}."
    ).format(goal=v.number(v.goal), factors=", ".join(parts))


def pseudo(v: Validation) -> str:
    """Say what the primary specifications find before the project."""
    rows = v.rows("pseudo")
    parts = [
        v._("{outcome} {before} before and {after} in {years}").format(
            outcome=_outcome(v, row),
            before=v.number(row["pseudo_persons"], signed=True),
            after=v.number(row["effect_persons"], signed=True),
            years=row["years"],
        )
        for row in rows[rows["primary"]].to_dict("records")
    ]
    return v._("The primary specifications find, in persons: {parts}.").format(parts="; ".join(parts))


def covid(v: Validation) -> str:
    """Say what taking the years of the pandemic away does."""
    rows = v.rows("covid")
    best = v.county.plan.primary
    both = v._("{outcome} {whole} persons a year in {years} and {left} in what is left")
    alone = v._("{outcome} {whole} persons a year in {years}, with no estimate from what is left")
    parts = [
        (alone if row["without"] != row["without"] else both).format(
            outcome=_outcome(v, row),
            years=row["years"],
            whole=v.number(row["a_year"], signed=True),
            left=v.number(row["without"], signed=True),
        )
        for row in rows.to_dict("records")
        if row["method"] == best(row["outcome"])[0]
    ]
    return v._("The years of the pandemic taken away: {parts}.").format(parts="; ".join(parts))


def plan(v: Validation) -> str:
    """Say how the primary specification was set, and what the plan is not."""
    return f"{v.county.plan.statement(v.language)} {v.county.plan.sentence(v.language)}"


def municipalities(v: Validation) -> str:
    """Say which municipalities can be told apart from noise, and on which outcome where it is another."""
    told, first = v.municipalities, v.county.plan.primary_outcome
    parts = [told.sentence(v.language)]
    if told.outcome != first:
        text = v._(
            "The statistics do not hold {first} by municipality; shown are all in-moves to each "
            "municipality, those inside the county included."
        )
        parts.append(text.format(first=_outcome(v, {"outcome": first})))
    return " ".join(parts)


def rivals(v: Validation) -> str:
    """Say what the checks of the rival explanations found."""
    return v.rivals.sentence(v.language)


def verdicts(v: Validation) -> str:
    """Say how often the sentences of level 3 are wrong where the truth is known."""
    rows = v.rows("verdicts")
    wrong = dict(zip(rows["rule"], rows["wrong"], strict=True))
    count = int(content.recorded_characteristics()["cases"].iloc[0])
    return v._(
        "Put on {n} real cases without any project, with effects of known size added, “supports an effect” "
        "is printed without an effect in {supports} of cases, and “not compatible with the goal” where the "
        "effect is as large as the goal in {refuses}. Without an effect no sentence is printed in one of two "
        "neighbouring years and not in the other in more than {changed}."
    ).format(
        n=v.number(count),
        supports=v.percent(wrong["effect_supported"], 1),
        refuses=v.percent(wrong["goal_incompatible"], 1),
        changed=v.percent(rows["changed"].max(), 1),
    )


SENTENCES: dict[str, Callable[[Validation], str]] = {
    one.__name__: one
    for one in (
        published, optimality, coverage, scales, verdicts, power, sight, pseudo, covid, plan, municipalities,
        rivals,
    )
}  # fmt: skip


# --- The figures of the validation

MARKS = {"equal_noise": "o", "own_noise": "s", "regional_shock": "^"}
DASHES = ("-", "--", ":", "-.", (0, (8, 3)))


def draw_coverage(v: Validation) -> Figure:
    """Draw the coverage of each method's main interval in the three settings, and the goal."""
    rows = v.rows("coverage")
    rows = rows[rows["interval"].isin(["placebo", "forecast"])]
    methods = list(dict.fromkeys(rows["method"]))[::-1]
    figure, (axes,) = style.new(110 + 22 * len(methods))
    axes.axvspan(100 * GOAL_LOW, 100 * GOAL_HIGH, color=style.GRID, linewidth=0)
    for setting, mark in MARKS.items():
        own = rows[rows["setting"] == setting]
        axes.plot(
            100 * own["coverage"],
            [methods.index(method) for method in own["method"]],
            mark,
            color=style.OTHER if setting == "regional_shock" else style.COUNTY,
            markerfacecolor=style.SURFACE if setting == "own_noise" else None,
            label=validation_word("setting", setting, v.language),
        )
    axes.set_yticks(range(len(methods)), [method_name(method, v.language) for method in methods])
    axes.set_xlabel("%")
    axes.set_ylim(-0.6, len(methods) - 0.4)
    figure.legend(loc="upper center", ncols=1, frameon=False, fontsize=10.5)
    style.clean(axes, grid="x")
    height = 110 + 22 * len(methods)
    figure.subplots_adjust(left=0.5, right=0.97, top=1 - 62 / height, bottom=36 / height)
    return figure


def draw_power(v: Validation) -> Figure:
    """Draw the share in which each effect is found, by outcome; the first's pace and four in five marked."""
    rows = v.rows("power")
    outcomes = list(dict.fromkeys(rows["outcome"]))
    legend = 12 + 16 * len(outcomes)
    height = 220 + legend
    figure, (axes,) = style.new(height)
    for dash, outcome in zip(cycle(DASHES), outcomes, strict=False):
        own = rows[rows["outcome"] == outcome]
        first = outcome == v.county.plan.primary_outcome
        axes.plot(
            own["households"],
            100 * own["power"],
            linestyle=dash,
            color=style.COUNTY if first else style.OTHER,
            label=labels.word("outcome", outcome, v.language),
        )
    axes.axhline(80, color=style.SOFT, linewidth=0.8)
    axes.axvline(v.paces[v.county.plan.primary_outcome], color=style.INK, linewidth=0.8)
    axes.set_xlabel(v._("Households over the years compared"))
    axes.set_ylabel("%")
    axes.set_ylim(0, 102)
    figure.legend(loc="upper center", ncols=1, frameon=False, fontsize=9.2, handlelength=3)
    style.clean(axes)
    figure.subplots_adjust(left=0.13, right=0.97, top=1 - legend / height, bottom=42 / height)
    return figure


DRAWINGS: dict[str, Callable[[Validation], Figure]] = {"coverage": draw_coverage, "power": draw_power}


# --- The validation of the methods, for a reader who doubts


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

        refuse_unknown_parameters()
        self.language, self._ = language, translator(language)
        self.project: Project = Project.load()
        panel = Panel.load(Path(statistics) if statistics else None)
        self.county = content.County(panel, plan_for(panel, self.project))
        one = Assumptions.load()["persons_per_moving_household"]
        self.persons_per_household = (one.value, one.low, one.high)

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Return a number as the language writes it."""
        return number(value, self.language, decimals, signed=signed)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Return a share as per cent."""
        return percent(share, self.language, decimals)

    def span(self, low: float, high: float) -> str:
        """Return a range."""
        return span(low, high, self.language)

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
        title = TABLES[f"validation_{id}"].title(self.language)
        cells = [[escape(one) for one in row] for row in frame.itertuples(index=False, name=None)]
        rows = [tables.Row(first, rest) for first, *rest in cells]
        markup = tables.write(f"table-validation-{id}", title, list(map(str, frame)), rows, stack=False)
        return Display(tables.boxed(markup, title, len(frame.columns)), frame.to_string(index=False))

    def section(self, id: str) -> Display:
        """Return a section: its answer, its figure where it has one, and its table."""
        figure = [self.figure(id)] if id in DRAWINGS else []
        shown = [self.text(id), *figure, self.table(id)]
        return Display("\n".join(one.html for one in shown), "\n\n".join(str(one) for one in shown))

    def text(self, id: str) -> Display:
        """Return the answer of a section in words, every number from the tables."""
        told = SENTENCES[id](self)
        return Display(f'<p class="answer">{escape(told)}</p>', told)

    def figure(self, id: str) -> Display:
        """Return a figure: ``coverage`` or ``power``."""
        from attraktiv_eval.reporting.figures import style

        told = SENTENCES[id](self)
        with style.drawing():
            drawing = DRAWINGS[id](self)
        text = style.for_page(style.to_svg(drawing, f"fig-validation-{id}", told))
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
        from attraktiv_eval.counterfactual.method import recorded_coverage

        return recorded_coverage().drop(columns=["level", "seed"])

    @cached_property
    def _scales(self) -> pd.DataFrame:
        from attraktiv_eval.counterfactual.method import recorded_scale_race

        return recorded_scale_race()

    @cached_property
    def _verdicts(self) -> pd.DataFrame:
        return content.worth_table()

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
    def rivals(self) -> rival_explanations.Rivals:
        """The rival explanations of the primary estimate."""
        return rival_explanations.rivals(self.county.panel, self.project, self.county.plan)

    @cached_property
    def _rivals(self) -> pd.DataFrame:
        return self.rivals.words(self.language)
