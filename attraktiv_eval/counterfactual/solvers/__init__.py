"""The numerical solvers that the estimators rest on; each tells how far from the optimum it ended."""
