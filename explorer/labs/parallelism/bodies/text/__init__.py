"""Job: counting words in real files."""
