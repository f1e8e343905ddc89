"""The modules of the package import one another in one direction: no circle, not even one of types alone."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import attraktiv_eval

ROOT = Path(attraktiv_eval.__file__).parent


def import_graph() -> dict[str, set[str]]:
    """Return module -> modules that it imports anywhere in its text, inside functions and for types too."""
    paths = {
        ".".join((ROOT.name, *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in ROOT.rglob("*.py")
        if "_shipped" not in path.parts
    }
    graph = {}
    for name, path in paths.items():
        wanted: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                wanted |= inner & set(paths) or {node.module}
            elif isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
        graph[name] = (wanted & set(paths)) - {name}
    return graph


def test_no_module_is_in_a_circle_of_imports():
    graph = import_graph()
    assert len(graph) > 100 and sum(map(len, graph.values())) > 500
    TopologicalSorter(graph).prepare()  # raises CycleError and names the circle


def test_the_package_has_no_more_files_than_its_house_holds():
    assert len(import_graph()) <= 150, (
        "docs/decisions/0014-size-of-the-house.md says what a new file takes the place of"
    )


def test_a_circle_would_be_found():
    graph = import_graph()
    graph["attraktiv_eval.errors"] = {"attraktiv_eval.cli"}
    try:
        TopologicalSorter(graph).prepare()
    except ValueError as error:
        assert "circle" in str(error) or "cycle" in str(error)
    else:
        raise AssertionError("a circle was not found")
