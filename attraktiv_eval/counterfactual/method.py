"""What a method is: its name in each language, its arithmetic, and what its intervals are worth."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.errors import DesignError, SourceError, one_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = [
    "FURTHER_SETTINGS",
    "GOAL",
    "SETTINGS",
    "Method",
    "coverage_is_known",
    "coverage_note",
    "method_name",
    "method_of",
    "methods",
    "missed_coverage",
    "quick_methods",
    "recorded_coverage",
    "recorded_scale_race",
    "shown_methods",
]


@dataclass(frozen=True, eq=False)
class Method:
    """A method of level 3. Called, it takes an outcome (period x unit) and a design, and returns an estimate.

    It is the ``METHOD`` of a file in ``counterfactual/estimators`` that has its name, and is found there. How
    it is treated in every other room is read from it: none keeps a list of methods.

    Attributes
    ----------
    name : str
    labels : mapping of language to str
        What it is called in the reports, ``sv`` and ``en``.
    estimate : callable
        ``estimate(outcome, design, **options) -> Estimate``; its docstring is the method's.
    kernel : callable
        Its arithmetic on arrays. One that takes ``positions`` reads neighbouring periods.
    place : int
        Where it stands in lists of methods: smaller first, then by name.
    slow : bool
        A fit takes more than some milliseconds, and placebos over hundreds of units minutes: it is not in the
        reports' specification curve nor used for municipalities, and the explore panel shows its gap first.
    shown : bool
        Every report shows it beside the primary method.
    convex : bool
        Its weights are the optimum of a convex problem, and its fits carry the certificate.
    gap_from_mean : bool
        Its gap before is measured from its mean. False for a method whose gap is meant to be zero before, not
        merely flat: the gap is then measured from zero.
    lists_weights : bool
        Its weights are worth a table; those of a plain mean are not.
    conformal : bool
        Its fit with every period as before, the window too, is what a conformal interval asks for.
    forecasts : bool
        It has an interval of its own forecast, ``details["forecast_interval"]``, and placebos only in the
        primary cell of a specification curve: in each they would take too long.
    tuned_once : str or None
        The option, told in ``details``, that is chosen once for the treated unit and serves its placebos.
    every_unit : callable or None
        ``every_unit(X, before, window, n_treated=1, **options)`` gives the gaps of every column of X, each by
        all the others, as the kernel does one by one; None where it has no quicker way with these options.
    """

    name: str
    labels: Mapping[str, str]
    estimate: Callable[..., Any]
    kernel: Callable[..., Any]
    place: int = 1000
    slow: bool = False
    shown: bool = False
    convex: bool = False
    gap_from_mean: bool = True
    lists_weights: bool = True
    conformal: bool = False
    forecasts: bool = False
    tuned_once: str | None = None
    every_unit: Callable[..., np.ndarray | None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.estimate.__doc__)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Estimate by this method; several units with starts of their own are stacked."""
        if len(arguments) == 2 and getattr(arguments[1], "stacked", False):
            above = import_module("attraktiv_eval.counterfactual.staggered")  # stands above this one
            return above.stacked_estimate(self, *arguments, **options)
        return self.estimate(*arguments, **options)

    def __repr__(self) -> str:
        return f"<method {self.name}>"

    @cached_property
    def reads_neighbouring_periods(self) -> bool:
        """Whether its arithmetic must know of periods that are left out."""
        return "positions" in inspect.signature(self.kernel).parameters

    def timing(self, clock: Any) -> dict[str, Any]:
        """Return what its kernel must know of periods that are left out of a clock; nothing where none is."""
        if clock is None or clock.whole or not self.reads_neighbouring_periods:
            return {}
        return {"positions": clock.positions}

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The names of what may be passed on to it."""
        parameters = inspect.signature(self.estimate).parameters.values()
        return tuple(one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY)

    def check_options(self, given: Mapping[str, Any]) -> None:
        """Refuse options that the method does not have.

        Raises
        ------
        DesignError
        """
        unknown = [name for name in given if name not in self.options]
        if unknown:
            raise DesignError(
                f"{self.name} has no option {', '.join(unknown)}",
                remedy=f"leave it out, or {one_of(self.options, unknown[0])}"
                if self.options
                else "leave it out",
            )


def methods() -> dict[str, Method]:
    """Return every method by name; their files stand above this one and are loaded when first asked for."""
    found: dict[str, Method] = import_module("attraktiv_eval.counterfactual.estimators").METHODS
    return found


def method_of(name: Any) -> Method:
    """Return a method by name.

    Raises
    ------
    DesignError
        If there is no such method.
    """
    known = methods()
    if isinstance(name, str) and name in known:
        return known[name]
    raise DesignError(f"unknown method {name!r}", remedy=one_of(known, name))


def method_name(name: str, language: str) -> str:
    """Return the name of a method in words; an unknown id is returned as it is."""
    known = methods().get(name)
    return name if known is None else known.labels[language]


def quick_methods() -> tuple[str, ...]:
    """Return the names of the methods that may be asked of hundreds of units."""
    return tuple(name for name, method in methods().items() if not method.slow)


def shown_methods() -> tuple[str, ...]:
    """Return the names of the methods that every report shows beside the primary one."""
    return tuple(name for name, method in methods().items() if method.shown)


# --- How often a method's intervals hold the truth, on simulated panels in which the truth is nothing
#
# An effect added to the treated unit in the window moves estimate and interval by as much, by every method
# here, so an interval covers any constant effect as often as it covers zero; and it fails to cover zero as
# often as the test rejects.

#: equal_noise: every unit has the same noise, the treated one is drawn. own_noise: each county has its own,
#: the project's county is treated. regional_shock: the same, with a shock to the treated county and, half as
#: large, to its neighbours in every year of the window.
SETTINGS = ("equal_noise", "own_noise", "regional_shock")
#: What else is asked, each with the counties' own noise: 15 or 17 donors, drawn, in the place of 20; a
#: project that begins after a dip (the treated unit's own noise in the last year before is among its lowest
#: fifth); the calmest and the noisiest unit treated.
FURTHER_SETTINGS = ("fifteen_donors", "seventeen_donors", "after_dip", "calmest", "noisiest")


FILE = "data/validation/coverage.csv"
GOAL = (0.87, 0.93)  # for an interval of 90 %, in the first two settings
LEVEL = 0.90


@cache
def _held(method: str, interval: str) -> tuple[float, ...]:
    """Return the recorded coverage in the first two settings; empty where it was not tried in both."""
    try:
        table = recorded_coverage()
    except SourceError:
        return ()
    own = table[(table["method"] == method) & (table["interval"] == interval)]
    held = own.loc[own["setting"].isin(SETTINGS[:2]), "coverage"]
    return tuple(held) if len(held) == 2 else ()


def coverage_is_known(method: str, interval: str) -> bool:
    """Return whether a method's interval has been tried on simulated panels, in both first settings."""
    return bool(_held(method, interval))


def missed_coverage(method: str, interval: str) -> tuple[float, float] | None:
    """Return the lowest and highest recorded coverage where the goal is missed, else None.

    The goal, 87–93 % for an interval of 90 %, is set for the first two settings. None also where nothing is
    recorded: see :func:`coverage_is_known`.
    """
    held = _held(method, interval)
    if all(GOAL[0] <= one <= GOAL[1] for one in held):
        return None
    return float(min(held)), float(max(held))


def recorded_coverage() -> pd.DataFrame:
    """Return the coverage that was found with the full number of draws."""
    return _recorded(FILE)


def _recorded(file: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(resources.find(file), encoding="utf-8")


def coverage_note(method: str, interval: str, language: str = "sv") -> str:
    """Return a sentence that a method's interval misses its goal on simulated panels; empty if it does not.

    The goal, 87–93 % for an interval of 90 %, is set for the first two settings.

    It says so too where nothing is known: a method that was never tried on simulated panels.

    Parameters
    ----------
    interval : str
        A kind of :func:`intervals`.
    """
    from attraktiv_eval.texts import percent, translator

    _ = translator(language)
    if not coverage_is_known(method, interval):
        return _(
            "{method}: how often its {level} interval holds the truth is not known; it has not been tried on "
            "simulated panels."
        ).format(method=method_name(method, language), level=percent(LEVEL, language))
    missed = missed_coverage(method, interval)
    if missed is None:
        return ""
    return _(
        "{method}: on simulated panels its {level} interval held the truth in {low} to {high} of the draws."
    ).format(
        method=method_name(method, language),
        level=percent(LEVEL, language),
        low=percent(missed[0], language, 1),
        high=percent(missed[1], language, 1),
    )


RACE_FILE = "data/validation/scale_race.csv"


def recorded_scale_race() -> pd.DataFrame:
    """Return the race of scales that was run with the full number of draws."""
    return _recorded(RACE_FILE)
