"""The Cost tab: bank transfers over HTTP at each level, as a table with bars."""
