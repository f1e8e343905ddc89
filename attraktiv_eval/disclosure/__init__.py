"""Nothing about a person leaves: small counts are suppressed, and written files are looked through.

:func:`protect` guards all count tables of a report together, also against earlier reports;
:func:`suppress` guards one table; :func:`scan` looks through every written file.
"""

from __future__ import annotations

from attraktiv_eval.disclosure.personal_data import Trace, scan
from attraktiv_eval.disclosure.suppression import (
    THRESHOLD,
    WIDTH,
    Printed,
    Report,
    protect,
    protect_editions,
    protect_next,
    protect_series,
    suppress,
)
from attraktiv_eval.table_specifications import SHEETS, Sheet

__all__ = [
    "SHEETS",
    "THRESHOLD",
    "WIDTH",
    "Printed",
    "Report",
    "Sheet",
    "Trace",
    "protect",
    "protect_editions",
    "protect_next",
    "protect_series",
    "scan",
    "suppress",
]
