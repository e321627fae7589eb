"""Workload: a lock that is held across an await."""
