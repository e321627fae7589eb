"""Labs: a question, measured on real processes, with its verdict. They run with a window and without."""
