"""Tests of the project's own rules: imports, files, locks."""
