"""Invented example records with a known truth, made from a seed."""

import os

os.environ.setdefault("OPENPYXL_LXML", "False")  # the same bytes whether or not lxml is installed

from scripts.example_records.writing import write_example

__all__ = ["write_example"]
