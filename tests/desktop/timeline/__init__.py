"""Tests of the timeline: its arithmetic, its painting, its hands; and a script that takes a picture of it."""
