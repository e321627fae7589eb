"""Mandelbrot tiles: points that run away late take longer, so that tiles differ in their work."""

from explorer.labs.parallelism.job import Job

job = Job(
    id="mandelbrot",
    title="Mandelbrot tiles",
    summary="How soon each point of a picture runs away; tiles in the middle take far longer than those at the rim.",
    order=10,
    task="tile",
    one="tile",
    size=400,
    size_bounds=(8, 8_000),
    size_unit="pixels",
    grain=8,
    grain_unit="rows",
    vectorised=True,
)
