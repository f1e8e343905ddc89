"""The methods by name: ``METHODS`` for tables and designs, ``KERNELS`` for arrays."""

from __future__ import annotations

from collections.abc import Callable

from attraktiv_eval.counterfactual.estimate import Estimate
from attraktiv_eval.counterfactual.estimators import (
    demeaned_synthetic_control as _demeaned,
)
from attraktiv_eval.counterfactual.estimators import (
    difference_in_differences as _did,
)
from attraktiv_eval.counterfactual.estimators import (
    synthetic_control as _sc,
)
from attraktiv_eval.counterfactual.estimators.fit import Fit, Kernel

__all__ = ["KERNELS", "METHODS", "Fit", "Kernel"]

METHODS: dict[str, Callable[..., Estimate]] = {
    "difference_in_differences": _did.difference_in_differences,
    "synthetic_control": _sc.synthetic_control,
    "demeaned_synthetic_control": _demeaned.demeaned_synthetic_control,
}

KERNELS: dict[str, Kernel] = {
    "difference_in_differences": _did.kernel,
    "synthetic_control": _sc.kernel,
    "demeaned_synthetic_control": _demeaned.kernel,
}
