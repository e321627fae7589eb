"""Workload: reads and writes a file."""
