"""Numbers in the sentences of findings."""

from explorer.analysis.observed import Observed


def lasting(seconds: float) -> str:
    """ "12 ms", "1.25 s"."""
    if seconds < 0.0995:
        return f"{seconds * 1e3:.1f} ms" if seconds < 0.00995 else f"{seconds * 1e3:.0f} ms"
    return f"{seconds * 1e3:.0f} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def percent(share: float) -> str:
    """ "37 %" ."""
    return f"{share * 100:.0f} %"


def times(count: int) -> str:
    """ "once", "12 times"."""
    return "once" if count == 1 else f"{count:,} times"


def lane(observed: Observed, track: int) -> str:
    """What a track is called."""
    known = observed.run.tracks.get(track)
    return known.name if known is not None else "a lane"
