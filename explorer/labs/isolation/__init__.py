"""Isolation lab: transactions step by step on a real database, what each level lets through, and what it costs."""
