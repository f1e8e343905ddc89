"""What the methods are called in each language."""

from __future__ import annotations

from attraktiv_eval.texts import translator

__all__ = ["method_name"]


def method_name(method: str, language: str) -> str:
    """Return the name of a method in words; an unknown id is returned as it is."""
    _ = translator(language)
    names = {
        "difference_in_differences": _("Difference in differences"),
        "synthetic_control": _("Synthetic control"),
        "demeaned_synthetic_control": _("Demeaned synthetic control"),
        "augmented_synthetic_control": _("Augmented synthetic control"),
        "synthetic_did": _("Synthetic difference in differences"),
        "matrix_completion": _("Matrix completion"),
        "structural_time_series": _("Structural time series"),
    }
    return names.get(method, method)
