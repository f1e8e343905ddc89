"""Makes the invented evaluation: the tables of a run, filled with plausible numbers by a seed."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

GOALS = {"households": 400, "companies": 200, "organisations": 20}
MUNICIPALITIES = {
    "2303": "Ragunda",
    "2305": "Bräcke",
    "2309": "Krokom",
    "2313": "Strömsund",
    "2321": "Åre",
    "2326": "Berg",
    "2361": "Härjedalen",
    "2380": "Östersund",
}
METHODS = ["difference_in_differences", "synthetic_control", "demeaned_synthetic_control", "synthetic_did"]
OUTCOMES = {
    "in_moves": (406.0, -789.0, 1601.0, 0.62),
    "out_moves": (-804.0, -2100.0, 500.0, 0.52),
    "net_migration": (1451.0, 592.0, 2310.0, 0.10),
}
DONORS = [
    "01",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10",
    "12",
    "13",
    "14",
    "17",
    "18",
    "19",
    "20",
    "21",
]
DONORS += ["22", "24", "25"]


def invented_evaluation(
    year: int = 2022, *, final: bool = False, example: bool = True, without: tuple[str, ...] = ()
) -> SimpleNamespace:
    """An object with the attributes that the reports read of an evaluation."""
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.project import Project

    rng = np.random.default_rng(year)
    assumptions = Assumptions.load()
    tables = {
        **_goal_tables(year),
        **_record_tables(year, rng),
        **_money_tables(),
        **_counterfactual_tables(year, rng),
        "assumptions": assumptions.table(),
    }
    goals = tables["goals"]
    for name in without:
        tables.pop(name, None)
    return SimpleNamespace(
        year=None if final else year,
        final=final,
        until=date(year, 12, 31),
        project=Project.load(),
        assumptions=assumptions,
        example_data=example,
        missing=[],
        records=None,
        sources=[_source()],
        inputs=[{"part": "project", "file": "project.toml", "sha256": "c" * 64}],
        county=SimpleNamespace(outcome="in_moves"),
        county_missing=None,
        contributions={},
        tables=tables,
        verdicts=_verdicts({"goals": goals}),
        document={"figures": []},
    )


def of_other_projects() -> dict[str, pd.DataFrame]:
    """The tables of a project that drew lots and of one in several counties."""
    draw = pd.DataFrame(
        {
            "draw_effect": ["offered", "offered_bounds", "took_up", "took_up_bounds"],
            "more": [60.0, 60.0, 95.0, 95.0],
            "low": [10.0, -15.0, 15.0, -20.0],
            "high": [110.0, 130.0, 170.0, 200.0],
        }
    )
    regions = pd.DataFrame(
        {
            "outcome": "in_moves",
            "region_code": ["05", "06", "07"],
            "window_first": 2020,
            "window_last": 2022,
            "effect_persons": [400.0, -250.0, 90.0],
            "low": [-100.0, -900.0, -300.0],
            "high": [900.0, 400.0, 480.0],
            "pooled_persons": [210.0, -20.0, 85.0],
            "told_apart": [False, False, False],
        }
    )
    return {"draw": draw, "region_effects": regions}


def _source() -> dict:
    return {
        "file": "municipalities.csv",
        "tables": ["TAB638", "TAB1212"],
        "sha256": "b" * 64,
        "updated": "2025-02-21",
        "licence": "CC0",
    }


def _goal_tables(year: int) -> dict[str, pd.DataFrame]:
    share = (year - 2019) / 3
    goals = pd.DataFrame(
        {
            "goal": list(GOALS),
            "target": list(GOALS.values()),
            "known": [round(296 * share), round(143 * share), 17],
            "unknown": [round(52 * share), 0, 0],
            "l2_low": [61.2 * share, 30.4 * share, np.nan],
            "l2_median": [88.9 * share, 44.0 * share, np.nan],
            "l2_high": [118.4 * share, 61.7 * share, np.nan],
            "l2_high_bound": [251.6 * share, 93.3 * share, np.nan],
            "l2_survey": [True, True, False],
            "l3_effect": [253.8, np.nan, np.nan],
            "l3_low": [-606.9, np.nan, np.nan],
            "l3_high": [1231.5, np.nan, np.nan],
            "mde_low": [1180.0, np.nan, np.nan],
            "mde_high": [1180.0, np.nan, np.nan],
        }
    )
    rows = []
    for goal, target in GOALS.items():
        reached = float(goals.loc[goals["goal"] == goal, "known"].iloc[0])
        for at in range(2020, year + 1):
            part = (at - 2019) / (year - 2019)
            rows.append(
                {
                    "goal": goal,
                    "year": at,
                    "count": round(reached / (year - 2019)),
                    "cumulated": round(reached * part),
                    "unknown": 18 * (at - 2019) if goal == "households" else 0,
                    "pace": target * (at - 2019) / 3,
                }
            )
    organisations = pd.DataFrame(
        {
            "name": ["Region Jämtland Härjedalen", "Ragunda kommun", "Jämtkraft"],
            "type": ["region", "municipality", "company"],
            "role": ["owner", None, None],
        }
    )
    return {"goals": goals, "paths": pd.DataFrame(rows), "organisations": organisations}


def _record_tables(year: int, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    years = list(range(2020, year + 1))
    phases = ["attract", "welcome", "integrate", "brand"]
    codes = list(MUNICIPALITIES)
    reached = rng.integers(8, 200, 8)
    retention = pd.DataFrame(
        {
            "months": [3, 12, 24],
            "at_risk": [280, 180, 40],
            "share": [0.98, 0.9, 0.83],
            "low": [0.96, 0.86, 0.75],
            "high": [0.99, 0.94, 0.91],
        }
    )
    households = [412, 260, 150, 78][: len(phases)]
    moved = [110, 96, 62, 28]
    return {
        "households_by_year": pd.DataFrame({"year": years, "reached": 300, "moved_in": 98}),
        "households_by_municipality": pd.DataFrame(
            {
                "municipality_code": codes,
                "reached": pd.array(reached, dtype="Int64"),
                "moved_in": pd.array([*(reached[:-1] // 3), None], dtype="Int64"),
            }
        ),
        "households_by_phase": pd.DataFrame({"phase": phases, "reached": households, "moved_in": moved}),
        "households_by_area": pd.DataFrame(
            {
                "area": ["collaboration_platform", "labour_market_marketing"],
                "reached": [500, 400],
                "moved_in": [180, 116],
            }
        ),
        "households_by_kind": pd.DataFrame(
            {
                "kind": ["single", "couple", "family", "other", "unknown"],
                "reached": [300, 250, 280, 20, 50],
                "moved_in": [80, 90, 110, 6, 10],
            }
        ),
        "companies_by_year": pd.DataFrame({"year": years, "supported": 85, "met": 60, "hired": 48}),
        "companies_by_municipality": pd.DataFrame(
            {"municipality_code": codes, "hired": rng.integers(5, 40, 8)}
        ),
        "funnel": pd.DataFrame(
            {
                "phase": phases,
                "households": households,
                "moved_in": moved,
                "share": [m / h for m, h in zip(moved, households, strict=True)],
                "low": [m / h - 0.05 for m, h in zip(moved, households, strict=True)],
                "high": [m / h + 0.05 for m, h in zip(moved, households, strict=True)],
            }
        ),
        "counted_apart": pd.DataFrame(
            {
                "reason": ["before_first_contact", "inside_county", "out_again"],
                "households": [21, 14, 6],
            }
        ),
        "retention": retention,
        "accounting": pd.DataFrame(
            {
                "list": ["contacts", "households"],
                "files": [2, 1],
                "read": [1500, 950],
                "kept": [1380, 890],
                "merged": [90, 41],
                "rejected": [30, 19],
            }
        ),
        "rejected_kinds": pd.DataFrame(
            {"list": ["contacts", "households"], "kind": ["unreadable_date", "no_identity"], "rows": [30, 19]}
        ),
        "linkage": pd.DataFrame(
            {"rule": ["same_email", "same_phone"], "list": ["households"] * 2, "merged": [30, 11]}
        ),
        "filters": pd.DataFrame(
            {
                "goal": ["households"] * 2,
                "filter": ["deadweight", "other_projects"],
                "deducted": [True, True],
                "kept_low": [0.2, 0.7],
                "kept": [0.3, 0.9],
                "kept_high": [0.5, 1.0],
                "basis": ["survey", "survey"],
                "known": [140, 140],
            }
        ),
        "tornado": pd.DataFrame(
            {
                "goal": ["households"] * 3,
                "assumption": [
                    "would_not_have_moved",
                    "unanswered_share_of_answered",
                    "other_project_credit",
                ],
                "low": [70.0, 76.0, 84.0],
                "high": [109.0, 101.0, 95.0],
                "base": [88.9] * 3,
            }
        ),
        "bounds": pd.DataFrame(
            {
                "goal": ["households"] * 2,
                "case": ["unanswered_none", "unanswered_every"],
                "low": [40.0, 190.0],
                "median": [50.0, 210.0],
                "high": [61.0, 230.0],
            }
        ),
    }


def _money_tables() -> dict[str, pd.DataFrame]:
    return {
        "funding": pd.DataFrame(
            {
                "financier": ["Tillväxtmedel", "Region Jämtland Härjedalen", "Jämtkraft"],
                "kind": ["grant", "own", "cash"],
                "decided_sek": pd.array([19_283_329, 2_658_128, None], dtype="Int64"),
                "paid_sek": pd.array([18_400_000, 2_600_000, None], dtype="Int64"),
            }
        ),
        "cost_per_result": pd.DataFrame(
            {
                "goal": ["households", "households", "companies"],
                "level": [1, 2, 1],
                "cost_low": [21_000_000.0] * 3,
                "cost_high": [21_941_457.0] * 3,
                "results_low": [296.0, 61.2, 143.0],
                "results_high": [348.0, 118.4, 143.0],
                "ratio_low": [60_345.0, 177_365.0, 146_853.0],
                "ratio_high": [74_126.0, 358_520.0, 153_436.0],
            }
        ),
    }


def _counterfactual_tables(year: int, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    gaps, clouds, estimates, weights, curve = [], [], [], [], []
    for outcome, (effect, low, high, p) in OUTCOMES.items():
        first = 1997 if outcome == "net_migration" else 2002
        for method in METHODS:
            noise = rng.normal(0, 1.2, year - first + 1)
            for at, shock in zip(range(first, year + 1), noise, strict=True):
                gap = shock + (effect / 3 / 131 if at >= 2020 else 0)
                level = 60 if outcome != "net_migration" else 3
                row = {"outcome": outcome, "method": method, "pool": "all", "year": at}
                gaps.append(
                    {
                        **row,
                        "actual": level + gap,
                        "counterfactual": level,
                        "gap": gap,
                        "in_window": at >= 2020,
                    }
                )
                clouds += [{**row, "region_code": d, "gap": rng.normal(0, 2)} for d in DONORS]
            primary = method == "demeaned_synthetic_control"
            estimates.append(
                {
                    "outcome": outcome,
                    "method": method,
                    "pool": "all",
                    "first_year": first,
                    "effect_persons": effect + 50 * METHODS.index(method),
                    "low": low,
                    "high": high,
                    "true_level": 19 / 21,
                    "setting_unit": "09",
                    "low_without": low + 10,
                    "high_without": high - 10,
                    "p_value": p,
                    "smallest_p": 1 / 21,
                    "rank": 13,
                    "n": 21,
                    "mde_persons": 1888.0,
                    "mde_households": 1180.0,
                    "pseudo_effect_persons": -159.0,
                    "pre_rmse": 1.1,
                    "primary": primary,
                    "equivalent": primary or method == "synthetic_control",
                }
            )
            if method != "difference_in_differences":
                names = [("24", "Västerbotten", 0.5), ("17", "Värmland", 0.3), ("21", "Gävleborg", 0.2)]
                weights += [
                    {
                        "outcome": outcome,
                        "method": method,
                        "pool": "all",
                        "region_code": c,
                        "region_name": n,
                        "weight": w,
                    }
                    for c, n, w in names
                ]
            for pool in ("all", "no_metropolitan", "sparsely_populated"):
                for start in (first, 2010):
                    for covid in (False, True):
                        middle = effect + rng.normal(0, 300)
                        curve.append(
                            {
                                "outcome": outcome,
                                "method": method,
                                "pool": pool,
                                "first_year": start,
                                "without_covid": covid,
                                "effect_persons": middle,
                                "low": middle - 900,
                                "high": middle + 900,
                                "p_value": p,
                                "primary": primary and pool == "all" and start == first and not covid,
                                "equivalent": pool == "all" and not covid,
                            }
                        )
    base = pd.DataFrame(
        {
            "first_year": [2010, 2010, 2015],
            "last_year": [2014, 2019, 2019],
            "base_mean": [195.0, 513.0, 831.0],
            "window_mean": [769.0] * 3,
            "change": [574.0, 256.0, -62.0],
        }
    )
    rivals = pd.DataFrame(
        {
            "event": ["rise_before", "selection"],
            "first_year": pd.array([2017, None], dtype="Int64"),
            "last_year": pd.array([2019, None], dtype="Int64"),
            "expected_sign": [1, 1],
            "size": pd.array([None, None], dtype="Int64"),
            "check": ["placebo_in_time", "survey"],
            "value": [-159.0, np.nan],
            "reference": [406.0, np.nan],
            "unit": ["moves", "moves"],
            "checked": [True, False],
            "reason": [None, "needs_survey"],
        }
    )
    return {
        "gaps": pd.DataFrame(gaps),
        "placebo_gaps": pd.DataFrame(clouds),
        "estimates": pd.DataFrame(estimates),
        "weights": pd.DataFrame(weights),
        "municipality_effects": _municipality_effects(),
        "specifications": pd.DataFrame(curve),
        "base_periods": base,
        "rivals": rivals,
    }


def _municipality_effects() -> pd.DataFrame:
    from attraktiv_eval.project import Project

    municipalities = list(Project.load().region.municipalities)
    effects = np.linspace(-180, 240, len(municipalities))
    return pd.DataFrame(
        {
            "outcome": "in_moves",
            "method": "difference_in_differences",
            "municipality_code": municipalities,
            "effect_persons": effects,
            "low": effects - 210.4,
            "high": effects + 210.4,
            "true_level": 0.9011,
            "setting_unit": "0125",
            "setting_name": "Ekerö",
            "low_without": effects - 200.4,
            "high_without": effects + 200.4,
            "p_value": np.where(np.abs(effects) > 210.4, 0.05, 0.4),
            "smallest_p": 1 / 283,
            "n": 282,
            "told_apart": np.abs(effects) > 210.4,
        }
    )


def _verdicts(tables: dict[str, pd.DataFrame]) -> dict[str, dict[int, object]]:
    """The verdicts of the invented figures, by the real rules."""
    from attraktiv_eval.findings import Level3, verdicts

    rows = tables["goals"].set_index("goal")
    counts = {
        goal: SimpleNamespace(target=GOALS[goal], known=int(row["known"]), unknown=int(row["unknown"]))
        for goal, row in rows.iterrows()
    }
    contributions = {
        goal: SimpleNamespace(
            applies=True,
            reason=None,
            has_survey=True,
            low=float(row["l2_low"]),
            high=float(row["l2_high"]),
            high_bound=float(row["l2_high_bound"]),
        )
        for goal, row in rows.iterrows()
        if row["l2_low"] == row["l2_low"]
    }
    one = rows.loc["households"]
    level3 = Level3(
        float(one["l3_effect"]), float(one["l3_low"]), float(one["l3_high"]), float(one["mde_low"])
    )
    return verdicts(counts, contributions, {"households": level3})
