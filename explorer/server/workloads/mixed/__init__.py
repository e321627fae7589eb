"""Workload: Python, a wait, Python again."""
