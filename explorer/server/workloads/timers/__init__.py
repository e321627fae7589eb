"""Workload: work at set times."""
