"""Invented records for a project in any county, with numbers that a test can count again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from attraktiv_eval.project import Project


def write_lists(folder: Path, project: Project, moved: int = 12, open_cases: int = 3) -> None:
    """Write contacts, households (of three persons), companies, organisations and activities."""
    folder.mkdir(parents=True, exist_ok=True)
    home = next(iter(project.region.municipalities))
    area, phase = project.areas[0].sv, project.phases[0].sv
    ids = [f"H-{n:03d}" for n in range(moved + open_cases)]
    met = {id: project.start + timedelta(days=20 + 5 * n) for n, id in enumerate(ids)}
    contacts = [f"K-{n};{met[id]};{id};{phase};{area};{home}" for n, id in enumerate(ids)]
    homes = []
    for n, id in enumerate(ids):
        came = ("Ja", f"{met[id] + timedelta(days=90)}", home) if n < moved else ("", "", "")
        homes.append(f"{id};2;1;0180;{met[id]};{';'.join(came)}")
    answers = [f"{id};{1 + n % 5};Nej;{project.end}" for n, id in enumerate(ids[: moved // 2])]
    lists = {
        "kontakter": ("Kontakt-id;Datum;Hushålls-id;Fas;Område;Kommun", contacts),
        "hushåll": (
            "Hushålls-id;Vuxna;Barn;Flyttar från kommun;Första kontakt;Inflyttat;Inflyttningsdatum;"
            "Flyttar till kommun",
            homes,
        ),
        "enkät_hushåll": ("Hushålls-id;Svar;Andra projekt;Svarsdatum", answers),
        "företag": (
            "Företag;Kommun;Första stöd;Anställda via projektet;Första anställning",
            [
                f"Påhittade {n} AB;{home};{project.start};1;{project.start + timedelta(days=60)}"
                for n in range(7)
            ],
        ),
        "organisationer": ("Organisation;Typ;Med från", [f"Uppdiktade kommunen;Kommun;{project.start}"]),
        "aktiviteter": (
            "Datum;Fas;Område;Räckvidd;Kostnad (kr)",
            [f"{project.start + timedelta(days=30 * n)};{phase};{area};{100 + n};1000" for n in range(6)],
        ),
    }
    for name, (heading, rows) in lists.items():
        text = "\n".join([heading, *rows]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
