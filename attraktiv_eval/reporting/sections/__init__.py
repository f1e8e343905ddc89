"""The texts of the reports: a few short paragraphs a section, the answer first, each number from the run."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from attraktiv_eval.errors import ParameterError

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["SECTIONS", "section"]

#: The key of each text, and the module that writes it in a function of that name.
SECTIONS: dict[str, str] = {
    "project": "promise",
    "development": "promise",
    "level1": "levels",
    "level2": "levels",
    "level3": "levels",
    "level3_companies": "companies",
    "before_after": "comparison",
    "rivals": "comparison",
    "method": "comparison",
    "phases": "results",
    "money": "results",
    "municipalities": "results",
    "unforeseen": "limits",
    "limits": "limits",
    "records": "evidence",
    "assumptions": "evidence",
    "provenance": "evidence",
}


def section(key: str) -> Callable[[View], list[str]]:
    """Return the function that writes a section's paragraphs as HTML.

    Raises
    ------
    ParameterError
        If there is no such text.
    """
    if key not in SECTIONS:
        raise ParameterError(
            f"there is no text {key!r}", remedy=f"choose one of title, {', '.join(sorted(SECTIONS))}"
        )
    return getattr(import_module(f"attraktiv_eval.reporting.sections.{SECTIONS[key]}"), key)
