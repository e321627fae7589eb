"""The middle of a lesson's page, one file for each kind of run: what runs it, shows it, and has its figures."""
