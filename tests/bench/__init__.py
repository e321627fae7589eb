"""Benchmarks: `python -m tests.bench NAME [--json FILE|-]` runs one, prints a table, asserts nothing.

A benchmark is a module in this folder with `run()`, which measures and returns its figures as JSON-able data, and
`table(figures)`, which is their text. A `run` that takes strings gets the rest of the command line. What is compared is
measured in the same run, because only ratios survive a busy machine. A module whose name begins with `_` is a helper.
"""
