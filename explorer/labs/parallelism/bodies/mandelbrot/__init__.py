"""Job: tiles of the Mandelbrot set."""
