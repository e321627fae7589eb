"""Job: primes by a sieve in segments."""
