"""Write docs/texts.md: terms, banned turns, and the first screen of the final report in both languages.

Run after figures or words have changed; a test compares the page with what the code says.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.reporting.first_screen import banner, levels, report_title, sentences
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.view import plain

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Evaluation

PAGE = Path(__file__).resolve().parent.parent / "docs" / "texts.md"
HEAD = """# The texts of the reports

The words of the reports lie in the catalogue `attraktiv_eval/locale`, the terms that a page explains in
`data/glossary.toml`. They are written for a board: short sentences, the answer first, one word for one thing.
The tests measure LIX and the length of sentences by section, body and appendix.

## One word for one thing

| in English | in Swedish | not |
|---|---|---|
| moved in / hired (level 1) | flyttat in / anställt (nivå 1) | nådda, berörda |
| contributed to (level 2) | bidragit till (nivå 2) | effekt, resultat |
| counterfactual comparison (level 3) | kontrafaktisk jämförelse (nivå 3) | effektmätning |
| household | hushåll | flyttare |
| person, where statistics count persons | personer | flyttningar, individer |
| move, where statistics count moves | flyttningar | personer |
| range (level 2) | spann (nivå 2) | intervall, felmarginal |
| interval (level 3) | intervall (nivå 3) | spann, säkerhet |
| middle value | mittvärde | mitten, median |
| had contact with the project | hade kontakt med projektet | nåddes |
| deviation | avvikelse | utslag, effekt |
| smallest detectable effect | minsta påvisbara effekt | styrka, power |
| comparison county | jämförelselän | donator, kontroll |
| would have come anyway (deadweight) | hade kommit ändå (dödvikt) | deadweight |

## Turns that no page has

Each is banned from every page, in any of its forms; the words after the arrow are used instead.

- satt på åren → anpassad till åren före projektet
- inget annat antagande flyttar → det här antagandet betyder mest
- medianen av dragningarna → mittvärdet
- drar många gånger → räknas många gånger
- efter hur långt det avvek → efter avvikelsens storlek
- vad de flyttade → hur många som flyttade
- utslag → avvikelse
- i mitten → mittvärdet
- körningens statistik → den statistik som användes
- rimligen ha bidragit → kan ha bidragit
- satt på stället → bestämd när rapporten gjordes
- medianen → mittvärdet
- huvudutfall → det som jämförs i första hand
- satt på länets plats → samma sak för varje annan region
- av ren slump → slumpen ensam väntas ge
- skilja från brus → skilja från slumpen
- sticker ut → avviker mer än slumpen brukar ge
- i samma stund av denna körning → när rapporten gjordes
- räknas till projektet → räknas projektet till godo
- draws from stated assumptions → is calculated many times
- fitted on the years → fitted to the years
- the median of the draws → the middle value
- no other assumption moves → this assumption matters most
- told apart from noise → told apart from chance
- put on the years → for the years
- put in the county’s place → the same for every other region
- draws many times → is counted many times
- ranked by how far it deviated → in order of the deviation

# The first screens

What a reader meets first in the final report, made from the shipped official figures and the invented
example records. Written by `scripts/first_screens.py`; a test fails where the page and the code disagree.
"""


def first_screen(evaluation: Evaluation, language: str) -> str:
    """Return one first screen as Markdown: title, the four sentences, the table, the banner."""
    view = Report(evaluation, language).view
    parts = [f"## {report_title(view)}"]
    parts.append("\n".join(f"{at}. {plain(text)}" for at, text in enumerate(sentences(view), start=1)))
    heads = [view._("Goal"), *(view.word("level", level) for level in (1, 2, 3))]
    table = [f"| | {' | '.join(heads)} |", "|---|---:|---|---|---|"]
    for goal in view.evaluation.project.goals:
        target = view.number(view.evaluation.project.goals[goal].target)
        cells = " | ".join(plain(cell) for cell in levels(view, goal))
        table.append(f"| {view.word('goal', goal)} | {target} | {cells} |")
    parts.append("\n".join(table))
    parts.append(f"*{plain(banner(view))}*" if banner(view) else "")
    return "\n\n".join(part for part in parts if part)


def page(evaluation: Evaluation) -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(first_screen(evaluation, language) + "\n" for language in ("sv", "en"))])


if __name__ == "__main__":
    from attraktiv_eval.evaluation import evaluate

    PAGE.write_text(page(evaluate()), encoding="utf-8", newline="\n")
