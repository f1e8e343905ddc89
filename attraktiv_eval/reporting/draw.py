"""What a draw shows, in a sentence, a figure and tables: evidence of its own kind."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.inference.drawn_lots import SMALL, DrawResult
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.view import View


def draw_sentence(result: DrawResult, language: str) -> str:
    """Return what the draw shows, in one sentence: households more of all applicants, and the interval."""
    _ = translator(language)
    many = result.applicants
    low, high = result.low, result.high
    unknown = result.counts["unknown_served"] + result.counts["unknown_waiting"]
    if unknown:
        low, high = result.bounds
    ends = [_households(end * many, result, language) for end in (low, high)]
    if low > 0:
        text = _(
            "Drawn by lot: being offered the help made more households move in, {n} of {all} applicants if "
            "all were offered it ({low} to {high} in nine draws of ten)."
        )
    elif high < 0:
        text = _(
            "Drawn by lot: being offered the help made fewer households move in, {n} of {all} applicants if "
            "all were offered it ({low} to {high} in nine draws of ten)."
        )
    else:
        text = _(
            "Drawn by lot: it cannot be told whether the help made anybody move in; {n} of {all} applicants "
            "if all were offered it ({low} to {high} in nine draws of ten)."
        )
    told = text.format(
        n=_households(result.effect * many, result, language),
        all=number(many, language),
        low=ends[0],
        high=ends[1],
    )
    if unknown:
        told += " " + _("The range counts every unknown household against and for.")
    return told


def told_of_draw(view: View) -> str:
    """Return as HTML what the project's draw shows, or when it will be told; nothing where none was drawn."""
    found, plan = getattr(view.evaluation, "draw", None), view.evaluation.project.draw
    if found is not None:
        return escape(draw_sentence(found.result, view.language))
    if plan is None:
        return ""
    text = view._("What the draw among the applicants shows is told when all of them have been asked, {day}.")
    return text.format(day=escape(view.day(plan.asked)))


def _households(value: float, result: DrawResult, language: str) -> str:
    """Return a number of households; to the nearest five where a count behind it is protected."""
    if math.isinf(value) or math.isnan(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    return number(SMALL * round(value / SMALL) if result.small else value, language)


def draw_rows(result: DrawResult, language: str) -> list[tuple[str, float, float, float]]:
    """Return what is drawn and tabled: its words, and effect, low and high in households."""
    _ = translator(language)
    many = result.applicants
    rows = [
        (_("Offered the help"), result.effect, result.low, result.high),
        (_("Offered, every unknown against and for"), result.effect, *result.bounds),
        (_("Took it up"), result.complier, result.complier_low, result.complier_high),
        (_("Took it up, every unknown against and for"), result.complier, *result.complier_bounds),
    ]
    return [(name, many * value, many * low, many * high) for name, value, low, high in rows]


def draw_figure(result: DrawResult, language: str) -> Figure:
    """Return the effects of offer and help with their intervals, households of all applicants."""
    return _figure_of(draw_rows(result, language), language)


def draw(view: View) -> Drawing | None:
    """Draw the effects as the report's table has them: its small counts are protected there."""
    table = view.table("draw")
    if table is None:
        return None
    _ = view._
    rows = [
        (
            view.word("draw_effect", row["draw_effect"]),
            float(row["more"]),
            float(row["low"]),
            float(row["high"]),
        )
        for row in table.to_dict("records")
    ]
    title = _("Households more of all applicants, with 90 per cent intervals")
    source = _("Source: the project’s own list and draw.")
    return Drawing(
        _figure_of(rows, view.language), _("What the draw shows"), title, _("Dot chart"), ("draw",), source
    )


def _figure_of(rows: list[tuple[str, float, float, float]], language: str) -> Figure:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure, (axes,) = style.new(46 * len(rows) + 40)
    ends = [end for _name, *values in rows for end in values if math.isfinite(end)]
    edge = 1.1 * max(abs(end) for end in [*ends, 1.0])
    for at, (_name, value, low, high) in enumerate(rows):
        colour = style.COUNTY if at in (0, 2) else style.OTHER
        shown = [max(low, -edge), min(high, edge)]
        axes.plot(shown, [-at, -at], color=colour, linewidth=2.4 if at in (0, 2) else 1.4)
        if math.isfinite(value):
            axes.plot([value], [-at], "D" if at in (0, 2) else "o", color=colour, markersize=6)
        for end, place, mark in zip((low, high), shown, "<>", strict=True):
            if end != place:
                axes.plot([place], [-at], mark, color=colour, markersize=7, clip_on=False)
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.set_xlim(-edge * 1.04, edge * 1.04)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_yticks([-at for at in range(len(rows))], ["\n".join(textwrap.wrap(row[0], 20)) for row in rows])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: number(value, language)))
    style.clean(axes, grid="x")
    figure.subplots_adjust(left=0.45, right=0.97, top=0.99, bottom=30 / (46 * len(rows) + 40))
    return figure


def draw_tables(result: DrawResult, language: str) -> str:
    """Return the effects, and the counts of both arms where none of them is small, as HTML."""
    _ = translator(language)
    rows = [
        Row(escape(name), [escape(_households(one, result, language)) for one in values])
        for name, *values in draw_rows(result, language)
    ]
    caption = _("Effects, households of {all} applicants").format(all=number(result.applicants, language))
    ends = ["", _("Effect"), _("Low"), _("High")]
    table = write("table-draw", caption, ends, rows, numbers=(1, 2, 3))
    effects = boxed(table, caption, len(ends))
    if result.small:
        why = _("Counts are left out, and effects rounded to fives: one of the counts lies between 1 and 4.")
        return effects + f"<p>{escape(why)}</p>"
    counts = result.counts
    arms = ((_("Served first"), "served"), (_("Waiting"), "waiting"))
    lines = [
        Row(
            escape(label),
            [number(counts[arm], language), *(number(counts[f"{of}_{arm}"], language) for of in _COUNTED)],
        )
        for label, arm in arms
    ]
    told = _("Those who were drawn")
    heads = ["", _("Households"), _("Moved in"), _("Unknown"), _("Helped")]
    return effects + boxed(write("table-arms", told, heads, lines, numbers=range(1, 5)), told, len(heads))


_COUNTED = ("moved", "unknown", "helped")
