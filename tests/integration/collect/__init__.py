"""The collector with real children and real rings."""
