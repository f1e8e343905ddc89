"""What is true of the example records: level 1 by year, and what level 2 should find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from attraktiv_eval.assumptions import Assumptions
from scripts.example_records.dirt import Dirt
from scripts.example_records.world import CLOSED, World

__all__ = ["contributed", "truth_of"]


def truth_of(world: World, dirt: Dirt, seed: int) -> dict[str, Any]:
    """Return the truth of a world as plain numbers."""
    movers = [one for one in world.households if one.fate == "moved"]
    hired = [one for one in world.companies if one.hires]
    years = Counter(one.moved_in.year for one in movers if one.moved_in)
    hire_years = Counter(one.first_hire.year for one in hired if one.first_hire)
    fates = Counter(one.fate for one in world.households)
    return {
        "invented": True,
        "seed": seed,
        "households": {
            "reached": len(world.households),
            "reached_by_year": _by_year(Counter(one.contacts[0].year for one in world.households)),
            "moved_in": len(movers),
            "moved_in_by_year": _by_year(years),
            "unknown": fates["unknown"],
            "not_moved": fates["no"],
            "counted_apart": {key: fates[key] for key in ("before_contact", "inside_county", "out_again")},
        },
        "companies": {
            "reached": len(world.companies) + dirt.planted["near_namesake"][0],
            "hired": len(hired),
            "hired_by_year": _by_year(hire_years),
            "met_a_candidate": sum(1 for one in world.companies if one.candidates),
            "hires": sum(one.hires for one in hired),
        },
        "level2": {
            "households": _parts(movers, world.causes, "households", _retention(movers)),
            "companies": _parts(hired, world.causes, "companies", _stayed(hired)),
        },
        "dirt": {kind: {"planted": n, "shows_as": place} for kind, (n, place) in dirt.planted.items()},
    }


def _by_year(counts: Counter) -> dict[str, int]:
    return {str(year): counts[year] for year in (2020, 2021, 2022)}


def _retention(movers: list) -> float:
    """Return the true share of those still there after 3 months that are there after 12, where seen."""
    seen = [one for one in movers if (CLOSED - one.moved_in).days > 375]
    gone = [one for one in seen if one.left and (one.left - one.moved_in).days <= 365]
    return round(1 - len(gone) / len(seen), 6)


def _stayed(hired: list) -> float:
    """Return the share of hires still employed after 12 months, where that is known."""
    known = [one for one in hired if one.stayed in ("yes", "no")]
    return round(sum(one.stayed == "yes" for one in known) / len(known), 6)


def _parts(who: list, causes: Mapping[str, float], goal: str, retention: float | None) -> dict[str, Any]:
    """Return the numbers that the true contribution is made of.

    ``answered`` and ``all`` count by step and number of other projects, as ``"step/others"``; the ranks say
    where between low and high the truth lies, as a share of the triangular distribution.
    """
    local = [one for one in who if goal == "companies" and one.local in ("yes", "no")]
    return {
        "answered": _cross([one for one in who if one.answered]),
        "all": _cross(who),
        "retention": retention,
        "share_already_local": round(sum(one.local == "yes" for one in local) / len(local), 6)
        if local
        else None,
        **{key.removesuffix(f"_{goal}"): value for key, value in causes.items() if key.endswith(goal)},
    }


def _cross(who: list) -> dict[str, int]:
    counts = Counter(f"{one.step}/{one.others}" for one in who)
    return {key: counts[key] for key in sorted(counts)}


def _triangular(rank: float, low: float, mode: float, high: float) -> float:
    from scipy.stats import triang

    if high == low:
        return mode
    return float(triang.ppf(rank, (mode - low) / (high - low), loc=low, scale=high - low))


def contributed(truth: Mapping[str, Any], goal: str, assumptions: Assumptions | None = None) -> float:
    """Return the true number that would not have come, or hired, otherwise: the expected value of level 2.

    Parameters
    ----------
    truth : mapping
        As :func:`write_example` returns it.
    goal : str
        ``households`` or ``companies``.

    Notes
    -----
    The formula of METHODS, level 2, with each uncertain quantity at the place that was drawn for it: the
    probabilities, the unanswered's share and the credit to other projects at their ranks, and the true mix of
    steps among those who did not answer instead of the answered mix.
    """
    stated = assumptions or Assumptions.load()
    parts = truth["level2"][goal]
    stem = "would_not_have_moved" if goal == "households" else "would_not_have_hired"
    probability = {}
    for step in range(1, 6):
        one = stated[f"{stem}_{step}"]
        probability[step] = _triangular(parts["probability_rank"], one.low, one.value, one.high)

    def worth(cell: str) -> float:
        step, others = (int(part) for part in cell.split("/"))
        least = 1 / (1 + others)
        credit = _triangular(parts["credit_rank"], least, (1 + least) / 2, 1.0) if others else 1.0
        return probability[step] * credit

    answered, every = parts["answered"], parts["all"]
    known = sum(n * worth(cell) for cell, n in answered.items())
    mean = sum(n * worth(cell) for cell, n in every.items()) / sum(every.values())
    silent = sum(every.values()) - sum(answered.values())
    share = _triangular(parts["unanswered_rank"], 0.0, 0.5, 1.0)
    total = known + silent * share * mean
    total *= 1 if parts["retention"] is None else parts["retention"]
    return total * (1 - (parts["share_already_local"] or 0.0))
