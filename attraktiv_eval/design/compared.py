"""What each design of a coming project could see: the smallest effect and the power at the goal.

Every number on official statistics comes from windows of the past in which no such project ran. In each,
every region is put in the project's place and its deviation t = A / s* is measured as level 3 does. What a
coming project must be told apart from is that spread, over all regions and all past windows ("random
windows"), brought to its own size.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attraktiv_eval import regions, resources
from attraktiv_eval.assumptions import as_number
from attraktiv_eval.counterfactual.estimate import unit_gaps
from attraktiv_eval.counterfactual.inference.placebos import LEVEL, critical_rank, floor_of, measure
from attraktiv_eval.counterfactual.power import POWER
from attraktiv_eval.errors import DesignError, ParameterError, SourceError
from attraktiv_eval.statistics.outcomes import MOVES, Outcome

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "METHODS_COMPARED",
    "STRAYED",
    "Compared",
    "Request",
    "Sight",
    "Windows",
    "compare_designs",
    "compare_for_notebook",
    "contacts_for",
    "lottery_sight",
    "past_windows",
    "power_at",
    "read_request",
    "smallest_effect",
    "statistics_sight",
]

#: The methods whose range is shown; the one with the smallest pretended effects is taken.
METHODS_COMPARED = ("synthetic_control", "demeaned_synthetic_control", "difference_in_differences")
#: The one method for hundreds of municipalities in many windows.
METHOD_OF_MUNICIPALITIES = "demeaned_synthetic_control"
FEWEST_BEFORE = 6  # years that a window of the past must have before it
FEWEST_WINDOWS = 3  # of the past, below which a spread says nothing
MUNICIPAL_WINDOWS = 6  # the newest ones: 290 municipalities in each
DRAWS = 4000
SEED = 20200101
SEVERAL = (5, 10)  # regions that run the same project
WAVES = 3  # starts of a staggered project, one year apart
LONGEST = 10  # years
#: By how many times at most the finished window's smallest effect was above or below the promised one, in 80
#: of 100 past pseudo-projects of so many years: docs/decisions/0012-promise-of-three-years.md.
STRAYED = {1: 1.06, 2: 1.15, 3: 1.28}


@dataclass(frozen=True)
class Request:
    """What is known before a project: where, when, what is promised, how many contacts, how much money.

    Attributes
    ----------
    regions : tuple of str
        County codes, each once.
    first, last : int
        The project's years.
    goal : int
        Households that the project is to bring, all regions and years together.
    contacts : int
        Households that it expects to be in contact with; 0 where none are counted.
    budget : int or None
        SEK.
    moves_anyway : float
        The share of contacts that would move without the project: an assumption.
    share : float
        The share of contacts that a draw would serve first.
    """

    regions: tuple[str, ...]
    first: int
    last: int
    goal: int
    contacts: int = 0
    budget: int | None = None
    moves_anyway: float = 0.12
    share: float = 0.5

    def __post_init__(self) -> None:
        if not self.regions:
            raise ParameterError("no region is given", remedy="give --region 23, once for each county")
        for code in self.regions:
            if code not in regions.COUNTIES:
                raise ParameterError(
                    f"{code!r} is no county code",
                    remedy=f"give one of {', '.join(regions.COUNTIES)}, with both digits",
                )
            if self.regions.count(code) > 1:
                raise ParameterError(f"county {code} is given twice", remedy="give it once")
        if len(self.regions) > len(regions.COUNTIES) // 2:
            raise ParameterError(
                "more than half of the counties are in the project",
                remedy="leave at least half of them to compare with",
            )
        for name, year in (("first year", self.first), ("last year", self.last)):
            if not 1990 <= year <= 2100:
                raise ParameterError(f"the {name} is {year}", remedy="write the years as 2027-2029")
        if not 0 <= self.last - self.first < LONGEST:
            raise ParameterError(
                f"{self.first}-{self.last} are no years of a project",
                remedy=f"give the first year before the last one, at most {LONGEST} years in all",
            )
        _at_least(self.goal, 1, "goal", "households")
        _at_least(self.contacts, 0, "contacts", "households")
        if self.budget is not None:
            _at_least(self.budget, 1, "budget", "SEK")
        for name, part in (("moves-anyway", self.moves_anyway), ("share", self.share)):
            if not 0 < part < 1:
                raise ParameterError(
                    f"--{name} {part:g} is no share between 0 and 1", remedy="write 0.12 for 12 of 100"
                )

    @property
    def years(self) -> int:
        """How many years the project lasts."""
        return self.last - self.first + 1


def read_request(
    codes: Sequence[str],
    years: str,
    goal: str,
    contacts: int | str = 0,
    budget: int | str | None = None,
    moves_anyway: float | str | None = None,
) -> Request:
    """Return the request that flags or a notebook's parameters make.

    Parameters
    ----------
    codes : sequence of str
        County codes, or names.
    years : str
        As ``2027-2029``, or one year.
    goal : str
        As ``400`` or ``households=400``.
    contacts, budget : int or str
        Whole numbers, also as typed: ``22 000 000``.
    moves_anyway : float or str, optional
        Also as typed: ``0,12`` or ``12 %``. Default: the stated assumption in ``data/design.toml``.

    Raises
    ------
    ParameterError
        If one of them says nothing that can be planned for.
    """
    found = re.fullmatch(r"\s*(\d{4})\s*(?:[-–]\s*(\d{4})\s*)?", years)
    if not found:
        raise ParameterError(f"--years {years!r} are no years", remedy="write them as 2027-2029")
    kind, _, amount = goal.rpartition("=")
    if kind.strip() not in ("", "households") or not re.fullmatch(r"\s*[0-9]{1,9}\s*", amount):
        raise ParameterError(
            f"--goal {goal!r} is no number of households",
            remedy="write it as 400: only moves can be planned for",
        )
    if moves_anyway is None:
        told = resources.read_toml(resources.find("data/design.toml"))["moves_anyway"]
        moves_anyway = float(told["value"])
    first = int(found[1])
    return Request(
        tuple(regions.code_of(code.strip(), regions.COUNTIES) for code in codes),
        first,
        int(found[2] or first),
        int(amount),
        _whole("contacts", contacts),
        None if budget is None else _whole("budget", budget),
        as_number("--moves-anyway", moves_anyway),
    )


def _whole(name: str, typed: int | str) -> int:
    """Return a whole number as it was typed. A comma may part thousands or decimals: neither is guessed."""
    text = re.sub(r"\s", "", str(typed))
    if not re.fullmatch(r"[-−]?[0-9]{1,13}", text):
        raise ParameterError(f"--{name} {typed!r} is no whole number", remedy="write it as 22000000")
    return int(text.replace("−", "-"))


def _at_least(value: int, least: int, name: str, unit: str) -> None:
    if not least <= value <= 10**12:
        raise ParameterError(f"--{name} {value} is no number of {unit}", remedy=f"give {least} or more")


# --- What chance gives: windows of the past


@dataclass(frozen=True)
class Windows:
    """Every region in the project's place, in every window of the past.

    Attributes
    ----------
    starts : tuple of int
        First years of the windows, rising.
    units : tuple of str
        Regions without a hole in the years used.
    effects : array, shape (starts, units)
        A, the mean gap over the window, per 1,000 inhabitants and year.
    scales : array, shape (starts, units)
        s*, how far the gap strayed before the window, raised to the common floor.
    """

    method: str
    length: int
    starts: tuple[int, ...]
    units: tuple[str, ...]
    effects: np.ndarray
    scales: np.ndarray

    @property
    def t(self) -> np.ndarray:
        """A / s*, shape (starts, units)."""
        return self.effects / self.scales

    @property
    def error(self) -> float:
        """The root mean square of A: what the rule for the method compares."""
        return float(np.sqrt(np.mean(self.effects**2)))

    def scale_of(self, unit: str) -> float:
        """Return s* of a region in the newest window."""
        return float(self.scales[-1, self.units.index(unit)])


def past_windows(
    rates: pd.DataFrame, length: int, method: str, needed: Sequence[str] = (), most: int | None = None
) -> Windows:
    """Put every region in the project's place in every past window of a length.

    Parameters
    ----------
    rates : DataFrame, year x region
        Its last run of years without a hole for the needed regions is used; other regions with a hole in it
        are left out.
    length : int
        Years of a window.
    method : str
        A name in ``METHODS``.
    needed : sequence of str
        Regions that must be there.
    most : int, optional
        So many of the newest windows.

    Raises
    ------
    DesignError
        If the figures do not reach for three windows with six years before each.
    """
    table = _without_holes(rates, needed)
    years = [int(year) for year in table.index]
    starts = [year for year in years[FEWEST_BEFORE:] if year + length - 1 <= years[-1]]
    starts = starts[-most:] if most else starts
    if len(starts) < FEWEST_WINDOWS or table.shape[1] < 5:
        raise DesignError(
            f"{len(years)} years hold {len(starts)} past windows of {length} years, of {FEWEST_WINDOWS} that "
            "are needed",
            remedy="fetch a longer series, or plan a shorter project",
        )
    effects, scales = [], []
    for start in starts:
        past = table.loc[: start + length - 1]
        before = np.asarray(past.index < start)
        gaps = unit_gaps(past.to_numpy(dtype=float), range(past.shape[1]), before, ~before, method)
        found = measure(gaps, before, ~before, method)
        floor = floor_of(found.scale)
        if floor <= 0:
            raise DesignError("the past shows no spread", remedy="check the figures")
        effects.append(found.effect)
        scales.append(np.maximum(found.scale, floor))
    return Windows(
        method, length, tuple(starts), tuple(map(str, table.columns)), np.array(effects), np.array(scales)
    )


def _without_holes(rates: pd.DataFrame, needed: Sequence[str]) -> pd.DataFrame:
    lacking = [code for code in needed if code not in rates.columns]
    if lacking:
        raise DesignError(f"no figures for {', '.join(lacking)}", remedy="fetch them, or leave it out")
    table = rates.sort_index()
    whole = table[list(needed)].notna().all(axis=1) if needed else table.notna().any(axis=1)
    run: list[int] = []
    for year in table.index[whole][::-1]:
        if run and int(year) != run[-1] - 1:
            break
        run.append(int(year))
    return table.loc[sorted(run)].dropna(axis=1)


def smallest_effect(noise: np.ndarray, level: float = LEVEL, power: float = POWER) -> float:
    """Return the smallest effect >= 0 that is told apart from chance in a share of cases.

    Parameters
    ----------
    noise : array, shape (draws,)
        What is seen where nothing was done, in the effect's unit.

    Returns
    -------
    float
        Infinite where there are too few draws for the level.

    Notes
    -----
    As :func:`attraktiv_eval.counterfactual.power.minimum_detectable_effect`, over many draws.
    """
    border = _border(noise, level)
    if not math.isfinite(border):
        return math.inf
    ordered, slack = np.sort(noise), 1e-9 * max(border, 1e-300)
    deltas = np.unique(np.concatenate([[0.0], border - noise, -border - noise]))
    deltas = deltas[deltas >= 0]
    above = len(noise) - np.searchsorted(ordered, border - deltas - slack, side="left")
    below = np.searchsorted(ordered, -border - deltas - slack, side="left")
    enough = deltas[above + below >= math.ceil(power * len(noise) - 1e-9)]
    return float(enough[0]) if len(enough) else math.inf


def power_at(noise: np.ndarray, effect: float, level: float = LEVEL) -> float:
    """Return the share of cases in which an effect of this size is told apart from chance."""
    border = _border(noise, level)
    return float(np.mean(np.abs(noise + effect) > border)) if math.isfinite(border) else 0.0


def _border(noise: np.ndarray, level: float) -> float:
    rank = critical_rank(level, len(noise))
    return float(np.sort(np.abs(noise))[rank - 1]) if rank <= len(noise) else math.inf


# --- One design


@dataclass(frozen=True)
class Sight:
    """What one design sees, in households of the whole project.

    Attributes
    ----------
    id : str
        An entry of ``data/design.toml``.
    what : str
        The outcome's id, or how many regions; empty where the design has no such choice.
    value : float or None
        The smallest effect that is found in 80 of 100 cases; None where the design tests nothing.
    low, high : float or None
        Its range: over the methods for statistics, over the assumed share of movers for a draw.
    power : float or None
        The share of cases in which an effect of the goal's size is found.
    method : str
        The method that ``value`` is of; empty for a draw.
    windows : tuple of int
        First years of the oldest and newest past window.
    reason : str
        Why the design cannot be judged; empty where it can.
    """

    id: str
    what: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    power: float | None = None
    method: str = ""
    windows: tuple[int, int] | tuple[()] = ()
    reason: str = ""
    draws: int = 0

    @property
    def sees(self) -> bool:
        """Whether it would find an effect of the goal's size in 80 of 100 cases."""
        return self.power is not None and self.power >= POWER


def statistics_sight(
    rates: pd.DataFrame,
    inhabitants: pd.Series,
    codes: Sequence[str],
    length: int,
    goal: float,
    per_household: float,
    *,
    kind: str = "county",
    regions_in_all: int | None = None,
    methods: Sequence[str] = METHODS_COMPARED,
    stock: bool = False,
    most: int | None = None,
    what: str = "",
) -> Sight:
    """Return what a comparison of regions sees.

    Parameters
    ----------
    rates : DataFrame, year x region
        Per 1,000 inhabitants and year.
    inhabitants : Series by region
        The latest count.
    codes : sequence of str
        The project's regions, compared in the same years.
    length : int
        Years of the project.
    goal : float
        Households that the project promises, all its regions together.
    per_household : float
        Persons, or moves, that make a household.
    kind : {"county", "several", "staggered", "municipalities"}
        ``several``: as many regions as ``regions_in_all``, each like the project's own, in the same years;
        ``staggered``: the same in three waves one year apart.
    stock : bool
        Whether the outcome stands at a point of time, so that its years are averaged.
    """
    every = [past_windows(rates, length, method, codes, most) for method in methods]
    if inhabitants.reindex(list(codes)).isna().any():
        raise DesignError("the inhabitants of a region are missing", remedy="fetch them")
    if 2 * (regions_in_all or 1) > len(every[0].units):
        raise DesignError(
            f"{regions_in_all} regions leave too few of {len(every[0].units)} to compare with",
            remedy="plan for fewer regions",
        )
    best = min(range(len(every)), key=lambda at: every[at].error)
    years = 1 if stock else length
    noises = []
    for one in every:
        worth = [
            one.scale_of(code) * float(inhabitants[code]) * years / 1000 / per_household for code in codes
        ]
        noises.append(_noise(one, worth, kind, regions_in_all))
    values = [smallest_effect(noise) for noise in noises]
    return Sight(
        kind,
        what,
        values[best],
        min(values),
        max(values),
        power_at(noises[best], goal),
        every[best].method,
        (every[best].starts[0], every[best].starts[-1]),
        draws=len(noises[best]),
    )


def _noise(windows: Windows, worth: list[float], kind: str, regions_in_all: int | None) -> np.ndarray:
    """Return what chance gives the project's regions together, in households."""
    t = windows.t
    if kind == "municipalities":
        return _municipal_noise(windows, worth)
    if len(worth) == 1 and kind == "county":
        return worth[0] * t.ravel()
    rng = np.random.default_rng(SEED)
    many = regions_in_all or len(worth)
    waves = min(WAVES, len(windows.starts)) if kind == "staggered" else 1
    window = rng.integers(0, len(windows.starts) - waves + 1, DRAWS)
    units = rng.permuted(np.tile(np.arange(t.shape[1]), (DRAWS, 1)), axis=1)[:, :many]
    wave = np.arange(many) % waves
    drawn = t[window[:, None] + wave[None, :], units]
    own = np.resize(np.asarray(worth), many)
    # The project's own regions share the goal; more regions like them make the mean of it surer.
    return (drawn * own).sum(axis=1) * len(worth) / many


def _municipal_noise(windows: Windows, worth: list[float]) -> np.ndarray:
    """Return the wider of two spreads: municipalities drawn at random, and those of a real county."""
    rng = np.random.default_rng(SEED)
    t, many = windows.t, len(worth)
    window = rng.integers(0, len(windows.starts), DRAWS)
    units = np.array([rng.choice(t.shape[1], many, replace=False) for _ in range(DRAWS)])
    random = (t[window[:, None], units] * np.asarray(worth)).sum(axis=1)
    counties: dict[str, list[int]] = {}
    for place, code in enumerate(windows.units):
        counties.setdefault(code[:2], []).append(place)
    real = []
    for places in counties.values():
        # as many as the project has: a larger county is drawn from, a smaller one is repeated
        for row in t:
            chosen = rng.choice(places, many, replace=len(places) < many)
            real.append(float((row[chosen] * np.asarray(worth)).sum()))
    groups = np.array(real)
    return max((random, groups), key=smallest_effect)


def lottery_sight(
    contacts: int,
    goal: float,
    moves_anyway: float,
    share: float = 0.5,
    *,
    around: tuple[float, float] | None = None,
    refuse: float = 0.0,
) -> Sight:
    """Return what a draw among contacts sees, as the effect on all contacts when each is served.

    Parameters
    ----------
    contacts : int
    goal : float
        Households that the project promises.
    moves_anyway : float
        Share of contacts that move without the project.
    share : float
        Share that is drawn to be served first.
    around : (float, float), optional
        The lowest and highest share of movers that is thinkable; the range is over them.
    refuse : float
        Share of those drawn that do not take it up: it thins the effect of the offer.

    Notes
    -----
    A difference of two shares, two-sided at 10 %, power 80 %, with each share's own variance. The effect
    among those who take it up is told: that of the offer, divided by the share that takes it up.
    """

    def smallest(base: float) -> float:
        return _lottery_smallest(contacts, base, share, refuse)

    ends = [smallest(base) for base in (*(around or ()), moves_anyway)]
    value = ends[-1]
    error = _lottery_error(contacts, moves_anyway, min(1.0, moves_anyway + goal / contacts), share)
    reachable = goal / contacts <= 1 - moves_anyway
    shown = _normal_power(goal / contacts * (1 - refuse) / error) if reachable else 0.0
    return Sight("lottery", "", value, min(ends), max(ends), shown)


def _lottery_error(contacts: int, base: float, treated: float, share: float) -> float:
    served = max(1.0, contacts * share)
    waiting = max(1.0, contacts - served)
    return math.sqrt(treated * (1 - treated) / served + base * (1 - base) / waiting)


def _lottery_smallest(contacts: int, base: float, share: float, refuse: float = 0.0) -> float:
    """Return the smallest effect on all contacts, in households; infinite where none could be seen."""
    from scipy.special import ndtri

    factor = float(ndtri(0.5 + LEVEL / 2) + ndtri(POWER))
    effect = 0.0
    for _round in range(60):
        step = factor * _lottery_error(contacts, base, min(1.0, base + effect), share)
        if abs(step - effect) < 1e-12:
            break
        effect = step
    effect /= 1 - refuse
    return contacts * effect if effect <= 1 - base else math.inf


def _normal_power(z: float) -> float:
    from scipy.special import ndtr, ndtri

    border = float(ndtri(0.5 + LEVEL / 2))
    return float(ndtr(z - border) + ndtr(-z - border))


def contacts_for(goal: float, moves_anyway: float, share: float = 0.5) -> tuple[int, int]:
    """Return the fewest and the most contacts among whom a draw sees an effect of the goal's size.

    With fewer there are not enough households who would not come anyway; with more the same number of
    households drowns among those who come anyway.
    """
    least = math.ceil(goal / (1 - moves_anyway) - 1e-9)
    while _lottery_smallest(least, moves_anyway, share) > goal and least < 2 * goal + 50:
        least += 1
    if _lottery_smallest(least, moves_anyway, share) > goal:
        return 0, 0
    low, high = least, least
    while _lottery_smallest(high, moves_anyway, share) <= goal and high < 10**9:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _lottery_smallest(middle, moves_anyway, share) <= goal:
            low = middle
        else:
            high = middle
    return least, low


# --- All designs beside one another


@dataclass(frozen=True)
class Compared:
    """Every design for one request, the statistics' last year, and what the numbers rest on.

    ``lacking`` holds the outcomes that cannot be compared, with the reason's id: not_held, control,
    other_unit, too_short.
    """

    request: Request
    sights: tuple[Sight, ...]
    lacking: dict[str, str]
    panel: Panel = field(repr=False, compare=False)
    per_household: tuple[float, float, float]
    moves_anyway_range: tuple[float, float]
    data_sha256: str

    @cached_property
    def outcome(self) -> str:
        """The outcome that the goal names best among those held."""
        return next((one.what for one in self.sights if one.id == "county" and one.value is not None), "")

    @property
    def county(self) -> Sight | None:
        """What the county's own statistics see on the outcome that the goal names."""
        return next((one for one in self.sights if one.id == "county" and one.what == self.outcome), None)

    @property
    def contacts_needed(self) -> tuple[int, int]:
        """The fewest and most contacts among whom a draw would see the goal."""
        return contacts_for(self.request.goal, self.request.moves_anyway, self.request.share)

    def outcome_label(self, id: str, language: str) -> str:
        """Return an outcome's words."""
        return self.panel.defined[id].label(language) if id in self.panel.defined else id

    def table(self) -> pd.DataFrame:
        """Return one row a design: id, what, smallest effect with its range, power at the goal, method."""
        import pandas as pd

        names = ("id", "what", "value", "low", "high", "power", "method", "reason")
        return pd.DataFrame([{name: getattr(one, name) for name in names} for one in self.sights])


def compare_designs(
    request: Request, panel: Panel | None = None, assumptions: Assumptions | None = None
) -> Compared:
    """Return the smallest effect and the power at the goal of every design.

    Parameters
    ----------
    request : Request
    panel : Panel, optional
        Official statistics; default those shipped.
    assumptions : Assumptions, optional
        Persons per moving household is taken from them.

    Raises
    ------
    SourceError
        If no outcome of the goal reaches for a comparison of counties.

    Notes
    -----
    No figure of the project's own years is used, even where it is there: asked again later, the page is the
    same.
    """
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.level3.plan import data_digest
    from attraktiv_eval.statistics.panel import Panel

    panel = panel or Panel.load()
    stated = (assumptions or Assumptions.load())["persons_per_moving_household"]
    around = _share_around(request.moves_anyway)
    sights, lacking = _county_sights(request, panel, stated.value)
    if not sights:
        raise SourceError(
            "no outcome on moves reaches for three past windows of the project's length",
            remedy="fetch a longer series with attraktiv-eval fetch, or plan a shorter project",
        )
    primary = sights[0].what
    sights += [_municipal_sight(request, panel, stated.value)]
    sights += _several_sights(request, panel, primary, stated.value)
    if request.contacts >= 4:
        sights.append(
            lottery_sight(request.contacts, request.goal, request.moves_anyway, request.share, around=around)
        )
    else:
        sights.append(Sight("lottery", reason="no_contacts"))
    sights.append(Sight("survey", reason="no_test"))
    names = [one.what for one in sights if one.id == "county"]
    last = min(request.first - 1, max(int(panel.series[name, "county"].index.max()) for name in names))
    return Compared(
        request,
        tuple(sights),
        lacking,
        panel,
        (stated.low, stated.value, stated.high),
        around,
        data_digest(panel, last, names),
    )


def compare_for_notebook(
    region: str | int,
    years: str,
    goal: str,
    contacts: int = 0,
    budget: int = 0,
    moves_anyway: float | None = None,
    statistics: str = "",
) -> Compared:
    """Return :func:`compare_designs` of a notebook's parameters, as papermill passes them.

    Parameters
    ----------
    region : str
        County codes with a comma between them.
    budget : int
        0 where none is known.
    statistics : str
        A folder; empty for the shipped statistics.

    Raises
    ------
    ParameterError, SourceError
        As :func:`read_request` and :func:`compare_designs` do.
    """
    from pathlib import Path

    from attraktiv_eval.statistics.panel import Panel

    if isinstance(region, int) and region < 10:
        raise ParameterError(
            f"the county code {region} lost its first zero", remedy=f"pass it as text: -r region 0{region}"
        )
    asked = read_request(
        str(region).split(","), str(years), str(goal), contacts, budget or None, moves_anyway
    )
    return compare_designs(asked, Panel.load(Path(statistics) if statistics else None))


def _share_around(base: float) -> tuple[float, float]:
    told = resources.read_toml(resources.find("data/design.toml"))["moves_anyway"]
    return min(base, float(told["low"])), max(base, float(told["high"]))


def _per_household(outcome: Outcome, persons: float) -> float:
    return persons if outcome.unit == MOVES else 1.0


def _figures(panel: Panel, outcome: str, level: Any, first: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return an outcome's rates and the latest inhabitants, nothing later than the year before a project."""
    try:
        rates = panel.rate(outcome, level, until=first - 1)
        return rates, panel.base(outcome, level, until=first - 1).ffill().iloc[-1]
    except SourceError as error:
        raise DesignError(error.message, remedy=error.remedy) from None


def _county_sights(request: Request, panel: Panel, persons: float) -> tuple[list[Sight], dict[str, str]]:
    """Return the sight of every outcome on households, the one that the goal names best first."""
    first = list(panel.defined.best_first("households"))
    order = [*first, *(id for id in panel.defined if id not in first)]
    sights, lacking = [], {}
    for id in order:
        outcome = panel.defined[id]
        if outcome.role == "negative_control":
            lacking[id] = "control"
        elif outcome.goal != "households" or not outcome.per_inhabitant:
            lacking[id] = "other_unit"
        elif (id, "county") not in panel.series:
            lacking[id] = "not_held"
        else:
            try:
                sights.append(
                    statistics_sight(
                        *_figures(panel, id, "county", request.first),
                        request.regions,
                        request.years,
                        request.goal,
                        _per_household(outcome, persons),
                        stock=outcome.stock,
                        what=id,
                    )
                )
            except DesignError:
                lacking[id] = "too_short"
    return sights, lacking


def _municipal_sight(request: Request, panel: Panel, persons: float) -> Sight:
    wanted = [
        id
        for id in panel.defined.best_first("households")
        if (id, "municipality") in panel.series and panel.defined[id].unit == MOVES
    ]
    if not wanted:
        return Sight("municipalities", reason="not_held")
    id = wanted[0]
    try:
        rates, inhabitants = _figures(panel, id, "municipality", request.first)
        codes = [str(code) for code in rates.columns if str(code)[:2] in request.regions]
        return statistics_sight(
            rates,
            inhabitants,
            codes,
            request.years,
            request.goal,
            persons,
            kind="municipalities",
            methods=(METHOD_OF_MUNICIPALITIES,),
            most=MUNICIPAL_WINDOWS,
            what=id,
        )
    except DesignError:
        return Sight("municipalities", id, reason="too_short")


def _several_sights(request: Request, panel: Panel, outcome: str, persons: float) -> list[Sight]:
    sights = []
    of = panel.defined[outcome]
    figures = _figures(panel, outcome, "county", request.first)
    for kind in ("several", "staggered"):
        for many in SEVERAL:
            if many <= len(request.regions):
                continue
            try:
                one = statistics_sight(
                    *figures,
                    request.regions,
                    request.years,
                    request.goal,
                    _per_household(of, persons),
                    kind=kind,
                    regions_in_all=many,
                    stock=of.stock,
                )
            except DesignError:
                one = Sight(kind, reason="too_few")
            sights.append(replace(one, what=str(many)))
    return sights
