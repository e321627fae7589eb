"""Workload: one number for all, with or without a lock."""
