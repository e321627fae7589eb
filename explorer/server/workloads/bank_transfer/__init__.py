"""Workload: moves money between accounts, at a level of isolation."""
