"""Workload: computes in Python."""
