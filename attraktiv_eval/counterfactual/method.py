"""What a method is: its name in each language, its arithmetic, and where it differs from the others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import DesignError, one_of

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Method", "method_name", "method_of", "methods", "quick_methods", "shown_methods"]


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
