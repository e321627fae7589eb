"""Where a handler's work runs: one folder per way."""
