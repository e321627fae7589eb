"""The ladder: time runs down, a column for each session, a row for each statement."""
