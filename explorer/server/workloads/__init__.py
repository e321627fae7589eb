"""What a handler does: one folder per workload."""
