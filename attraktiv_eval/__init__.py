"""Evaluate how many households and companies a regional project plausibly affected.

The names an evaluator needs are here, and each is loaded when it is first used:

>>> import attraktiv_eval as ae
>>> panel = ae.Panel.load()
>>> rates = panel.rate("net_migration")
>>> design = ae.Design(["23"], first_treated=2020, last_treated=2022)
>>> round(ae.estimate(rates, design, "difference_in_differences").effect, 2)
4.97
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attraktiv_eval import explore
    from attraktiv_eval.additionality import contribute
    from attraktiv_eval.assumptions import Assumptions
    from attraktiv_eval.counterfactual import (
        METHODS,
        Design,
        conformal_interval,
        estimate,
        event_study,
        leave_one_out,
        minimum_detectable_effect,
        placebo_in_space,
        placebo_in_time,
    )
    from attraktiv_eval.design.follow_up import follow_up
    from attraktiv_eval.evaluation.inputs import (
        comparison_design,
        load_assumptions,
        load_project,
        load_records,
        load_statistics,
    )
    from attraktiv_eval.evaluation.verbs import compare, evaluate, persons_per_household, protect, verdicts
    from attraktiv_eval.metrics import reach
    from attraktiv_eval.project import Project
    from attraktiv_eval.regions import donor_pool
    from attraktiv_eval.reporting import Report
    from attraktiv_eval.runs.comparison import changes
    from attraktiv_eval.statistics.panel import Panel, add_outcome
    from attraktiv_eval.texts import show_in

__version__ = "0.1.0"

__all__ = [
    "METHODS",
    "Assumptions",
    "Design",
    "Panel",
    "Project",
    "Report",
    "add_outcome",
    "changes",
    "compare",
    "comparison_design",
    "conformal_interval",
    "contribute",
    "donor_pool",
    "estimate",
    "evaluate",
    "event_study",
    "explore",
    "follow_up",
    "leave_one_out",
    "load_assumptions",
    "load_project",
    "load_records",
    "load_statistics",
    "minimum_detectable_effect",
    "persons_per_household",
    "placebo_in_space",
    "placebo_in_time",
    "protect",
    "reach",
    "show_in",
    "verdicts",
]

_HOMES = {
    "METHODS": "counterfactual",
    "Assumptions": "assumptions",
    "Design": "counterfactual",
    "Panel": "statistics.panel",
    "Project": "project",
    "Report": "reporting",
    "add_outcome": "statistics.panel",
    "changes": "runs.comparison",
    "compare": "evaluation",
    "comparison_design": "evaluation",
    "conformal_interval": "counterfactual",
    "contribute": "additionality",
    "donor_pool": "regions",
    "estimate": "counterfactual",
    "evaluate": "evaluation",
    "event_study": "counterfactual",
    "follow_up": "design.follow_up",
    "leave_one_out": "counterfactual",
    "load_assumptions": "evaluation",
    "load_project": "evaluation",
    "load_records": "evaluation",
    "load_statistics": "evaluation",
    "minimum_detectable_effect": "counterfactual",
    "placebo_in_space": "counterfactual",
    "persons_per_household": "evaluation",
    "placebo_in_time": "counterfactual",
    "protect": "evaluation",
    "reach": "metrics",
    "show_in": "texts",
    "verdicts": "evaluation",
}


def __getattr__(name: str) -> object:
    if name == "explore":
        return import_module(f"{__name__}.explore")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


if "IPython" in sys.modules and (_shell := sys.modules["IPython"].get_ipython()) is not None:
    from attraktiv_eval.errors import tell_wrong_calls

    tell_wrong_calls(_shell)
