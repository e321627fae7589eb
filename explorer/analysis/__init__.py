"""Figures and predictions derived from stored records; arithmetic only, no screen and no processes."""
