"""Workload: waits for the database to report a change."""
