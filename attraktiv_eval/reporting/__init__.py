"""The reports: figures, tables and texts of an evaluation, in a page anyone can open.

Notebooks need one name, :class:`Report`; a run also calls ``render.render`` and ``index.write_index``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attraktiv_eval.reporting.report import Report

__all__ = ["Report"]


def __getattr__(name: str) -> object:
    if name == "Report":
        from attraktiv_eval.reporting.report import Report

        return Report
    raise AttributeError(name)
