"""Workload: a stream of updates on an open response (server-sent events)."""
