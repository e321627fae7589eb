"""Workload: many awaits at once."""
