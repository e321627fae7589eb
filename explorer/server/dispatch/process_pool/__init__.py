"""Dispatch: work handed to another process."""
