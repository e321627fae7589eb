"""What serves an app of the user's own."""
