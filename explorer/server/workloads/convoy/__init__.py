"""Workload: one slow holder of a lock that all need."""
