"""Reusable controls and pictures. They know the theme and the states of a lane, and nothing of servers or runs."""
