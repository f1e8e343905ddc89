"""The methods by name: ``METHODS`` for tables and designs, ``KERNELS`` for arrays.

A file here is a method: its ``METHOD`` says all about it, and it is found without being listed anywhere.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval.counterfactual.estimate import Estimate, Kernel
from attraktiv_eval.counterfactual.method import Method, method_of

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design

__all__ = [
    "KERNELS",
    "METHODS",
    "estimate",
]


def _found() -> list[Method]:
    """Return the method of every file here, in the order of their places."""
    found = [import_module(f"{__name__}.{file.name}").METHOD for file in iter_modules(__path__)]
    return sorted(found, key=lambda method: (method.place, method.name))


#: Every method by name: each takes an outcome (period x unit) and a design, and returns an estimate.
METHODS: dict[str, Method] = {method.name: method for method in _found()}

#: The arithmetic of each method, on arrays.
KERNELS: dict[str, Kernel] = {name: method.kernel for name, method in METHODS.items()}


def estimate(
    outcome: pd.DataFrame, design: Design, method: str = "synthetic_control", **options: Any
) -> Estimate:
    """Estimate what the treated unit's outcome would have been without treatment.

    Parameters
    ----------
    outcome : DataFrame, period x unit, float
        Periods down (int, str or pandas Period, rising), units across.
    design : Design
    method : str
        A name in ``METHODS``.
    **options
        Passed on to the method, such as ``ridge=`` of ``augmented_synthetic_control``.

    Raises
    ------
    DesignError
        If there is no such method or option, or the data cannot carry the design.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> found = estimate(rates, ae.Design(["23"], 2020, 2022), "demeaned_synthetic_control")
    >>> found.weights.idxmax(), round(found.effect, 2)
    ('07', 4.67)
    """
    from attraktiv_eval.counterfactual.design import known_design

    chosen = method_of(method)
    chosen.check_options(options)
    return chosen(outcome, known_design(design, outcome), **options)
