"""Workload: threads that read, call and write one number."""
