"""FastAPI apps as others would have written them: built into a folder each, with a virtual environment."""
