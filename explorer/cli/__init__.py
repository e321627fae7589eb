"""The command line. Bad input is one sentence on stderr and exit status 2, before anything has started."""
