"""Workload: producers and consumers of a queue."""
