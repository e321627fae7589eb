"""What a run becomes outside the application: one file per format."""
