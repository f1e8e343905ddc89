"""Level 3: what the region would have done without the project.

One small vocabulary for all methods: a :class:`Design`, an outcome (period x unit), ``estimate``, and the
inference that goes with it. Importing this package costs nothing; names are fetched when first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design, Prepared
    from attraktiv_eval.counterfactual.estimate import Estimate
    from attraktiv_eval.counterfactual.estimators import KERNELS, METHODS, estimate
    from attraktiv_eval.counterfactual.inference.conformal import conformal_interval
    from attraktiv_eval.counterfactual.inference.event_study import drift_test, event_study
    from attraktiv_eval.counterfactual.inference.leave_one_out import leave_one_out
    from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space
    from attraktiv_eval.counterfactual.inference.placebo_in_time import placebo_in_time
    from attraktiv_eval.counterfactual.inference.placebos import Placebos
    from attraktiv_eval.counterfactual.power import exaggeration, minimum_detectable_effect, power

_HOME = {
    "Design": "design",
    "Prepared": "design",
    "Estimate": "estimate",
    "estimate": "estimators",
    "METHODS": "estimators",
    "KERNELS": "estimators",
    "Placebos": "inference",
    "placebo_in_space": "inference",
    "placebo_in_time": "inference",
    "leave_one_out": "inference",
    "conformal_interval": "inference",
    "drift_test": "inference",
    "event_study": "inference",
    "power": "power",
    "minimum_detectable_effect": "power",
    "exaggeration": "power",
}

__all__ = [
    "KERNELS",
    "METHODS",
    "Design",
    "Estimate",
    "Placebos",
    "Prepared",
    "conformal_interval",
    "drift_test",
    "estimate",
    "event_study",
    "exaggeration",
    "leave_one_out",
    "minimum_detectable_effect",
    "placebo_in_space",
    "placebo_in_time",
    "power",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME)


class _Room(ModuleType):
    """Keeps a name for its function where a module is called the same (estimate, power, rivals)."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room
