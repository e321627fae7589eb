"""Workload: asks a slow upstream."""
