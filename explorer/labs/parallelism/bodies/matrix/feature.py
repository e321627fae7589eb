"""Matrix product: every task needs one whole matrix, so that it matters how arguments travel."""

from explorer.labs.parallelism.job import Job

job = Job(
    id="matrix",
    title="Matrix product",
    summary="The product of two square matrices; each task takes a few rows of one and the whole of the other.",
    order=40,
    task="rows",
    one="block",
    size=240,
    size_bounds=(4, 4_000),
    size_unit="rows",
    grain=8,
    grain_unit="rows",
    vectorised=True,
    own_threads=True,
    has_data=True,
)
