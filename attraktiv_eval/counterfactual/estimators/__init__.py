"""The methods by name: ``METHODS`` for tables and designs, ``KERNELS`` for arrays."""

from __future__ import annotations

from collections.abc import Callable

from attraktiv_eval.counterfactual.estimate import Estimate, Kernel
from attraktiv_eval.counterfactual.estimators import augmented_synthetic_control as _augmented
from attraktiv_eval.counterfactual.estimators import demeaned_synthetic_control as _demeaned
from attraktiv_eval.counterfactual.estimators import difference_in_differences as _differences
from attraktiv_eval.counterfactual.estimators import matrix_completion as _completion
from attraktiv_eval.counterfactual.estimators import structural_time_series as _structural
from attraktiv_eval.counterfactual.estimators import synthetic_control as _synthetic
from attraktiv_eval.counterfactual.estimators import synthetic_did as _synthetic_did

__all__ = [
    "KERNELS",
    "METHODS",
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
