"""Workbooks saved without the time of day, so that the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["save_same_bytes"]

_MOMENT = datetime(2023, 3, 15)


def save_same_bytes(book: Any, path: Path) -> None:
    """Save an openpyxl workbook with fixed times and its parts in order of name."""
    book.properties.creator = "attraktiv_eval"
    book.properties.created = book.properties.modified = _MOMENT
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = rb"(<dcterms:modified[^>]*>)[^<]*"
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(stamp, rb"\g<1>2023-03-15T00:00:00Z", data)
            info = zipfile.ZipInfo(name, _MOMENT.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, data)
