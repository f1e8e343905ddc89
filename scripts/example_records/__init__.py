"""Invented example records with a known truth, made from a seed."""

from scripts.example_records.writing import write_example

__all__ = ["write_example"]
