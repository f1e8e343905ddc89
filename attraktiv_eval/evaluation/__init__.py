"""One evaluation, from files to findings.

The notebooks call the verbs one after another: load, reach, contribute, compare, verdicts, protect.
:func:`evaluate` calls the same ones; what a report shows hangs on the :class:`Evaluation` at the end.
"""

from __future__ import annotations

from attraktiv_eval.evaluation.inputs import (
    ComparisonDesign,
    Inputs,
    comparison_design,
    load_assumptions,
    load_inputs,
    load_project,
    load_records,
    load_statistics,
)
from attraktiv_eval.evaluation.verbs import (
    Compared,
    Evaluation,
    Verdicts,
    compare,
    compute,
    evaluate,
    forget,
    persons_per_household,
    protect,
    remember,
    verdicts,
)

__all__ = [
    "Compared",
    "ComparisonDesign",
    "Evaluation",
    "Inputs",
    "Verdicts",
    "compare",
    "comparison_design",
    "compute",
    "evaluate",
    "forget",
    "load_assumptions",
    "load_inputs",
    "load_project",
    "load_records",
    "load_statistics",
    "persons_per_household",
    "protect",
    "remember",
    "verdicts",
]
