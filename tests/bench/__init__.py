"""Benchmarks: each module measures one thing in one run and asserts nothing."""
