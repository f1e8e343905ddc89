"""What a section says when the run lacks what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["absent", "no_statistics"]


def absent(view: View, records: str) -> str:
    """Return the sentence that a list of records is missing, and what that means."""
    return view._("Left out: the records hold no usable list “{list}”, so nothing can be said here.").format(
        list=view.word("list", records)
    )


def no_statistics(view: View) -> str:
    """Return the sentence that official statistics are missing."""
    return view._(
        "Not tested: official statistics are missing, or do not reach far enough, so level 3 is left out."
    )
