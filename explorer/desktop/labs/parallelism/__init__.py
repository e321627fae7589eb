"""The page of the parallelism lab."""
