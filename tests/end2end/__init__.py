"""Tests that run the application as a user does."""
