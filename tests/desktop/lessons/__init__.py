"""Tests of the lesson's page and of the start page, in the real window."""
