"""The ways to run tasks, one file each."""
