"""The answers of the validation in words, every number read off its tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from attraktiv_eval.counterfactual.interval_coverage import SETTINGS
from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.reporting import words
from attraktiv_eval.texts import number, percent, span, translator

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.validation import Validation

__all__ = ["SENTENCES"]

GOAL_LOW, GOAL_HIGH = 0.87, 0.93
CERTIFIED = 1e-6


def _outcome(v: Validation, row: dict[Hashable, Any]) -> str:
    return words.word("outcome", row["outcome"], v.language).lower()


def published(v: Validation) -> str:
    """Say how many published numbers are reproduced."""
    _ = translator(v.language)
    rows = v.rows("published")
    kept = (rows["difference"].abs() <= rows["tolerance"] + 1e-9).sum()
    return _(
        "{kept} of {all} published numbers are found again within the stated tolerance. Where a published "
        "solver stops early, ours is the exact optimum."
    ).format(kept=number(kept, v.language), all=number(len(rows), v.language))


def optimality(v: Validation) -> str:
    """Say how far the solves are from their optimum."""
    _ = translator(v.language)
    rows = v.rows("optimality")
    if (rows["residual"] <= CERTIFIED).all():
        text = _(
            "All {n} convex solves for the county meet the optimality conditions within one millionth of the "
            "largest gradient."
        )
    else:
        text = _("Not all {n} convex solves for the county meet the optimality conditions.")
    return text.format(n=number(len(rows), v.language))


def coverage(v: Validation) -> str:
    """Say which intervals meet the goal and which miss it."""
    _ = translator(v.language)
    rows = v.rows("coverage")
    rows = rows[rows["interval"].isin(["placebo", "forecast"])]
    first = rows[rows["setting"].isin(SETTINGS[:2])]
    missed = first[~first["coverage"].between(GOAL_LOW, GOAL_HIGH)]
    shocked = rows[rows["setting"] == "regional_shock"]["coverage"]
    text = _(
        "{met} of {all} 90 per cent intervals hold the truth in {goal} of the draws in the first two "
        "settings."
    )
    parts = [
        text.format(
            met=number(len(first) - len(missed), v.language),
            all=number(len(first), v.language),
            goal=f"{number(100 * GOAL_LOW, v.language)}–{percent(GOAL_HIGH, v.language)}",
        )
    ]
    if len(missed):
        names = [
            f"{method_name(row['method'], v.language)} {percent(row['coverage'], v.language, 1)}"
            for row in missed.to_dict("records")
        ]
        parts.append(_("Outside it: {names}.").format(names=", ".join(names)))
    parts.append(
        _(
            "A shock to the region inside the window brings it down to {low}–{high}: no such interval "
            "guards against that."
        ).format(low=number(100 * shocked.min(), v.language), high=percent(shocked.max(), v.language))
    )
    parts.append(_by_noise(v, rows))
    return " ".join(part for part in parts if part)


def _by_noise(v: Validation, rows: pd.DataFrame) -> str:
    """Say whom the intervals are too narrow for, and how noisy the project's own county is."""
    from attraktiv_eval.counterfactual.interval_coverage import model_of
    from attraktiv_eval.statistics.panel import Panel

    _ = translator(v.language)
    held = rows.groupby("setting")["coverage"].agg(["min", "max"])
    if not {"noisiest", "calmest"} <= set(held.index):
        return ""
    noise = model_of(Panel.load()).table().sort_values("noise_sd", kind="stable")["unit"].tolist()
    ends = {}
    for setting in ("noisiest", "calmest"):
        low, high = (float(held[end][setting]) for end in ("min", "max"))
        ends[f"{setting}_min"] = number(100 * low, v.language, 1)
        ends[f"{setting}_max"] = percent(high, v.language, 1)
    return _(
        "An interval that ranks one county among others is too narrow for a county that is noisier than they "
        "are: where the noisiest is treated it holds the truth in {noisiest_min}–{noisiest_max} of the "
        "draws, where the calmest is, in {calmest_min}–{calmest_max}. {region} is number {rank} of {all} "
        "from the calmest, by its own noise in net migration before the project."
    ).format(
        region=v.project.region.name,
        rank=number(noise.index(v.county.region) + 1, v.language),
        all=number(len(noise), v.language),
        **ends,
    )


def scales(v: Validation) -> str:
    """Say which of two scales gives the shorter intervals, and what the county's own design sees with it."""
    _ = translator(v.language)
    rows = v.rows("scales")
    wide = rows.pivot_table(index=["panel", "method"], columns="scale", values="mean_half_width")
    shorter = int((wide["in_sample"] <= wide["out_of_sample"]).sum())
    first = rows[rows["panel"].isin(SETTINGS[:2])].groupby("scale")["coverage"]
    low, high = first.min(), first.max()
    return _(
        "The scale of the gap before the project gives the shorter interval in {shorter} of {all} "
        "comparisons of method and panels. It holds the truth in {low}–{high} of the draws of the first two "
        "settings, the scale of pretended windows in {other_low}–{other_high}. The first is used."
    ).format(
        shorter=number(shorter, v.language),
        all=number(len(wide), v.language),
        low=number(100 * low["in_sample"], v.language, 1),
        high=percent(high["in_sample"], v.language, 1),
        other_low=number(100 * low["out_of_sample"], v.language, 1),
        other_high=percent(high["out_of_sample"], v.language, 1),
    )


def power(v: Validation) -> str:
    """Say what the county's own design could have seen."""
    _ = translator(v.language)
    rows = v.rows("sight")
    own = rows[rows["outcome"] == v.county.plan.primary_outcome].to_dict("records")[0]
    return _(
        "With {outcome} in {years}, an effect as large as the goal’s pace for those years, {pace} of {goal} "
        "households, would have been found in {power} of the comparison regions. Four in five is reached at "
        "{households} households ({range}, by how many persons a household is taken to be)."
    ).format(
        outcome=_outcome(v, own),
        years=own["years"],
        pace=number(own["pace"], v.language),
        goal=number(v.goal, v.language),
        power=percent(own["power_at_pace"], v.language),
        households=number(own["detectable_households"], v.language),
        range=span(own["detectable_low"], own["detectable_high"], v.language),
    )


def sight(v: Validation) -> str:
    """Say how much an estimate that reaches significance overstates the goal's pace."""
    _ = translator(v.language)
    rows = v.rows("sight")
    parts = [
        _("{outcome} {factor} ({pace} households in {years})").format(
            outcome=_outcome(v, row),
            factor=number(row["exaggeration_at_pace"], v.language, 1),
            pace=number(row["pace"], v.language),
            years=row["years"],
        )
        for row in rows.to_dict("records")
    ]
    return _(
        "If the true effect is the goal’s pace for the years compared, of {goal} households in all, an "
        "estimate that reaches significance overstates it by a factor of: {factors}."
    ).format(goal=number(v.goal, v.language), factors=", ".join(parts))


def pseudo(v: Validation) -> str:
    """Say what the primary specifications find before the project."""
    _ = translator(v.language)
    rows = v.rows("pseudo")
    parts = [
        _("{outcome} {before} before and {after} in {years}").format(
            outcome=_outcome(v, row),
            before=number(row["pseudo_persons"], v.language, signed=True),
            after=number(row["effect_persons"], v.language, signed=True),
            years=row["years"],
        )
        for row in rows[rows["primary"]].to_dict("records")
    ]
    return _("The primary specifications find, in persons: {parts}.").format(parts="; ".join(parts))


def covid(v: Validation) -> str:
    """Say what taking the years of the pandemic away does."""
    _ = translator(v.language)
    rows = v.rows("covid")
    best = v.county.plan.primary
    both = _("{outcome} {whole} persons a year in {years} and {left} in what is left")
    alone = _("{outcome} {whole} persons a year in {years}, with no estimate from what is left")
    parts = [
        (alone if row["without"] != row["without"] else both).format(
            outcome=_outcome(v, row),
            years=row["years"],
            whole=number(row["a_year"], v.language, signed=True),
            left=number(row["without"], v.language, signed=True),
        )
        for row in rows.to_dict("records")
        if row["method"] == best(row["outcome"])[0]
    ]
    return _("The years of the pandemic taken away: {parts}.").format(parts="; ".join(parts))


def plan(v: Validation) -> str:
    """Say how the primary specification was set, and what the plan is not."""
    return f"{v.county.plan.statement(v.language)} {v.county.plan.sentence(v.language)}"


def municipalities(v: Validation) -> str:
    """Say which municipalities can be told apart from noise, and on which outcome where it is another."""
    _ = translator(v.language)
    told, first = v.municipalities, v.county.plan.primary_outcome
    parts = [told.sentence(v.language)]
    if told.outcome != first:
        text = _(
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
    from attraktiv_eval.level3.operating_characteristics import recorded_characteristics

    _ = translator(v.language)
    rows = v.rows("verdicts")
    wrong = dict(zip(rows["rule"], rows["wrong"], strict=True))
    count = int(recorded_characteristics()["cases"].iloc[0])
    return _(
        "Put on {n} real cases without any project, with effects of known size added, “supports an effect” "
        "is printed without an effect in {supports} of cases, and “not compatible with the goal” where the "
        "effect is as large as the goal in {refuses}. Without an effect no sentence is printed in one of two "
        "neighbouring years and not in the other in more than {changed}."
    ).format(
        n=number(count, v.language),
        supports=percent(wrong["effect_supported"], v.language, 1),
        refuses=percent(wrong["goal_incompatible"], v.language, 1),
        changed=percent(rows["changed"].max(), v.language, 1),
    )


SENTENCES: dict[str, Callable[[Validation], str]] = {
    "published": published,
    "optimality": optimality,
    "coverage": coverage,
    "scales": scales,
    "verdicts": verdicts,
    "power": power,
    "sight": sight,
    "pseudo": pseudo,
    "covid": covid,
    "plan": plan,
    "municipalities": municipalities,
    "rivals": rivals,
}
