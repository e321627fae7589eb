"""A run on disk: Arrow streams while it happens, one .cxrec archive afterwards."""
