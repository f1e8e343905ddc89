"""The last section: where every figure comes from, and what a reader may ask of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["provenance"]


def provenance(view: View, run: dict[str, Any]) -> str:
    """Return the provenance section as HTML; what the run does not know is left out."""
    from attraktiv_eval.reporting import proofs, statements

    parts = [
        *proofs.proofs(view, run),
        *statements.sources(view, run),
        *statements.plan(view),
        *statements.criteria(view),
        *statements.run_record(view, run),
        *statements.accessibility(view),
    ]
    inner = "\n".join(part for part in parts if part)
    return f'<div class="provenance">\n{inner}\n</div>'


def definitions(pairs: list[tuple[str, str]]) -> str:
    """Return a list of terms and values (HTML) as a definition list; empty values are left out."""
    inner = "".join(f"<dt>{escape(term)}</dt><dd>{value}</dd>" for term, value in pairs if value)
    return f"<dl>{inner}</dl>" if inner else ""
