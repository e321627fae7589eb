"""How long random arrivals wait for one of several places: Erlang's formula, halved for times that do not vary."""


def erlang_c(places: int, offered: float) -> float:
    """The share of arrivals that must wait, with `offered` places taken up on average (< `places`), all random."""
    blocked = 1.0  # Erlang's B, by the recursion over the number of places
    for count in range(1, places + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - (offered / places) * (1 - blocked))


def mean_wait_s(places: int, held_s: float, rate: float) -> float:
    """Mean wait of Poisson arrivals, `rate` a second, for one of `places` that each takes up for always `held_s`.

    Exact for one place (Pollaczek and Khinchine: M/D/1); for several the usual approximation, half of M/M/m.
    """
    offered = rate * held_s
    if offered >= places:
        return float("inf")
    return erlang_c(places, offered) * held_s / (places - offered) / 2
