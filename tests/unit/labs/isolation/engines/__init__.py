"""The isolation lab's engines, as far as no server is needed."""
