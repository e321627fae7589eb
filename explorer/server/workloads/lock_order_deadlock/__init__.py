"""Workload: two transfers in opposite directions."""
