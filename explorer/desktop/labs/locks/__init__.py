"""The page of the locks lab."""
