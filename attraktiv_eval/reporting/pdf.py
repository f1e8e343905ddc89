"""Prints a report to a tagged PDF for the diary, through a Chromium where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["find_chromium", "print_pdf"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120


def find_chromium() -> str | None:
    """Return the path of a Chromium, Chrome or Edge on the search path; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def print_pdf(html: Path, pdf: Path, *, chromium: str | None = None) -> bool:
    """Print a rendered report to PDF with tags and bookmarks.

    Parameters
    ----------
    html, pdf : Path
        The page, and the file to write.
    chromium : str, optional
        The browser; found on the search path unless given.

    Returns
    -------
    bool
        False where there is no Chromium, or it could not print: the report stands without a PDF.
    """
    browser = chromium or find_chromium()
    if browser is None:
        return False
    with tempfile.TemporaryDirectory() as profile:
        target = Path(profile) / "report.pdf"
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}/profile",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target}",
            *(["--no-sandbox"] if _is_root() else []),
            Path(html).resolve().as_uri(),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return False
        if not target.is_file():
            return False
        shutil.move(target, pdf)
    return True


def _is_root() -> bool:
    """Return whether this is root, as in a container, to whom Chromium refuses its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
