"""The labs' pages in the window."""
