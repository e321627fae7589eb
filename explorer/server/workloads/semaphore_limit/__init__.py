"""Workload: more requests than a database has connections."""
