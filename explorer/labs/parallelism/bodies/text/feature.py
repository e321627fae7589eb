"""Words in real files: much goes to a worker, much comes back, and the results must still be put together."""

from explorer.labs.parallelism.job import Job

job = Job(
    id="text",
    title="Words in files",
    summary="Counts the words in the sources of Python's standard library; much travels, and all counts are merged.",
    order=30,
    task="count",
    one="part",
    size=12_000,
    size_bounds=(1, 500_000),
    size_unit="kB",
    grain=500,
    grain_unit="kB",
    no_numpy="Words are Python objects, which NumPy's arrays do not compute with; choose another job for NumPy.",
    has_data=True,
)
