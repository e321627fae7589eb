"""The jobs, one folder each: `feature.py`, `body.py` in plain Python, `vectorised.py` where NumPy has a way."""
