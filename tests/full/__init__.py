"""What takes longer than continuous integration may: `python -m tests.full [NAME …]`."""
