"""Dispatch: work handed to another interpreter of the same process."""
