"""Traces that other programs recorded, read as a source of batches like a recording of our own."""
