"""Workload: queries through a pool of database connections."""
