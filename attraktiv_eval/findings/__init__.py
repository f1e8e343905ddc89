"""The three levels against the goals, each by its own rule; the levels are never combined.

Pure: numbers in, verdicts out, nothing is read or drawn.
"""

from __future__ import annotations

from attraktiv_eval.findings.verdicts import (
    RULES,
    Level3,
    Verdict,
    aim_words,
    mde_sentence,
    verdict,
    verdict_sentence,
    verdict_short,
    verdict_words,
    verdicts,
)

__all__ = [
    "RULES",
    "Level3",
    "Verdict",
    "aim_words",
    "mde_sentence",
    "verdict",
    "verdict_sentence",
    "verdict_short",
    "verdict_words",
    "verdicts",
]
