"""Invented example records with a known truth, made from a seed."""

from attraktiv_eval.records.example.writing import write_example

__all__ = ["write_example"]
