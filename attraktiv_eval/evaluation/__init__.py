"""One evaluation, from files to findings.

The notebooks call :func:`evaluate`; everything that they show hangs on the :class:`Evaluation` it returns.
"""

from __future__ import annotations

from attraktiv_eval.evaluation.assemble import Evaluation, compute, evaluate, forget
from attraktiv_eval.evaluation.inputs import Inputs, load_inputs

__all__ = ["Evaluation", "Inputs", "compute", "evaluate", "forget", "load_inputs"]
