"""Workload: an urgent thread that waits for an idle one."""
