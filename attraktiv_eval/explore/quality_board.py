"""How well the records could be read: rows kept, joined and turned away, and the faults to mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.explore.board import Board, Control, Picture, choice, drawn, new, paragraph, table
from attraktiv_eval.explore.open import by_hand, opened
from attraktiv_eval.reporting import labels
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from attraktiv_eval.evaluation import Inputs

__all__ = ["Quality", "data_quality", "faults", "quality"]

MOST_FAULTS = 25
COLOURS = {"kept": style.COUNTY, "merged": style.SOFT, "rejected": style.INK}


@dataclass(frozen=True)
class Quality:
    """How well records could be read: what became of the rows of each file, and the faults to mend.

    ``accounting`` has a row a file and list: read = kept + merged + rejected; ``faults`` are those of
    :func:`faults`.
    """

    accounting: pd.DataFrame
    faults: pd.DataFrame

    def _repr_html_(self) -> str:
        """Return the sums, the rows of each file and the faults, as a notebook shows them."""
        from attraktiv_eval.texts import as_html

        read, *rest = (int(self.accounting[name].sum()) for name in ("read", *COLOURS))
        told = "{:,} rows were read: {:,} kept, {:,} joined as repeats, {:,} turned away."
        return as_html(
            [told.format(read, *rest)], {"Rows of each file": self.accounting, "Faults to mend": self.faults}
        )


def quality(inputs: Inputs, *, file: str | None = None, kind: str | None = None) -> Quality:
    """Return how well the records could be read; never what stands in a row.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    file : str, optional
        Only the rows and faults of one file.
    kind : str, optional
        Only the faults of one kind.

    Raises
    ------
    ParameterError
        If no such file was read, or no such fault was found.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> found = explore.quality(explore.opened(), file="foretag.csv")
    >>> set(found.accounting["file"])
    {'foretag.csv'}
    """
    found, rows = faults(inputs, file=file, kind=kind), inputs.records.accounting
    return Quality(rows if file is None else rows[rows["file"] == file], found)


def faults(inputs: Inputs, *, file: str | None = None, kind: str | None = None) -> pd.DataFrame:
    """Return the rows turned away, with where they stand and how to mend them; never what stands in them.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    file, kind : str, optional
        Only the faults of one file, or of one kind.

    Returns
    -------
    DataFrame
        ``file, sheet, row, column, kind, remedy``, one row a fault.

    Raises
    ------
    ParameterError
        If no such file was read, or no such fault was found.
    """
    rejected = inputs.records.rejected
    for name, value, known in (
        ("file", file, set(inputs.records.accounting["file"])),
        ("kind", kind, set(rejected["kind"])),
    ):
        if value is not None and value not in known:
            raise ParameterError(
                f"no {name} {value!r} in these records", remedy=f"choose one of {', '.join(sorted(known))}"
            )
    keep = [
        (file is None or one.file == file) and (kind is None or one.kind == kind)
        for one in rejected.itertuples()
    ]
    return rejected[keep].reset_index(drop=True)


def data_quality(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel of how well the records could be read, and the faults to mend.

    Parameters
    ----------
    language : {"sv", "en"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> print(explore.data_quality("en").choose().call.splitlines()[-1])
    ae.explore.quality(inputs)
    """
    inputs = opened(project, records, statistics)
    drawer = _Drawer(inputs, language, by_hand(project, records, statistics))
    return Board(_controls(inputs, language), drawer, language)


def _controls(inputs: Inputs, language: str) -> list[Control]:
    _ = translator(language)
    every = (_("all"), None)
    files = sorted(set(inputs.records.accounting["file"]))
    kinds = sorted(set(inputs.records.rejected["kind"]))
    return [
        choice("file", _("File"), [every, *((one, one) for one in files)], None),
        choice(
            "kind",
            _("Kind of fault"),
            [every, *((labels.word("fault", one, language), one) for one in kinds)],
            None,
        ),
    ]


class _Drawer:
    """Draws one choice."""

    def __init__(self, inputs: Inputs, language: str, opening: str) -> None:
        self.inputs, self.language, self.opening = inputs, language, opening

    def __call__(self, file: str | None, kind: str | None) -> Iterator[Picture]:
        found = quality(self.inputs, file=file, kind=kind)
        given = "".join(
            f", {name}={value!r}" for name, value in (("file", file), ("kind", kind)) if value is not None
        )
        yield Picture(self._told(found), f"{self.opening}\nae.explore.quality(inputs{given})")

    def _told(self, found: Quality) -> str:
        _ = translator(self.language)
        rows = found.accounting
        told = _(
            "{read} rows were read: {kept} kept, {merged} joined as repeats, {rejected} turned away."
        ).format(**{name: number(rows[name].sum(), self.language) for name in ("read", *COLOURS)})
        example = _("Example data: households and companies here are invented.")
        parts = [
            paragraph(example) if self.inputs.records.example_data else "",
            paragraph(told),
            drawn(
                lambda: self._draw(rows),
                "explore-quality",
                _("Bars: rows of each file by what became of them"),
            ),
            self._faults(found.faults),
        ]
        return "\n".join(parts)

    def _faults(self, found: pd.DataFrame) -> str:
        _ = translator(self.language)
        if found.empty:
            return paragraph(_("No row was turned away by this choice."))
        told = _("Faults to mend: {n}").format(n=number(len(found), self.language))
        if len(found) > MOST_FAULTS:
            told = _("{n} faults to mend; the first {shown} are shown.").format(
                n=number(len(found), self.language), shown=number(MOST_FAULTS, self.language)
            )
        columns = ["file", "row", "column", "kind", "remedy"]
        headings = [_("File"), _("Row"), _("Column"), _("Kind of fault"), _("Remedy")]
        cells = [
            [self._cell(column, row[column]) for column in columns]
            for row in found.head(MOST_FAULTS).to_dict("records")
        ]
        return table(told, headings, cells, text_columns=len(columns))

    def _cell(self, column: str, value: Any) -> str:
        if value is None or value != value or value == "":
            return "–"
        return labels.word("fault", value, self.language) if column == "kind" else str(value)

    def _draw(self, rows: pd.DataFrame) -> Figure:
        shown = rows.assign(name=_names(rows)).iloc[::-1]
        height = 60 + 22 * len(shown)
        made, (axes,) = new(600, height)
        left = [0.0] * len(shown)
        at = list(range(len(shown)))
        for column, colour in COLOURS.items():
            size = shown[column].astype(float).tolist()
            label = labels.heading(column, self.language)
            axes.barh(at, size, left=left, color=colour, height=0.62, label=label)
            left = [one + more for one, more in zip(left, size, strict=True)]
        axes.set_yticks(at, shown["name"].tolist())
        axes.xaxis.set_major_formatter(lambda value, _at: number(value, self.language))
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.38, right=0.97, top=1 - 32 / height, bottom=24 / height)
        return made


def _names(rows: pd.DataFrame) -> list[str]:
    return [
        f"{one.file}, {one.sheet}" if isinstance(one.sheet, str) and one.sheet else str(one.file)
        for one in rows.itertuples()
    ]
