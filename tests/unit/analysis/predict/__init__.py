"""Laws, calibrations, and why a run differs."""
