"""Workload: readers and a writer at one shelf."""
