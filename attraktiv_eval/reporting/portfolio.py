"""The pages that lead to reports: that of a project with its years, and that of a portfolio of projects.

The page of a portfolio has every report, what failed, and the counties side by side as placebos.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting import labels, page
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.report import write_csv
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.texts import in_language, number, percent, span, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Panel


def write_index(folder: Path, entries: list[dict[str, Any]], language: str, project: Project) -> Path:
    """Write ``index.html`` (Swedish) or ``index.<language>.html`` and return its path.

    Parameters
    ----------
    folder : Path
        The output folder.
    entries : list of dict
        One a published report, in order: ``name`` (the folder: "2021" or "final"), ``run`` (run.json),
        ``results`` (results.json) and ``languages``.
    language : {"sv", "en"}
    project : Project
    """
    _ = translator(language)
    title = _("{name}: all reports").format(name=project.name)
    example = _(
        "Example data: the households, companies, survey answers, activities and payments in these reports "
        "are invented, the figures from Statistics Sweden (SCB) are real."
    )
    about = _(
        "The reports say what the project promised, whom it reached, to how many it plausibly contributed, "
        "and what the county’s statistics can and cannot show."
    )
    none, heading = _("No report is published yet."), _("Reports")
    parts = [
        _banner((entry.get("results") for entry in entries), example),
        f'<p class="answer">{escape(about if entries else none)}</p>',
        *(_over_time(entries, project, goal, language) for goal in project.goals if entries),
        f'<h2 id="reports">{escape(heading)}</h2>',
        *(_entry(Path(folder), entry, language) for entry in entries),
    ]
    languages = sorted({one for entry in entries for one in entry["languages"]}, reverse=True)
    return _written(Path(folder), title, parts, languages, language)


def _written(folder: Path, title: str, parts: list[str], languages: list[str], language: str) -> Path:
    """Write a page under its title as the index of a folder, and return its path."""
    label = page.label_of("\n".join(parts))
    text = page.titled(title, parts, language, languages, "index", label)
    path = folder / in_language("index", language)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _banner(results: Iterable[dict[str, Any] | None], text: str) -> str:
    """Return the label of invented records, where any of the reports has some."""
    invented = any((one or {}).get("example_data") for one in results)
    return f'<p class="banner example">{escape(text)}</p>' if invented else ""


def report_name(name: str, language: str) -> str:
    """Return what a report is called: Yearly evaluation 2021, Final report."""
    _ = translator(language)
    return _("Final report") if name == "final" else _("Yearly evaluation {year}").format(year=name)


def _over_time(entries: list[dict[str, Any]], project: Project, goal: str, language: str) -> str:
    """Return a goal's table over time: one row a report, one column a level."""
    _ = translator(language)
    caption = _("{goal} over time: the three levels in each report").format(
        goal=getattr(project.goals[goal], f"name_{language}")
        or labels.word("goal", project.goals[goal].counts, language)
    )
    levels = (1, 2, 3) if project.goals[goal].followed else (1,)
    heads = [_("Report"), _("Goal"), *(labels.word("level", level, language) for level in levels)]
    rows = [_time_row(entry, goal, levels, language) for entry in entries]
    table = write(f"over-time-{goal}", caption, heads, rows)
    return boxed(table, caption, len(heads))


def _time_row(entry: dict[str, Any], goal: str, levels: tuple[int, ...], language: str) -> Row:
    figures = {one.get("id"): one for one in (entry.get("results") or {}).get("figures") or []}
    target = figures.get(f"{goal}.goal", {}).get("value")
    cells = [_count(target, language), *(_cell(entry, figures, goal, level, language) for level in levels)]
    name = escape(report_name(entry["name"], language))
    address = _page_of(entry["name"], entry["name"], entry["languages"], language)
    link = f'<a href="{address}">{name}</a>'
    return Row(link, [escape(cell) for cell in cells])


def _cell(
    entry: dict[str, Any], figures: dict[str, dict[str, Any]], goal: str, level: int, language: str
) -> str:
    """Return a level as results.json has it: the figure, and at level 3 the verdict in short."""
    _ = translator(language)
    if level == 1:
        return _count(figures.get(f"{goal}.known", {}).get("value"), language)
    if level == 3:
        kept = (entry.get("results") or {}).get("verdicts") or []
        rows = kept if isinstance(kept, list) else [one for of in kept.values() for one in of.values()]
        third = (one for one in rows if one.get("goal") == goal and int(one.get("level", 0)) == 3)
        return _verdict(next(third, None), language)
    found = figures.get(f"{goal}.level2", {})
    if found.get("value") is None:
        return "–"
    said = span(found["low"], found["high"], language)
    return _("assumption: {range}").format(range=said) if found.get("method") == "assumption_only" else said


def _count(value: float | None, language: str) -> str:
    return "–" if value is None else number(value, language)


def _page_of(folder: str, report: str, held: Sequence[str], language: str) -> str:
    """Return the address of a report's page, in the language where it exists."""
    return f"{folder}/{in_language(_stem(report), language if language in held else held[0])}"


def _stem(report: str) -> str:
    return "final_report" if report == "final" else "evaluation"


def _entry(folder: Path, entry: dict[str, Any], language: str) -> str:
    """Return a report's links: pages, notebooks, workbook and PDF where they are, and the data."""
    _ = translator(language)
    name = entry["name"]
    links = []
    for one in entry["languages"]:
        tongue = {"sv": _("in Swedish"), "en": _("in English")}.get(one, one)
        stem = f"{name}/{_stem(name)}"
        kinds = {
            in_language(stem, one): _("Report"),
            in_language(stem, one, "pdf"): _("Report as PDF"),
            in_language(stem, one, "docx"): _("Main text as a Word document"),
            in_language(f"{name}/tables", one, "xlsx"): _("Tables as an Excel workbook"),
            in_language(stem, one, "ipynb"): _("Notebook"),
        }
        links += [
            _link(entry, file, f"{kind} {tongue}", language)
            for file, kind in kinds.items()
            if file.endswith(".html") or (folder / file).is_file()
        ]
    figures, record = _("Figures as JSON"), _("The run as JSON")
    if (folder / name / "ro-crate-metadata.json").is_file():
        described = _("Description for archives (RO-Crate)")
        links.append(_link(entry, f"{name}/ro-crate-metadata.json", described, language))
    links.append(_link(entry, f"{name}/results.json", figures, language))
    links.append(_link(entry, f"{name}/run.json", record, language))
    version = _("version {n}").format(n=entry["run"].get("version", 1))
    items = "".join(f"<li>{one}</li>" for one in links)
    heading = f"<h3>{escape(report_name(name, language))}</h3>"
    return f'{heading}<p class="note">{escape(version)}</p><ul>{items}</ul>'


def _link(entry: dict[str, Any], file: str, words: str, language: str) -> str:
    """Return a link that says of which report it fetches what, also to one who hears it alone."""
    told = f"{report_name(entry['name'], language)}: {words[:1].lower()}{words[1:]}"
    return f'<a href="{file}">{escape(told)}</a>'


# --- The page of a portfolio


@dataclass(frozen=True)
class Entry:
    """One report of a portfolio: ``results`` and ``run`` are None where it is not published.

    ``project`` is None where its description cannot be read; the report is then called by its id.
    """

    id: str
    project: Project | None
    report: str
    results: dict[str, Any] | None
    run: dict[str, Any] | None
    error: str = ""
    as_if: bool = False


def write_portfolio(
    folder: Path,
    name: str,
    entries: list[Entry],
    language: str,
    languages: list[Any],
    own_county: str | None = None,
) -> Path:
    """Write ``index.html`` (Swedish) or ``index.<language>.html`` of a portfolio and return its path.

    Beside it, ``counties-<report>.csv`` holds the counties that are shown as if.

    Parameters
    ----------
    entries : list of Entry
        In the order of the portfolio.
    own_county : str, optional
        The county that the project was really in, marked among those that are as if.
    """
    _ = translator(language)
    title = _("{name} · Portfolio").format(name=name)
    example = _(
        "Example data: in some of these reports the households, companies, survey answers, activities and "
        "payments are invented, the figures from Statistics Sweden (SCB) are real."
    )
    banner = _banner((entry.results for entry in entries), example)
    parts = [banner, f'<p class="answer">{escape(_summary(entries, language))}</p>']
    for report in dict.fromkeys(entry.report for entry in entries if entry.as_if):
        rows = county_rows([one for one in entries if one.as_if and one.report == report], own_county)
        parts += counties_html(rows, report, language)
        if rows:
            table = counties_frame(rows)
            if banner:  # of official statistics alone, beside reports that are not
                table = table.assign(example_data=False)
            write_csv(table, folder / f"counties-{report}.csv")
    for report in dict.fromkeys(entry.report for entry in entries if not entry.as_if):
        own = [one for one in entries if not one.as_if and one.report == report]
        found = learned(county_rows(own, None))
        if found is not None:
            parts += learned_html(found, report, language)
            write_csv(found.drop(columns="entry"), folder / f"projects-{report}.csv")
    parts += [_failures(entries, language), _reports(entries, language)]
    return _written(folder, title, parts, [str(one) for one in languages], language)


def _summary(entries: list[Entry], language: str) -> str:
    _ = translator(language)
    there = sum(entry.results is not None for entry in entries)
    failed = sum(bool(entry.error) for entry in entries)
    text = _("{n} of {all} reports are published.").format(
        n=number(there, language), all=number(len(entries), language)
    )
    if not failed:
        return text
    return text + " " + _("{n} failed.").format(n=number(failed, language))


def _failures(entries: list[Entry], language: str) -> str:
    failed = [entry for entry in entries if entry.error]
    if not failed:
        return ""
    _ = translator(language)
    heading = _("What failed")
    items = "".join(f"<li>{escape(_called(entry, language))}: {escape(entry.error)}</li>" for entry in failed)
    return f'<h2 id="failed">{escape(heading)}</h2><ul>{items}</ul>'


def _reports(entries: list[Entry], language: str) -> str:
    _ = translator(language)
    items = []
    for entry in entries:
        if entry.run is None:
            continue
        places = {page_of(entry, language): _("Report")} if entry.run.get("pages", True) else {}
        places |= {f"{entry.id}/results.json": _("Figures as JSON")}
        told = {
            place: f"{_called(entry, language)}: {words[:1].lower()}{words[1:]}"
            for place, words in places.items()
        }
        links = [f'<a href="{place}">{escape(words)}</a>' for place, words in told.items()]
        items.append(f"<li>{', '.join(links)}</li>")
    heading = escape(_("All reports"))
    return f'<h2 id="reports">{heading}</h2><ul>{"".join(items)}</ul>' if items else ""


def page_of(entry: Entry, language: str) -> str:
    """Return the address of a report's page, in the language where it exists."""
    return _page_of(entry.id, entry.report, (entry.run or {}).get("languages") or ["sv"], language)


def _called(entry: Entry, language: str) -> str:
    project = entry.project
    name = entry.id.split("/")[0] if project is None else f"{project.name}, {project.region.name}"
    text = f"{name}, {report_name(entry.report, language)}"
    _ = translator(language)
    return _("as if: {report}").format(report=text) if entry.as_if else text


# --- Every county as if it had had the project


@dataclass(frozen=True)
class CountyRow:
    """One county's primary estimate over the years compared, in persons per 1,000 inhabitants and year.

    ``verdict`` is the verdict of level 3 on the leading goal; ``outside`` says that the interval does not
    hold zero.
    """

    code: str
    name: str
    entry: Entry
    persons: float
    rate: float
    low: float
    high: float
    p_value: float | None
    verdict: Any
    own: bool
    years: tuple[int, int]

    @property
    def outside(self) -> bool:
        """Whether zero lies outside the 90 per cent interval."""
        return not self.low <= 0 <= self.high


def county_rows(entries: list[Entry], own_county: str | None) -> list[CountyRow]:
    """Return a row for each county whose level 3 could be estimated, the largest rate first."""
    from attraktiv_eval.statistics.panel import Panel

    panel = Panel.load()
    rows = [row for entry in entries if (row := _row(entry, panel, own_county)) is not None]
    return sorted(rows, key=lambda row: -row.rate)


def _row(entry: Entry, panel: Panel, own_county: str | None) -> CountyRow | None:
    results, project = entry.results, entry.project
    if results is None or project is None:
        return None
    figures = {one["id"]: one for one in results["figures"]}
    goal = project.main_goal
    third = figures.get(f"{goal}.level3") or {}
    if third.get("value") is None or not third.get("method"):
        return None
    method, pool, outcome = third["method"].split("/")
    stem = f"county.{outcome}.{method}.{pool}"
    effect = figures[f"{stem}.effect"]
    code = project.region.code
    years = int(third.get("first_year", project.years[0])), int(third.get("last_year", results["year"]))
    population = panel.seen_from(code, project.starts).population("county")
    people = float(population.loc[list(range(years[0], years[1] + 1)), code].sum()) / 1000
    infinite = float("inf")
    low = -infinite if effect["low"] is None else effect["low"] / people
    high = infinite if effect["high"] is None else effect["high"] / people
    return CountyRow(
        code,
        project.region.name,
        entry,
        effect["value"],
        effect["value"] / people,
        low,
        high,
        (figures.get(f"{stem}.p_value") or {}).get("value"),
        next((one for one in results["verdicts"] if one["goal"] == goal and one["level"] == 3), None),
        code == own_county,
        years,
    )


def learned(rows: list[CountyRow]) -> pd.DataFrame | None:
    """Return what several projects learn from one another; None of fewer than three with an interval.

    Returns
    -------
    DataFrame, one row a project
        project, region_name, first_year, last_year; persons, low, high: its own estimate over its years with
        its 90 % interval; drawn_persons, drawn_low, drawn_high: drawn towards the mean of all; own_weight,
        the share of its own in it; entry.

    Notes
    -----
    :func:`partial_pooling` of the rates per 1,000 inhabitants and year, half an interval taken as 1.645
    standard errors. Projects in one region and the same years share their noise, and are not told apart.
    """
    import pandas as pd

    from attraktiv_eval.counterfactual.staggered import partial_pooling
    from attraktiv_eval.level3.comparison import NORMAL

    held = [row for row in rows if abs(row.high) < float("inf") and abs(row.low) < float("inf")]
    held = [row for row in held if row.high > row.low]
    if len(held) < 3:
        return None
    errors = [(row.high - row.low) / 2 / NORMAL for row in held]
    shared = partial_pooling([row.rate for row in held], errors).table
    told = []
    for row, drawn in zip(held, shared.to_dict("records"), strict=True):
        people = row.persons / row.rate if row.rate else float("nan")
        named = {"project": row.entry.id, "region_name": row.name}
        own = {"persons": row.persons, "low": row.low * people, "high": row.high * people}
        pooled = {"persons": "pooled", "low": "low", "high": "high"}
        told.append(
            named
            | {"first_year": row.years[0], "last_year": row.years[1]}
            | own
            | {f"drawn_{name}": drawn[column] * people for name, column in pooled.items()}
            | {"own_weight": drawn["own_weight"], "entry": row.entry}
        )
    return pd.DataFrame(told)


def learned_html(table: pd.DataFrame, report: str, language: str) -> list[str]:
    """Return the section on what the projects learn from one another."""
    _ = translator(language)
    heading = _("What the projects learn from one another: {report}").format(
        report=report_name(report, language)
    )
    weights = span(100 * table["own_weight"].min(), 100 * table["own_weight"].max(), language)
    said = _(
        "Each project’s own estimate on level 3 stands first; beside it the same drawn towards the mean of "
        "all {n}, by as much as it is unsure (a random-effects model). Of its own each keeps {weights} per "
        "cent. Drawn estimates err less on the whole and are no verdict on any one project."
    ).format(n=number(len(table), language), weights=weights)
    heads = [
        _("Project"),
        _("Years"),
        _("Its own, persons"),
        _("90 per cent interval"),
        _("Drawn towards the others, persons"),
        _("Its 90 per cent interval"),
        _("Weight of its own"),
    ]
    rows = [_learned_line(row, language) for row in table.to_dict("records")]
    caption = _("The projects’ own estimates, and drawn towards the others")
    made = write(f"table-projects-{report}", caption, heads, rows, numbers=range(1, len(heads)))
    return [
        f'<h2 id="projects-{report}">{escape(heading)}</h2>',
        f"<p>{escape(said)}</p>",
        boxed(made, caption, len(heads)),
        f'<p class="files"><a href="projects-{report}.csv" download>CSV</a></p>',
    ]


def _learned_line(row: dict[Any, Any], language: str) -> Row:
    first, last = row["first_year"], row["last_year"]
    cells = [
        str(first) if first == last else f"{first}–{last}",
        number(row["persons"], language, signed=True),
        span(row["low"], row["high"], language),
        number(row["drawn_persons"], language, signed=True),
        span(row["drawn_low"], row["drawn_high"], language),
        percent(row["own_weight"], language),
    ]
    return Row(escape(_called(row["entry"], language)), [escape(cell) for cell in cells])


def counties_html(rows: list[CountyRow], report: str, language: str) -> list[str]:
    """Return the section on one report: its answer, the figure and the table."""
    if not rows:
        return []
    _ = translator(language)
    heading = _("Every county as if it had had the project: {report}").format(
        report=report_name(report, language)
    )
    how = _(
        "Each county was given the same promise, the same years and the same method, against all the others. "
        "No records were used: only official statistics."
    )
    return [
        f'<h2 id="counties-{report}">{escape(heading)}</h2>',
        f"<p>{escape(_answer(rows, language))}</p>",
        f"<p>{escape(how)}</p>",
        _figure(rows, report, language),
        _table(rows, report, language),
    ]


def _answer(rows: list[CountyRow], language: str) -> str:
    _ = translator(language)
    others = [row for row in rows if not row.own]
    found = sum(row.outside for row in others)
    text = _(
        "The project was in none of the others, and yet {n} of {all} get an interval that does not hold "
        "zero. That is what chance gives, and everything else that happens in a county."
    ).format(n=number(found, language), all=number(len(others), language))
    own = next((row for row in rows if row.own), None)
    if own is None:
        return text
    place = rows.index(own) + 1
    more = _("{county} comes in place {place} of {all}, counted from the largest increase.").format(
        county=own.name, place=number(place, language), all=number(len(rows), language)
    )
    return f"{more} {text}"


def draw(rows: list[CountyRow], language: str) -> tuple[Figure, bool]:
    """Return the counties' intervals as a matplotlib figure, and whether one goes on outside it."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure, (axes,) = style.new(17 * len(rows) + 40)
    clipped = False
    edge = 1.15 * max(*(abs(row.rate) for row in rows), _widest(rows))
    for at, row in enumerate(rows):
        colour = style.COUNTY if row.own else style.OTHER
        ends = [max(row.low, -edge), min(row.high, edge)]
        axes.plot(ends, [-at, -at], color=colour, linewidth=2.4 if row.own else 1.2)
        for end, shown, mark in zip((row.low, row.high), ends, "<>", strict=True):
            if end != shown:
                clipped = True
                axes.plot([shown], [-at], mark, color=colour, markersize=7, clip_on=False)
        axes.plot([row.rate], [-at], "D" if row.own else "o", color=colour, markersize=6 if row.own else 5)
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.set_yticks([-at for at in range(len(rows))], [row.name for row in rows])
    axes.set_xlim(-1.04 * edge, 1.04 * edge)  # room for the arrows
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: number(value, language, 1)))
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    style.clean(axes, grid="x")
    figure.subplots_adjust(left=0.39, right=0.98, top=0.995, bottom=30 / (17 * len(rows) + 40))
    return figure, clipped


def _figure(rows: list[CountyRow], report: str, language: str) -> str:
    from attraktiv_eval.statistics.panel import Panel

    _ = translator(language)
    prefix = f"fig-counties-{report}"
    others = [row for row in rows if not row.own]
    finding = _("Other counties with an interval that does not hold zero: {n} of {all}").format(
        n=number(sum(row.outside for row in others), language), all=number(len(others), language)
    )
    name = _("{kind}: {finding}. The figures stand in the table below.").format(
        kind=_("Dot chart"), finding=finding
    )
    with style.drawing():
        figure, clipped = draw(rows, language)
        drawn = style.for_page(style.to_svg(figure, prefix, name))
    title = _("Estimate and 90 per cent interval {years}, persons per 1,000 inhabitants and year").format(
        years=_compared(rows)
    )
    if clipped:
        title += ". " + _("Arrow: the interval goes on outside the drawing.")
    tables = sorted({table for one in Panel.load().sources for table in one["tables"]})
    source = _("Source: Statistics Sweden (SCB), {tables}. Own calculation.").format(tables=", ".join(tables))
    caption = _("The counties, the largest increase first")
    return (
        f'<figure id="{prefix}"><figcaption><span class="headline">{escape(finding)}</span>'
        f'<span class="what">{escape(title)}</span></figcaption>'
        f'<div class="drawing">{drawn}</div><p class="source">{escape(source)}</p>'
        f'<p class="files"><a href="counties-{report}.csv" download>CSV: {escape(caption)}</a>'
        "</p></figure>"
    )


def counties_frame(rows: list[CountyRow]) -> pd.DataFrame:
    """Return the counties as a table for the CSV file; unbounded ends are missing."""
    import pandas as pd

    def told(row: CountyRow) -> dict[str, Any]:
        low, high = (None if abs(end) == float("inf") else end for end in (row.low, row.high))
        named = {"county_code": row.code, "county_name": row.name}
        years = {"first_year": row.years[0], "last_year": row.years[1]}
        found = {"rate": row.rate, "low": low, "high": high, "persons": row.persons, "p_value": row.p_value}
        return named | years | found | {"rule": row.verdict["rule"] if row.verdict else None}

    return pd.DataFrame([told(row) for row in rows])


def _compared(rows: list[CountyRow]) -> str:
    """Return the years compared, of all counties, in words."""
    spans = sorted({row.years for row in rows})
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _widest(rows: list[CountyRow]) -> float:
    ends = [abs(end) for row in rows for end in (row.low, row.high) if abs(end) != float("inf")]
    return sorted(ends)[int(0.9 * (len(ends) - 1))] if ends else 1.0


def _table(rows: list[CountyRow], report: str, language: str) -> str:
    _ = translator(language)
    caption = _("The counties, the largest increase first")
    heads = [
        _("County"),
        _("Per 1,000 and year"),
        _("90 per cent interval"),
        _("Persons"),
        _("p-value"),
        _("Verdict on level 3"),
    ]
    lines = [_line(row, language) for row in rows]
    table = write(f"table-counties-{report}", caption, heads, lines, numbers=range(1, len(heads) - 1))
    return boxed(table, caption, len(heads))


def _line(row: CountyRow, language: str) -> Row:
    _ = translator(language)
    pages = (row.entry.run or {}).get("pages", True)
    name = escape(row.name)
    named = f'<a href="{page_of(row.entry, language)}">{name}</a>' if pages else name
    bounded = all(abs(end) != float("inf") for end in (row.low, row.high))
    cells = [
        number(row.rate, language, 1, signed=True),
        span(row.low, row.high, language, 1) if bounded else _("unbounded"),
        number(row.persons, language, signed=True),
        "–" if row.p_value is None else number(row.p_value, language, 2),
        _verdict(row.verdict, language),
    ]
    return Row(named, [escape(cell) for cell in cells], own=row.own)


def _verdict(found: Mapping[str, Any] | None, language: str) -> str:
    """Return a verdict of ``results.json`` in short."""
    from attraktiv_eval.findings import Verdict, verdict_short

    if found is None:
        return "–"
    values, reasons = dict(found.get("values") or {}), list(found.get("reasons") or [])
    return verdict_short(Verdict(3, found["goal"], found["rule"], values, reasons), language)
