"""Level 3 for the county: the plan, its candidates, the comparison, and what else could explain the gap."""
