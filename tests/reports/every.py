"""The names of the pages that the tests open."""

from __future__ import annotations

PAGES = [
    "2021/evaluation.html",
    "2021/evaluation.en.html",
    "final/final_report.html",
    "final/final_report.en.html",
    "index.html",
    "index.en.html",
]
COMMITTED = ["notebooks/yearly_evaluation.html", "notebooks/final_report.html"]
#: Made from the shipped figures and the example records, in English.
REAL = ["real/evaluation.en.html"]
PORTFOLIO = ["portfolio/index.html", "portfolio/index.en.html"]
