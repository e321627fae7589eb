"""Workload: five forks, and everybody needs two."""
