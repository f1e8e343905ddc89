"""Runs: parameters checked first, notebooks executed, folders published whole or not at all."""
