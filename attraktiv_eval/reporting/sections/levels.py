"""The three levels of evidence, each on its own: they are never merged into one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.provenance import maryland
from attraktiv_eval.reporting.sections.results import absent, no_statistics
from attraktiv_eval.reporting.view import draw_text, escape, hardness_text, known, verdict_text, worth_text

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View


def level1(view: View) -> list[str]:
    """Tell whom the project reached, by its own records."""
    main = view.main_goal
    others = [reached(view, goal) for goal in view.evaluation.project.goals if goal != main]
    return [
        reached(view, main),
        " ".join(text for text in others if text),
        _lists_are_of_households(view),
        view._(
            "Level 1 is a count from the project’s own lists. It does not show that the project was "
            "the cause."
        ),
    ]


def _lists_are_of_households(view: View) -> str:
    """Say, where the goal counts persons alone, what the tables of households count."""
    of = view.evaluation.project
    if not of.goals_that_count("persons") or of.goals_that_count("households"):
        return ""
    return view._(
        "The project’s lists hold households; the goal counts the persons in them. Tables of households "
        "count households, and are no measure of the goal."
    )


def reached(view: View, goal: str) -> str:
    """Return a goal's count against its target, and how many were not followed up."""
    _ = view._
    row = view.goal(goal)
    if row is None or not known(row["known"]):
        return absent(view, view.evaluation.project.goals[goal].measured_by)
    texts = {
        "households": _(
            "{n} households are known to have moved into the county after their first contact; "
            "the goal is {goal}."
        ),
        "companies": _("{n} companies made at least one hire through the project; the goal is {goal}."),
        "organisations": _("{n} participating organisations are named; the goal is {goal}."),
    }
    other = _("{n} {unit} are known; the goal is {goal}.")
    text = texts.get(view.counts(goal), other).format(
        n=view.n(row["known"]), goal=view.n(row["target"]), unit=escape(view.unit(goal))
    )
    if known(row["unknown"]) and row["unknown"]:
        more = _("{n} more were not followed up to the end, so the true number may be higher.")
        text += " " + more.format(n=view.n(row["unknown"]))
    return f"{view.by_now(text)} {_not_yet(view, goal)}".strip()


def _not_yet(view: View, goal: str) -> str:
    """Say of a running project's goal that it is not reached yet, and what an even pace asks for by now."""
    row, pace = view.goal(goal), view.row("paths", goal=goal, year=view.year)
    if not view.running or row is None or pace is None or float(row["known"]) >= float(row["target"]):
        return ""
    return view._("The goal is not reached yet; an even pace would have given {pace} by now.").format(
        pace=view.n(pace["pace"])
    )


def level2(view: View) -> list[str]:
    """How many would plausibly not have come, or hired, without the project."""
    _ = view._
    said = [text for goal in view.evaluation.project.goals if (text := _contribution(view, goal))]
    if not said:
        return [
            _(
                "Level 2 is left out: without records of households and companies there is nothing to "
                "start from."
            )
        ]
    how = _(
        "The range begins with those known at level 1. Three kinds are taken away: those who would have come "
        "anyway (deadweight), what other projects did, and those who left again. Each is taken away once. "
        "The assumptions are stated below. The range holds only if they do."
    )
    stepped = _(
        "Shares and answers from the records are rounded before they are counted with, so that no "
        "one can be recognised."
    )
    rounded = any(view.rows("filters", basis=basis) is not None for basis in ("records", "survey"))
    return [*said, f"{how} {stepped}" if rounded else how]


def _contribution(view: View, goal: str) -> str:
    row = view.goal(goal)
    if row is None or not known(row["l2_low"]):
        return ""
    values = {
        "range": view.span(row["l2_low"], row["l2_high"]),
        "middle": view.n(row["l2_median"]),
        "known": view.n(row["known"]),
        "bound": view.n(row["l2_high_bound"]),
    }
    values["unit"] = escape(view.unit(goal))
    if goal == view.main_goal:
        text = view._(
            "In nine of ten calculations the project may have contributed to {range} of the {known} known "
            "{unit}; the middle value is {middle}. With everyone who did not answer or was not followed up "
            "counted for the project, it is at most {bound}."
        )
    else:
        text = view._(
            "Of {known} {unit} the range is {range} in nine of ten calculations; the middle value is "
            "{middle}. With every unknown counted for the project, it is at most {bound}."
        )
    return f"{text.format(**values)} {verdict_text(view, goal, 2)}".strip()


def level3(view: View) -> list[str]:
    """Whether the county moved away from what comparable regions did."""
    row = view.estimate()
    if not view.evaluation.project.counts_movers:
        return [view._("No goal counts those who move in, so the county’s moves are not compared.")]
    if row is None:
        return [no_statistics(view)]
    answer = view._(
        "{outcome} of the county deviated by {n} persons in {years} from comparable regions; "
        "the 90 per cent interval is {range}."
    ).format(**view.found(row))
    choice = getattr(view.evaluation.county, "choice", None)
    why = "" if choice is None else escape(choice.sentence(view.language))
    return [
        f"{answer} {verdict_text(view, view.main_goal, 3)}".strip(),
        f"{worth_text(view, view.main_goal)} {draw_text(view, view.main_goal)}".strip(),
        hardness_text(view, view.main_goal),
        why,
        _without_figures(view),
        _whole_years(view),
        _after_a_look(view),
        _gate(view),
        _beside(view),
        _flows(view),
        _others(view),
        *_in_own_units(view),
        _all_methods(view),
        _intervals(view),
    ]


def _without_figures(view: View) -> str:
    """Name the regions that could not be compared with, because a figure of theirs is missing."""
    shown = getattr(view.evaluation.county, "shown", [])
    dropped = dict.fromkeys(
        str(unit) for one in shown if one.outcome == view.outcome for unit in one.estimate.dropped
    )
    if not dropped:
        return ""
    names = view.join([escape(view.word("region_code", unit)) for unit in dropped])
    return view._("Not among those compared with, since a figure is missing in some year: {names}.").format(
        names=names
    )


def _whole_years(view: View) -> str:
    """Say that whole years are compared, where the project did not run in all of their months."""
    of, until = view.evaluation.project, view.evaluation.until
    if (of.start.month, of.start.day) == (1, 1) and (until.month, until.day) == (12, 31):
        return ""
    return view._(
        "The project ran from {start} to {end}, but the statistics are of whole years: all of {years} is "
        "compared, also the months before or after the project."
    ).format(start=view.day(of.start), end=view.day(of.end), years=view.window)


def _after_a_look(view: View) -> str:
    """Say why this outcome, and that it was chosen after a first look."""
    return view._(
        "The order of the list follows the words of the goal, which counts those who move in. It "
        "was decided after a first look at the figures. That is why the report also shows what "
        "the other series say."
    )


def _beside(view: View) -> str:
    """Tell the next best outcome, over all the years asked about, and what it counts besides."""
    choice = getattr(view.evaluation.county, "choice", None)
    row = None if choice is None or choice.beside is None else view.estimate(choice.beside)
    said = ""
    if row is not None:
        told = view._("For comparison, over {years}: {outcome} deviated by {n} persons ({range}).")
        outcome = escape(view.word("outcome", row["outcome"]).lower())
        said = told.format(**view.found(row, outcome=outcome))
    one = getattr(view.evaluation.project.region, "kind", "county") == "municipality"
    if one or view.rows("estimates", outcome=view.defined.municipal) is None:
        return said
    inside = view._(
        "The sum of the municipalities’ in-moves is larger than the county’s in-moves over its border, "
        "because moves between its own municipalities are in it."
    )
    return f"{said} {inside}".strip()


def _flows(view: View) -> str:
    """Tell in, out and net by one common set of weights, in as many decimals as let them add up."""
    from attraktiv_eval.level3.comparison import FLOWS
    from attraktiv_eval.texts import decimals_that_add

    _ = view._
    kinds = (_("domestic moves"), _("all moves, from and to abroad included"))
    said = []
    for kind, names in zip(kinds, FLOWS, strict=True):
        rows = [view.row("flows", outcome=name) for name in names]
        if any(row is None for row in rows):
            continue
        came, left, net = (float(row["effect_persons"]) for row in rows if row is not None)
        decimals = decimals_that_add(came, left, net)
        said.append(
            _("{kind} in {years}: in {came}, out {left}, net {net} persons (net {range})").format(
                kind=kind,
                years=view.years(rows[0]),
                came=view.n(came, decimals, signed=True),
                left=view.n(left, decimals, signed=True),
                net=view.n(net, decimals, signed=True),
                range=view.span(rows[2]["low"], rows[2]["high"]) if rows[2] is not None else "",
            )
        )
    if not said:
        return ""
    return _(
        "In, out and net were also estimated with the same weights, so that they add up: {parts}. "
        "With weights of their own they need not."
    ).format(parts="; ".join(said))


def _others(view: View) -> str:
    """Tell of other outcomes that deviated more than chance usually gives: they carry no verdict."""
    _ = view._
    rows = view.rows("estimates", primary=True)
    said = []
    for row in [] if rows is None else rows.to_dict("records"):
        if row["outcome"] == view.outcome or row["low"] <= 0 <= row["high"]:
            continue
        text = _(
            "{outcome} deviated in {years} more than chance usually gives: {n} persons ({range})."
        ).format(**view.found(row))
        if known(row.get("pseudo_effect_persons")):
            text += " " + _("For the years just before the project the same method gives {n}.").format(
                n=view.n(row["pseudo_effect_persons"], signed=True)
            )
        said.append(text)
    if not said:
        return ""
    why = _("The goal is not compared by it. A deviation does not show its own cause.")
    return " ".join([*said, why])


def _gate(view: View) -> str:
    """Name the primary method; what it shows before and what it could have seen stand with the verdict."""
    row = view.estimate()
    if row is None:
        return ""
    return view._("The primary method is {method}. A rule chose it, not its answer.").format(
        method=escape(view.word("method", row["method"]).lower())
    )


def _all_methods(view: View) -> str:
    parts = []
    table = view.table("estimates")
    for outcome in [] if table is None else dict.fromkeys(table["outcome"]):
        rows = view.rows("estimates", outcome=outcome)
        if rows is None:
            continue
        effects = rows["effect_persons"].astype(float)
        parts.append(
            view._("{outcome} in {years} {range} persons").format(
                outcome=view.word("outcome", outcome).lower(),
                years=view.years(rows.iloc[0]),
                range=view.span(effects.min(), effects.max()),
            )
        )
    if not parts:
        return ""
    return view._(
        "The estimates in the table below: {parts}. All are shown, and none is picked for its answer."
    ).format(parts="; ".join(parts))


def _intervals(view: View) -> str:
    """Say which methods' intervals missed their goal on simulated panels, and what the curve leaves out."""
    from attraktiv_eval.counterfactual.method import GOAL, coverage_is_known, missed_coverage

    _ = view._
    tables = (view.table("estimates"), view.table("flows"), curve := view.table("specifications"))
    used = dict.fromkeys(method for table in tables if table is not None for method in table["method"])
    missed = {method: missed_coverage(method, "placebo") for method in used}
    wide = [method for method, found in missed.items() if found and found[1] > GOAL[1]]
    narrow = [method for method, found in missed.items() if found and found[0] < GOAL[0]]
    kinds = ("placebo", "forecast")
    untried = [method for method in used if not any(coverage_is_known(method, kind) for kind in kinds)]
    said = []
    for text, methods in (
        (
            _(
                "On simulated figures, where the truth is known, these methods’ intervals held it more "
                "often than they should: {methods}."
            ),
            wide,
        ),
        (
            _(
                "On simulated figures, where the truth is known, these methods’ intervals held it too "
                "seldom: {methods}."
            ),
            narrow,
        ),
        (_("How often the intervals hold the truth has not been tried: {methods}."), untried),
    ):
        if methods:
            names = view.join([view.word("method", method).lower() for method in methods])
            said.append(text.format(methods=escape(names)))
    if curve is not None:
        said.append(
            _(
                "Matrix completion takes long to count, so it stands only where the rule chose it. "
                "Structural time series is tried in the method validation alone."
            )
        )
    return " ".join(said)


def region_effects(view: View) -> list[str]:
    """Tell each county of the project beside all of them, from when each began, and what each borrows."""
    _ = view._
    rows, together = view.table("region_effects"), view.estimate()
    if rows is None or together is None:
        return []
    lead = _(
        "The {n} counties are compared one by one with {donors} counties without the project, and their "
        "deviations are added: together {effect} persons ({range})."
    ).format(
        n=view.n(len(rows)),
        donors=view.n(rows["n"].iloc[0]),
        effect=view.n(together["effect_persons"], signed=True),
        range=view.span(together["low"], together["high"]),
    )
    apart = rows[rows["told_apart"].astype(bool)]
    alone = _("Alone none of them deviates more than chance usually gives.")
    if len(apart):
        names = view.join([view.word("region_code", one) for one in apart["region_code"]])
        alone = _("Alone these deviate more than chance usually gives: {names}.").format(names=escape(names))
    return [f"{lead} {alone}", _own_starts(view), _borrowed(view, rows), _how_stacked(view)]


def _own_starts(view: View) -> str:
    """Tell from which year each county is compared, where they did not begin together."""
    starts = view.evaluation.project.starts
    if len(set(starts.values())) < 2:
        return ""
    said = [f"{view.word('region_code', code)} {year}" for code, year in starts.items()]
    return view._(
        "They did not begin together, and each is compared from its own first year: {starts}. A county adds "
        "nothing before it has begun."
    ).format(starts=escape(view.join(said)))


def _borrowed(view: View, rows: Any) -> str:
    """Tell what partial pooling is, and how much of its own each county keeps."""
    if not known(rows["own_weight"].iloc[0]):
        return ""
    return view._(
        "Counties of one project may learn from one another: each estimate is also drawn towards the mean of "
        "all, by as much as it is unsure (a random-effects model). Of its own each keeps {weights} per cent. "
        "Its own estimate stands beside, and no verdict rests on the drawn one."
    ).format(weights=view.span(100 * rows["own_weight"].min(), 100 * rows["own_weight"].max()))


def _how_stacked(view: View) -> str:
    return view._(
        "What chance gives is asked of {n} random groups of as many counties without the project, each with "
        "the starts and the sizes of the project’s (stacked after Ben-Michael, Feller & Rothstein 2022)."
    ).format(n=view.n(view.estimate()["n"]))  # type: ignore[index]


def draw(view: View) -> list[str]:
    """Tell what a draw among the applicants shows: evidence of its own kind, beside the three levels."""
    from attraktiv_eval.reporting.draw import draw_sentence

    _, found = view._, getattr(view.evaluation, "draw", None)
    if found is None:
        return []
    how = _(
        "Evidence of its own kind: who was served first was drawn by lot. It stands beside the three levels "
        "and is never added to them."
    )
    days = _("It was drawn on {drawn}; everyone, those who wait too, was asked on {asked}.").format(
        drawn=escape(view.day(found.drawn)), asked=escape(view.day(found.asked))
    )
    small = ""
    if found.result.small:
        small = _(
            "Counts are left out, and effects rounded to fives: one of the counts lies between 1 and 4."
        )
    return [escape(draw_sentence(found.result, view.language)), f"{how} {days}", small]


# --- Level 3 on companies


def level3_companies(view: View) -> list[str]:
    """Tell whether companies' access to labour departs from comparable counties, or what lacks."""
    goal = next((id for id in view.evaluation.project.goals if view.counts(id) == "companies"), None)
    if goal is None:
        return [view._("The project has no goal on companies.")]
    found = getattr(view.evaluation, "companies", None)
    row = view.row("company_estimates", primary=True)
    if found is None or row is None:
        return [*_not_tested(view, found), _shortage(view)]
    return [
        f"{_answer(view, row)} {verdict_text(view, goal, 3)}".strip(),
        escape(found.choice.sentence(view.language)),
        _how(view, row),
        _meaning(view, row),
        _shortage(view),
    ]


def _shortage(view: View) -> str:
    """Tell what companies say of their access to labour in a survey: context, evidence of no level."""
    _ = view._
    rows = view.table("labour_shortage")
    if rows is None:
        return _(
            "Not in this report: the share of companies that call access to labour a great obstacle "
            "to growth (Tillväxtverket’s survey)."
        )
    place = escape(view.place)
    asked = rows[rows["short"].notna()]
    if asked.empty:
        return _("Tillväxtverket’s survey of companies has no figure for {region} in these years.").format(
            region=place
        )
    last = asked.iloc[-1]
    told = _(
        "Context, and evidence of no level: in Tillväxtverket’s survey of {year}, {share} per cent of the "
        "small and medium-sized companies in {region} called access to suitable labour a great obstacle to "
        "growth."
    ).format(year=int(last["year"]), share=_per_cent(view, last["short"]), region=place)
    if known(last["country"]):
        whole = _("In the whole country it was {share} per cent.")
        told += " " + whole.format(share=_per_cent(view, last["country"]))
    earlier = [f"{int(row['year'])}: {_per_cent(view, row['short'])}" for _i, row in asked[:-1].iterrows()]
    if earlier:
        told += " " + _("Earlier in {region}, per cent: {shares}.").format(
            region=place, shares="; ".join(earlier)
        )
    if not known(last["margin"]):
        error = _(
            "The file gives no margin of error; a sample is asked, and differences between years and "
            "counties may be chance."
        )
    else:
        error = _("The margin of error is {points} percentage points.").format(
            points=_per_cent(view, last["margin"])
        )
    return f"{told} {error}"


def _per_cent(view: View, share: float) -> str:
    return view.number(100 * float(share))


def _answer(view: View, row: Any) -> str:
    """Tell a deviation in the outcome's own unit: a stock's years are averaged, other years are summed."""
    as_mean = view._(
        "{outcome}: the county deviated by {n} {unit} in {years} from comparable regions, as a mean of the "
        "years; the 90 per cent interval is {range}."
    )
    in_all = view._(
        "{outcome}: the county deviated by {n} {unit} in all in {years} from comparable regions; the 90 per "
        "cent interval is {range}."
    )
    return (as_mean if view.defined[row["outcome"]].stock else in_all).format(
        outcome=escape(view.word("outcome", row["outcome"])),
        n=view.n(row["effect_units"], signed=True),
        unit=_unit(view, row),
        years=view.years(row),
        range=view.span(row["low"], row["high"]),
    )


def _in_own_units(view: View) -> list[str]:
    """Tell what a folder's own outcomes show beside the primary one, and which are left out and why."""
    _ = view._
    rows = view.rows("other_estimates")
    found = [] if rows is None else [row for _index, row in rows.iterrows()]
    told = [
        f"{_answer(view, row)} {escape(view.defined[row['outcome']].note(view.language))}".strip()
        for row in found
    ]
    reasons = {
        "no_counties": _("{outcome} is left out: there are no figures by county."),
        "too_few_years": _("{outcome} is left out: the figures lack years that the comparison needs."),
        "design_refused": _("{outcome} is left out: the figures do not carry the comparison."),
    }
    left_out = getattr(view.evaluation.county, "left_out", {})
    told += [
        reasons[reason].format(outcome=escape(view.word("outcome", id))) for id, reason in left_out.items()
    ]
    if found:
        told.append(
            _(
                "What is shown in its own unit is compared by the method and regions of the primary outcome; "
                "no verdict rests on it."
            )
        )
    return [" ".join(told)] if told else []


def _unit(view: View, row: Any) -> str:
    return escape(view.counted(row["unit"]))


def _not_tested(view: View, found: Any) -> list[str]:
    """Say that it is not tested, why, and what to fetch."""
    _ = view._
    reasons = {
        "too_few_years": _(
            "Not tested: the statistics on companies in this run begin too late, end too early, or have gaps."
        ),
        "design_refused": _(
            "Not tested: the statistics on companies do not carry the comparison ({detail})."
        ),
    }
    text = reasons.get(
        getattr(found, "reason", None) or "",
        _("Not tested: vacancies, employment and workplaces are not in the statistics of this run."),
    ).format(detail=escape(getattr(found, "detail", "")))
    fetch = _("They can be fetched from SCB, or read from files downloaded by hand.")
    held = getattr(found, "reason", None) in reasons
    return [f"{text} {fetch}", escape(found.choice.sentence(view.language)) if held else ""]


def _how(view: View, row: Any) -> str:
    return view._(
        "The primary method is {method}, chosen by the rule of the analysis plan on figures from before the "
        "project; the series are shorter than those on moves."
    ).format(method=escape(view.word("method", row["method"]).lower()))


def _meaning(view: View, row: Any) -> str:
    """Say how the count bears on the goal, which counts companies."""
    text = view._(
        "The statistics count {unit}, not companies. If each company of the goal filled one position, the "
        "count could change by as many at most, so an effect cannot be ruled out this way, only found."
    ).format(unit=_unit(view, row))
    return f"{text} {escape(view.defined[row['outcome']].note(view.language))}".strip()


# --- Level 3 from behind


def before_after(view: View) -> list[str]:
    """Why a comparison of before and after proves nothing here."""
    _ = view._
    rows = view.table("base_periods")
    if rows is None:
        return [no_statistics(view)]
    changes = [
        _("{change} persons a year against {years}").format(
            change=view.n(row["change"], signed=True), years=_years(row["first_year"], row["last_year"])
        )
        for _index, row in rows.iterrows()
    ]
    turns = rows["change"].min() < 0 < rows["change"].max()
    answer = (
        _("Before and after proves nothing here: the sign of the change turns with the base period.")
        if turns
        else _("Before and after alone proves nothing: the size of the change hangs on the base period.")
    )
    return [
        answer,
        _("Net migration in {years}: {changes}.").format(years=view.window, changes="; ".join(changes)),
        *_months(view),
    ]


def _months(view: View) -> list[str]:
    """Tell each year's in-moves from other counties beside the same months before, and its largest month."""
    _ = view._
    table = view.table("moves_by_month")
    if table is None:
        return [_("Not in this report: in-moves by month. The figures can be fetched from SCB.")]
    said = []
    for year, own in table.groupby("year"):
        held = own.dropna(subset=["before_mean"])
        if held.empty:
            continue
        values = {
            "year": str(year),
            "months": view.number(len(held)),
            "moves": view.n(held["moves"].sum()),
            "before": view.n(held["before_mean"].sum()),
            "years": _years(held["before_first"].iloc[0], held["before_last"].iloc[0]),
        }
        whole = _("{year}: {moves} against {before}")
        part = _("{year}, which is not whole: {moves} in {months} months, against {before}")
        complete = bool(held["whole_year"].all()) and len(held) == 12
        said.append((whole if complete else part).format(**values))
    if not said:
        return []
    return [
        _(
            "In-moves from other counties by month, against the mean of the same months in {years}: {said}. "
            "The months tell when people moved in, not why."
        ).format(years=values["years"], said="; ".join(said))
    ]


def _years(first: int, last: int) -> str:
    return f"{int(first)}" if first == last else f"{int(first)}–{int(last)}"


def rivals(view: View) -> list[str]:
    """Tell what else may lie behind the county's figures."""
    rows = view.table("rivals")
    if rows is None:
        return [no_statistics(view)]
    return [
        view._(
            "There are other explanations than the project, and one county’s figures cannot rule them "
            "out. The table lists {n} checks. Of each it says which way the explanation would pull "
            "the figure, and what the check found, in persons a year. Beside it stands the same check "
            "for the years just before the project. A check speaks for or against an explanation "
            "only if it changes the answer more than it did then."
        ).format(n=view.number(len(rows))),
        _controls(view),
        _own_work(view),
        view._(
            "People already set on moving may also be the ones who contact the project. "
            "And what this county gains, other counties may have lost."
        ),
    ]


def _own_work(view: View) -> str:
    """Tell how far the estimate hangs on comparison regions that had attraction work of their own."""
    rows = view.rows("rivals", check="without_treated_donors")
    if rows is None or not rows["checked"].any():
        return ""
    row = rows.iloc[0]
    return view._(
        "Some comparison counties worked to attract people too. Without them the deviation is "
        "{after} persons a year instead of {before}."
    ).format(before=view.number(row["reference"], signed=True), after=view.number(row["value"], signed=True))


def _controls(view: View) -> str:
    """Return the negative controls with their numbers: what attraction work should leave alone."""
    _ = view._
    rows = view.table("controls")
    if rows is None:
        return ""
    each = _("{outcome} {n} persons in {years}, 90 per cent interval {range}")
    said = [
        each.format(**view.found(row, outcome=view.word("outcome", row["outcome"]).lower()))
        for row in rows.to_dict("records")
    ]
    text = _(
        "Negative controls are figures that work to attract people from the rest of the country "
        "should leave alone. They deviated by: {controls}."
    ).format(controls="; ".join(said))
    apart = [row for _index, row in rows.iterrows() if not row["low"] <= 0 <= row["high"]]
    if apart:
        return (
            text
            + " "
            + _("Where an interval leaves out zero, something else than attraction has been at work as well.")
        )
    if len(rows) == 1:
        return text + " " + _("The interval holds zero.")
    return text + " " + _("None of the intervals leaves out zero.")


def method(view: View) -> list[str]:
    """How the three levels are found, and how strong the evidence can be."""
    return [
        view._(
            "Three questions are asked apart: how many moved in or hired, to how many of them the "
            "project may have contributed, and whether the county departed from comparable regions. "
            "The answers are never added to one number."
        ),
        view._(
            "Level 1 counts what stands in the cleaned lists. Level 2 is counted many times, each "
            "time with other values within the ranges of the assumptions. Level 3 makes the same "
            "comparison for every other region, as if the project had been there, and sees how "
            "unusual {region} is."
        ).format(region=escape(view.place)),
        maryland(view),
    ]
