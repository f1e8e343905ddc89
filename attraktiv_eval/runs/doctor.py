"""Looks over the machine before a run: one line a question."""

from __future__ import annotations

import locale
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.resources import refuse_without_loopback

__all__ = ["Line", "examine"]


@dataclass(frozen=True)
class Line:
    """One answer: what was asked, whether it is fine, and what was found or what to do."""

    name: str
    fine: bool
    told: str


def examine(output: Path) -> list[Line]:
    """Return the answers in the order in which a run would need them."""
    return [_python(), _kernel(), _loopback(), _locale(), _catalogue(), _write_rights(output), _chromium()]


def _python() -> Line:
    fine = sys.version_info >= (3, 11)
    return Line("Python", fine, platform.python_version() + ("" if fine else "; install 3.11 or newer"))


def _kernel() -> Line:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Line("kernel", False, "no python3 kernel; run python -m ipykernel install --sys-prefix")
    command = spec.argv[0]
    here = Path(sys.executable).parent.resolve()
    own = not Path(command).is_absolute() or Path(command).parent.resolve() == here
    told = "python3, of this environment" if own else f"python3 starts another Python ({command})"
    remedy = "" if own else "; run python -m ipykernel install --sys-prefix"
    return Line("kernel", own, told + remedy)


def _loopback() -> Line:
    try:
        refuse_without_loopback()
    except ParameterError as fault:
        return Line("loopback", False, fault.one_line())
    return Line("loopback", True, "this machine answers itself, as notebooks need")


def _locale() -> Line:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    fine = encoding in ("utf8", "cp1252", "iso88591", "cp65001")
    told = f"{locale.getlocale()[0] or 'C'}, terminal {sys.stdout.encoding}"
    return Line("locale", fine, told + ("" if fine else "; set PYTHONUTF8=1 to see å, ä and ö"))


def _catalogue() -> Line:
    from attraktiv_eval.texts import number, translator

    fine = translator("sv")("Goal") == "Mål" and number(1234.5, "sv", 1) == "1\u00a0234,5"
    return Line("Swedish", fine, "texts and numbers" if fine else "the catalogue is missing; install again")


def _write_rights(output: Path) -> Line:
    folder = output
    while not folder.exists():
        folder = folder.resolve().parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as denied:
        reason = denied.strerror or "cannot be written"
        return Line("output", False, f"{output}: {reason}; choose another folder with --output")
    free = shutil.disk_usage(folder).free // 1_000_000
    return Line("output", True, f"{output} can be written, {free:,} MB free".replace(",", " "))


def _chromium() -> Line:
    from attraktiv_eval.reporting.pdf import find_chromium

    found = find_chromium()
    return Line("Chromium", True, "found" if found else "not found: no PDF; all else works")
