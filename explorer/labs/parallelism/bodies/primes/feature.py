"""Prime sieve: little goes to a worker and little comes back."""

from explorer.labs.parallelism.job import Job

job = Job(
    id="primes",
    title="Prime sieve",
    summary="All primes up to a number, in segments; little goes to a worker, and little comes back.",
    order=20,
    task="segment",
    one="segment",
    size=60_000_000,
    size_bounds=(1_000, 2_000_000_000),
    size_unit="numbers",
    grain=2_000_000,
    grain_unit="numbers",
    vectorised=True,
)
