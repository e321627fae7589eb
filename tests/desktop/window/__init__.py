"""The main window as a person uses it: clicks, keys, a real run behind it."""
