"""Workload: makes garbage."""
