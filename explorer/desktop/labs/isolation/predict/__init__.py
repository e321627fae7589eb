"""Predict first: what a level lets through is marked before it is measured."""
