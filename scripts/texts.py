"""Bring the gettext catalogues up to date with the code, and compile them.

Run as ``make texts``. New messages arrive empty in the Swedish catalogue: fill them in and run again.
Messages that no code uses any longer are dropped. Nothing is guessed (no fuzzy matching).
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "attraktiv_eval"
CATALOGUE = PACKAGE / "locale" / "sv" / "LC_MESSAGES" / "attraktiv_eval.po"


def extract() -> Catalog:
    """Return the messages that the code uses, in the order of files and lines."""
    template = Catalog(fuzzy=False)
    for name, line, message, comments, context in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords={"_": None}, comment_tags=["TRANSLATORS:"]
    ):
        template.add(message, None, [(Path(name).as_posix(), line)], auto_comments=comments, context=context)
    return template


def bring_up_to_date() -> list[str]:
    """Write the Swedish catalogue and its compiled form; return the messages without a translation."""
    old = Catalog(locale="sv")
    if CATALOGUE.is_file():
        with CATALOGUE.open("rb") as file:
            old = read_po(file, locale="sv")
    new = Catalog(locale="sv", project="attraktiv_eval", fuzzy=False, charset="utf-8")
    for message in extract():
        if message.id:
            known = old.get(message.id, message.context)
            new.add(message.id, known.string if known else "", message.locations, context=message.context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, new, omit_header=False, no_location=True, sort_output=True, width=110)
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines(keepends=True)
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', "# FIRST AUTHOR")
    CATALOGUE.write_text("".join(x for x in lines if not x.startswith(dated)), encoding="utf-8", newline="\n")
    with CATALOGUE.open("rb") as file:
        compiled = read_po(file, locale="sv")
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, compiled)
    return [str(message.id) for message in compiled if message.id and not message.string]


if __name__ == "__main__":
    missing = bring_up_to_date()
    for text in missing:
        print(f"no Swedish text for: {text}", file=sys.stderr)
    sys.exit(1 if missing else 0)
