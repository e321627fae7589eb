"""Tests of what is known of locks."""
