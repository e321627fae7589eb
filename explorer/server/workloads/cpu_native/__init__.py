"""Workload: computes in native code."""
