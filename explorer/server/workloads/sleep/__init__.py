"""Workload: waits for a set time."""
