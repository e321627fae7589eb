"""Workload: works after the answer."""
