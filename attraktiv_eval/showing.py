"""How the library's results show themselves in a notebook: a few sentences, then small tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from attraktiv_eval.texts import shown_in, translator

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LONGEST", "as_html", "headed", "own_records"]

#: A table shows at most so many rows; what is left out is said.
LONGEST = 20


def own_records(invented: bool) -> str:
    """Return the line that stands over an evaluator's own small counts."""
    _ = translator(shown_in())
    if invented:
        return _("The records are invented examples.")
    return _(
        "Small counts are shown here as they are, since the records are your own: do not pass this on. What "
        "the report shows and a run publishes is protected."
    )


def headed(table: pd.DataFrame, headings: Mapping[str, str]) -> pd.DataFrame:
    """Return the named columns of a table under their headings, in this order."""
    kept = [name for name in headings if name in table]
    return table[kept].rename(columns=dict(headings))


def as_html(sentences: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> str:
    """Return sentences and captioned tables as HTML.

    Parameters
    ----------
    sentences : sequence of str
    tables : mapping of caption to DataFrame
        At most :data:`LONGEST` rows of each are shown; an empty one is left out.

    Examples
    --------
    >>> as_html(["Nothing was found."], {})
    '<p>Nothing was found.</p>'
    """
    told = [f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence]
    return "\n".join([*told, *(_table(caption, one) for caption, one in tables.items() if len(one))])


def _table(caption: str, table: pd.DataFrame) -> str:
    left_out = len(table) - LONGEST
    _ = translator(shown_in())
    words = _("the first {shown} of {all} rows").format(shown=LONGEST, all=len(table))
    note = f" ({words})" if left_out > 0 else ""
    head = f'<caption style="text-align:left">{escape(caption)}{note}</caption>'
    shown = table.head(LONGEST).to_html(
        index=False, border=0, na_rep="–", float_format=lambda value: f"{value:.4g}"
    )
    return shown.replace("<thead>", f"{head}<thead>", 1)
