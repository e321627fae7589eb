"""What the window shows of audience mode."""
