"""What may be found in a run, one file each: see `explorer.analysis.finding`."""
