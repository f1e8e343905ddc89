"""A published folder is described as an RO-Crate: another program reads it, and the folder gives it again."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
import rocrate
from rocrate.rocrate import ROCrate

from attraktiv_eval.runs.publication import CRATE, describe_folder, write_crate
from attraktiv_eval.runs.verification import _beside

SEED = 20261130
OWNER = "Region Jämtland Härjedalen"
INPUTS = [
    {"part": "project", "file": "project.toml", "sha256": "a" * 64},
    {"part": "records", "file": "hushåll och företag.xlsx", "sha256": "b" * 64},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published final report: its pages, Word and PDF, tables in a folder, a name with a space and å."""
    out = tmp_path / "final"
    (out / "tables").mkdir(parents=True)
    draw = random.Random(SEED)
    for name in ("final_report.html", "final_report.docx", "final_report.pdf", "tables/antal på plats.csv"):
        (out / name).write_bytes(draw.randbytes(400))
    run = {
        "run_id": "final-0123456789ab",
        "version": 2,
        "report": "final",
        "languages": ["sv", "en"],
        "publisher": [OWNER],
        "started": "2026-11-30T10:15:00+00:00",
        "ended": "2026-11-30T10:16:00+00:00",
        "software": {"python": "3.11.9", "attraktiv-eval": "0.1.0"},
        "git": {"commit": "0123456789abcdef", "dirty": False},
        "inputs": INPUTS,
    }
    results = {"project": "En attraktiv region", "year": 2022, "final": True, "until": "2022-12-31"}
    results["example_data"] = True
    for name, content in (("run.json", run), ("results.json", results)):
        (out / name).write_text(json.dumps(content), encoding="utf-8")
    assert write_crate(out) == out / CRATE
    return out


def test_another_program_reads_the_description(folder: Path) -> None:
    crate = ROCrate(folder)
    root = crate.root_dataset
    assert root["name"] == "Exempeldata – En attraktiv region: Slutrapport"
    assert root["description"].startswith("Exempeldata")
    assert root["publisher"]["name"] == OWNER and root["publisher"].type == "Organization"
    assert root["license"]["name"] == "No licence stated"
    assert {one["name"] for one in root["hasPart"]} == {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != CRATE
    }
    for one in root["hasPart"]:
        content = (folder / one["name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert (one["contentSize"], one.type) == (str(len(content)), "File")
        assert "/" in one["encodingFormat"]
    action = root["mentions"]
    assert (action.type, action["instrument"]["name"]) == ("CreateAction", "attraktiv-eval")
    assert action["instrument"]["version"].startswith("0.1.0")
    assert [(one["name"], one["sha256"]) for one in action["object"]] == [
        (f"{one['part']}/{one['file']}", one["sha256"]) for one in INPUTS
    ]
    assert action["startTime"] < action["endTime"]


def test_the_description_keeps_the_rules_of_the_specification(folder: Path) -> None:
    """RO-Crate 1.1: flat, each entity with an id and a type, all references held, only known terms."""
    text = (folder / CRATE).read_text(encoding="utf-8")
    document = json.loads(text)
    context = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes())
    known = {*context["@context"], "@id", "@type", *document["@context"][1]}
    graph = {one["@id"]: one for one in document["@graph"]}
    assert document["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    assert len(graph) == len(document["@graph"])
    assert graph[CRATE]["about"] == {"@id": "./"}
    assert graph[CRATE]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert {"name", "description", "datePublished", "license"} <= set(graph["./"])
    for one in graph.values():
        assert set(one) <= known and one["@type"] in known
        for value in one.values():
            for held in value if isinstance(value, list) else [value]:
                if isinstance(held, dict):
                    assert list(held) == ["@id"]
                    assert held["@id"] in graph or held["@id"].startswith("https://")
    assert str(folder.parent) not in text


def test_a_stated_licence_is_told_and_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    assert describe_folder(folder) == (folder / CRATE).read_text(encoding="utf-8")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    address = "https://creativecommons.org/licenses/by/4.0/"
    (folder / "run.json").write_text(json.dumps(run | {"licence": address}), encoding="utf-8")
    write_crate(folder)
    assert ROCrate(folder).root_dataset["license"].id == address
    (folder / "results.json").unlink()
    assert write_crate(folder) is None


def test_a_hundred_of_a_hundred_changed_bytes_of_the_folder_are_found(folder: Path) -> None:
    """Of every file in turn, the description among them; also a file that is added or taken away."""
    draw = random.Random(SEED)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    (check,) = _beside(folder)
    assert check.fine and check.asked == len(files)
    missed = []
    for number in range(100):
        file = files[number % len(files)]
        whole = file.read_bytes()
        at = draw.randrange(len(whole))
        file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << draw.randrange(7))]) + whole[at + 1 :])
        (check,) = _beside(folder)
        missed += [(file.name, at)] if check.fine else []
        file.write_bytes(whole)
    assert missed == []
    for left in (".DS_Store", "~$final_report.docx", "Thumbs.db"):
        (folder / left).write_text("x", encoding="utf-8")
    (check,) = _beside(folder)
    assert check.fine and check.asked == len(files)
    (folder / "tables" / "more.csv").write_text("x", encoding="utf-8")
    (check,) = _beside(folder)
    assert check.faults == ("tables/more.csv",)
    (folder / "final_report.docx").unlink()
    (check,) = _beside(folder)
    assert check.faults == ("final_report.docx", "tables/more.csv")
