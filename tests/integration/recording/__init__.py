"""Recordings on a real disk, cut, killed and opened again."""
