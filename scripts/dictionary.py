"""Bring the data dictionary in ``data/README.md`` up to date with the schemas."""

from __future__ import annotations

from attraktiv_eval import resources
from attraktiv_eval.records.dictionary import write_dictionary

if __name__ == "__main__":
    changed = write_dictionary(resources.find("data/README.md"))
    print("data/README.md: changed" if changed else "data/README.md: up to date")
