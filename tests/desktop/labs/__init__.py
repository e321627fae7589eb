"""Tests of the labs' pages."""
