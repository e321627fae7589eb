"""Workload: coroutines that check, await, and act."""
