"""Predict first: what the user expects, what the law says, and what was measured, beside one another."""
