"""Before the project: what could be known of it, by which design, and how to come to know it."""

from __future__ import annotations

from attraktiv_eval.design.compared import (
    Compared,
    Request,
    Sight,
    compare_designs,
    compare_for_notebook,
)
from attraktiv_eval.design.page import section, write_design

__all__ = [
    "Compared",
    "Request",
    "Sight",
    "compare_designs",
    "compare_for_notebook",
    "section",
    "write_design",
]
