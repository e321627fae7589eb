"""What a lecturer predicts before a run: laws, from the knobs and a short calibration; and why a run differs."""
