"""Level 2: from whom the project reached to whom it plausibly contributed to, as a range.

The definition stands in :mod:`attraktiv_eval.additionality.simulation`; ``docs/worked_example.md`` works
one case through by hand.
"""

from __future__ import annotations

from attraktiv_eval.additionality.contribution import DRAWS, SEED, Contribution, Contributions, contribute
from attraktiv_eval.additionality.simulation import Inputs, Observed, at_modes, observe, simulate, triangular

__all__ = [
    "DRAWS",
    "SEED",
    "Contribution",
    "Contributions",
    "Inputs",
    "Observed",
    "at_modes",
    "contribute",
    "observe",
    "simulate",
    "triangular",
]
