"""How long it takes to turn a run's executed notebooks into pages, language by language.

Run as ``python benchmarks/rendering.py [outputs]`` after a run: the notebooks of that folder are rendered
once more, into a temporary folder. Beside each stands its share of the time that its report took.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from attraktiv_eval.reporting.page import render

GOAL_S = 12
STEMS = {"final": "final_report"}


def rendered(folder: Path, language: str, target: Path) -> tuple[float, float]:
    """Return clock and CPU seconds to render a report's notebook in a language."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    ending = "" if language == "sv" else f".{language}"
    stem = STEMS.get(folder.name, "evaluation") + ending
    clock, cpu = time.perf_counter(), time.process_time()
    page = target / f"{folder.name}-{stem}.html"
    render(folder / f"{stem}.ipynb", page, language=language, title=stem, run=run)
    return time.perf_counter() - clock, time.process_time() - cpu


def main() -> None:
    """Print each report's time and the sum for each language."""
    outputs = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
    reports = sorted(file.parent for file in outputs.glob("*/run.json"))
    if not reports:
        print(f"{outputs} holds no reports; attraktiv-eval run makes them")
        return
    with tempfile.TemporaryDirectory() as folder:
        for language in json.loads((reports[0] / "run.json").read_text(encoding="utf-8"))["languages"]:
            whole = 0.0
            for report in reports:
                clock, cpu = rendered(report, language, Path(folder))
                took = json.loads((report / "run.json").read_text(encoding="utf-8"))["seconds"]
                whole += clock
                share = f"{clock / took:6.1%} of its run"
                print(f"{report.name:<8} {language}  {clock:5.1f} s   CPU {cpu:5.1f} s   {share}")
            print(
                f"all      {language}  {whole:5.1f} s{'   over' if whole > GOAL_S else ''} (goal {GOAL_S} s)"
            )


if __name__ == "__main__":
    main()
