"""The same run, measured: a lane for each session on an axis of time."""
