"""Turns an executed notebook into one page that carries everything with it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

from attraktiv_eval.reporting import page
from attraktiv_eval.texts import LANGUAGES

__all__ = ["TEMPLATES", "render"]

#: A link that names a cell; the exporter writes attributes in an order and with quotes of its own.
_TO_CELL = re.compile(
    r"""<a (?=[^>]*data-cell=(?P<quote>["'])(?P<cell>.*?)(?P=quote))[^>]*?href="(?P<file>[^"#]+)"[^>]*>"""
)
TEMPLATES = Path(__file__).resolve().parent / "template"


def render(notebook: Path, html: Path, *, language: str, title: str, run: dict[str, Any]) -> None:
    """Write an executed notebook as a self-contained HTML page in one language.

    Parameters
    ----------
    notebook : Path
        The executed notebook; prose cells tagged with another language are left out, code is not shown.
    html : Path
        The page to write.
    language : {"sv", "en"}
    title : str
        The title of the page.
    run : dict
        What run.json says: run_id, version, replaces, languages, ...; a missing key is left out of the page.
    """
    body = _lead_to_cells(_exporter(language).from_filename(str(notebook))[0], notebook)
    text = page.finish(
        body, language=language, title=title, run=run, notebook=Path(notebook).name, own=Path(html).name
    )
    Path(html).write_text(text, encoding="utf-8", newline="\n")


def _lead_to_cells(body: str, notebook: Path) -> str:
    """Let each link that names a cell end in the cell's id, which JupyterLab scrolls to."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    ids = {"".join(one["source"]).strip(): one.get("id") for one in cells if one["cell_type"] == "code"}

    def lead(link: re.Match[str]) -> str:
        id = ids.get(unescape(link["cell"]))
        return f'<a href="{link["file"]}#cell-id={id}">' if id else f'<a href="{link["file"]}">'

    return _TO_CELL.sub(lead, body)


def _exporter(language: str) -> Any:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    others = {f"lang-{other}" for other in LANGUAGES if other != language}
    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = others | {"remove-cell"}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {
        "parameters",
        "injected-parameters",
        "remove-output",
    }
    return HTMLExporter(
        config=config,
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
        language_code=language,
    )
