"""What the provenance section states: sources, the plan, three criteria, the run itself, accessibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.provenance import definitions

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["accessibility", "criteria", "run_record", "sources"]


def sources(view: View, run: dict[str, Any]) -> list[str]:
    """Return the files that went in, each with its checksum, and the tables of official statistics."""
    _ = view._
    files = [
        (str(one.get("file", "")), f'<code class="hash">{escape(one.get("sha256", ""))}</code>')
        for one in run.get("inputs") or getattr(view.evaluation, "inputs", None) or []
    ]
    statistics = [_statistic(view, one) for one in view.sources]
    return [
        f'<h3 id="sources">{escape(_("Sources"))}</h3>',
        f"<ul>{''.join(f'<li>{line}</li>' for line in statistics)}</ul>" if statistics else "",
        f"<details><summary>{escape(_('Files read, with SHA-256'))}</summary>{definitions(files)}</details>"
        if files
        else "",
    ]


def _statistic(view: View, one: dict[str, Any]) -> str:
    _ = view._
    tables = view.join([str(table) for table in one.get("tables", [])])
    when = one.get("updated") or one.get("read") or _("day of reading not recorded")
    return _("Statistics Sweden (SCB), {tables}, in {file}, {day}, {licence}; SHA-256 {hash}").format(
        tables=escape(tables),
        file=escape(one.get("file", "")),
        day=escape(when),
        licence=escape(one.get("licence", "")),
        hash=f'<code class="hash">{escape(one.get("sha256", ""))}</code>',
    )


def criteria(view: View) -> list[str]:
    """Return the Maryland level and the answers to the three criteria of the National Audit Office."""
    _ = view._
    return [
        f'<h3 id="criteria">{escape(_("How strong the evidence can be"))}</h3>',
        "<p>"
        + escape(
            _(
                "Maryland scale: level 3 of 5, before and after with a comparison group. Not higher, "
                "because nobody drew "
                "lots about who took part and no natural experiment decided it."
            )
        )
        + "</p>",
        "<p>"
        + escape(_("The National Audit Office (RiR 2020:30) asks three things of an effect evaluation:"))
        + "</p>",
        definitions(
            [
                (
                    _("A counterfactual"),
                    escape(
                        _(
                            "Comparison regions, at level 3. Asking participants is not one, and level 2 "
                            "says so."
                        )
                    ),
                ),
                (
                    _("Reasons for the statistical assumptions"),
                    escape(
                        _(
                            "Every assumption has a range and a reference; the fit before the project, "
                            "placebos in other "
                            "regions and in earlier years are shown."
                        )
                    ),
                ),
                (
                    _("Reasons for the choice of method"),
                    escape(
                        _(
                            "The primary method is the one that erred least on regions and years without "
                            "the project. "
                            "The rule was set after the figures for 2020–2022 were public, and the report "
                            "says so."
                        )
                    ),
                ),
            ]
        ),
    ]


def run_record(view: View, run: dict[str, Any]) -> list[str]:
    """Return what the run says of itself: id, version, diary number, time, program, seeds."""
    _ = view._
    git = run.get("git") or {}
    software = run.get("software") or run.get("versions") or {}
    pairs = [
        (_("Run"), _code(run.get("run_id"))),
        (_("Version"), escape(run.get("version") or "")),
        (_("Replaces"), escape(_("version {n}").format(n=run["replaces"])) if run.get("replaces") else ""),
        (_("Diary number"), escape(view.evaluation.project.diary_number or _("not filled in"))),
        (_("Data until"), escape(view.day(view.evaluation.until))),
        (_("Started"), escape(run.get("started") or "")),
        (_("Program"), _program(view, git)),
        (_("Software"), escape(", ".join(f"{key} {value}" for key, value in sorted(software.items())))),
        (_("Parameters"), escape(_pairs(run.get("parameters")))),
        (_("Seeds"), escape(_pairs(run.get("seeds")))),
    ]
    return [f'<h3 id="run">{escape(_("The run"))}</h3>', definitions(pairs)]


def _pairs(found: Any) -> str:
    return ", ".join(f"{key} = {value}" for key, value in found.items()) if isinstance(found, dict) else ""


def _code(value: Any) -> str:
    return f"<code>{escape(value)}</code>" if value else ""


def _program(view: View, git: dict[str, Any]) -> str:
    _ = view._
    commit = git.get("commit") or git.get("sha")
    if not commit:
        return ""
    state = _("with changes that are not committed") if git.get("dirty") else _("unchanged")
    return f"{_code(str(commit)[:12])}, {escape(state)}"


def accessibility(view: View) -> list[str]:
    """Return the accessibility statement and the line of contact, from the project's description."""
    _ = view._
    of = view.evaluation.project
    contact = of.accessibility.get("contact") or of.contact
    text = _(
        "The report follows WCAG 2.1 at level AA. Figures have a text and a table; it can be read by "
        "keyboard, enlarged, "
        "in the dark and on paper."
    )
    law = escape(of.accessibility.get("law", "")) if view.language == "sv" else ""
    line = (
        _("Report what does not work to {contact}.").format(contact=escape(contact))
        if contact
        else _("The Region has not yet filled in whom to contact.")
    )
    return [
        f'<h3 id="accessibility">{escape(_("Accessibility and contact"))}</h3>',
        f"<p>{escape(text)} {law}</p>",
        f"<p>{line}</p>",
    ]
