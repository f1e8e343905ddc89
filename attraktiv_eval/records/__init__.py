"""The project's own records: read, cleaned, linked and accounted for, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attraktiv_eval.records.loading import load_records
    from attraktiv_eval.records.records import Records

__all__ = ["Records", "load_records"]

_HOME = {"load_records": "loading", "Records": "records"}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"attraktiv_eval.records.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
