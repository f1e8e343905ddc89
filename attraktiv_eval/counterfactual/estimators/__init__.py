"""The methods by name: ``METHODS`` for tables and designs, ``KERNELS`` for arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval.counterfactual.estimate import Estimate, Kernel, known_method, known_options
from attraktiv_eval.counterfactual.estimators import augmented_synthetic_control as _augmented
from attraktiv_eval.counterfactual.estimators import demeaned_synthetic_control as _demeaned
from attraktiv_eval.counterfactual.estimators import difference_in_differences as _differences
from attraktiv_eval.counterfactual.estimators import matrix_completion as _completion
from attraktiv_eval.counterfactual.estimators import structural_time_series as _structural
from attraktiv_eval.counterfactual.estimators import synthetic_control as _synthetic
from attraktiv_eval.counterfactual.estimators import synthetic_did as _synthetic_did
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design

__all__ = [
    "KERNELS",
    "METHODS",
    "estimate",
]


#: Every method by name: each takes an outcome (period x unit) and a design, and returns an estimate.
METHODS: dict[str, Callable[..., Estimate]] = {
    "difference_in_differences": _differences.difference_in_differences,
    "synthetic_control": _synthetic.synthetic_control,
    "demeaned_synthetic_control": _demeaned.demeaned_synthetic_control,
    "augmented_synthetic_control": _augmented.augmented_synthetic_control,
    "synthetic_did": _synthetic_did.synthetic_did,
    "matrix_completion": _completion.matrix_completion,
    "structural_time_series": _structural.structural_time_series,
}

#: The arithmetic of each method, on arrays.
KERNELS: dict[str, Kernel] = {
    "difference_in_differences": _differences.kernel,
    "synthetic_control": _synthetic.kernel,
    "demeaned_synthetic_control": _demeaned.kernel,
    "augmented_synthetic_control": _augmented.kernel,
    "synthetic_did": _synthetic_did.kernel,
    "matrix_completion": _completion.kernel,
    "structural_time_series": _structural.kernel,
}


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
    from attraktiv_eval.counterfactual.design import Design

    function = METHODS[known_method(method, METHODS)]
    known_options(function, method, options)
    if not isinstance(design, Design):
        raise DesignError(
            f"{design!r} is no design", remedy="say who was treated and when: Design(['23'], 2020, 2022)"
        )
    return function(outcome, design, **options)
