"""Which project a published report is about: two projects are never published, or compared, as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attraktiv_eval.project import Project

__all__ = ["Identity"]


@dataclass(frozen=True)
class Identity:
    """What tells a project from others: the county that it worked in, and its name.

    The name alone does not do, since every county can be shown as if it had had the same project; nor does
    the county, which has several projects. Goals and period may be corrected without making another project.
    A project that is renamed counts as another, for nothing tells a new name from a new project: its reports
    go into a new folder, or the old name is kept. ``region`` is None in reports made before it was noted;
    then the name decides.
    """

    region: str | None
    name: str

    @classmethod
    def of(cls, project: Project) -> Identity:
        """Return the identity of a described project."""
        return cls(project.region.code, project.name)

    @classmethod
    def published(cls, run: dict[str, Any], results: dict[str, Any]) -> Identity:
        """Return the identity of the project of a published report, from its run.json and results.json."""
        return cls(run.get("region"), results["project"])

    def is_other_than(self, other: Identity) -> bool:
        """Return whether these are two projects."""
        known = self.region is not None and other.region is not None
        return self.name != other.name or (known and self.region != other.region)

    def __str__(self) -> str:
        return self.name if self.region is None else f"{self.name}, county {self.region}"
