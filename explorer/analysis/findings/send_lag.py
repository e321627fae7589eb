"""A load generator that cannot send when it should: what is measured is the generator and not the server."""

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import LATE
from explorer.analysis.window import LATE_S, LATE_SHARE


def judge(observed: Observed) -> Found | None:
    """The same bounds that make a run not valid (`window`)."""
    told = observed.run.load.sum(observed.begin, observed.end)
    latency, _, lag, _ = told.histograms
    if not lag.count:
        return None
    late = lag.percentile(99)
    if late <= max(LATE_S, LATE_SHARE * latency.mean):
        return None
    mode = observed.knob("load", "mode", "users")
    key = "rate" if mode in ("rate", "poisson") else "users"
    value = observed.knob("load", key)
    half = max(1, int(value) // 2) if value else None
    return Found(
        f"The load sent up to {lasting(late)} later than it should (p99), at a mean response of "
        f"{lasting(latency.mean)}: what is measured is the load, not the server.",
        {"send_lag_p99_ms": round(late * 1e3, 2), "response_mean_ms": round(latency.mean * 1e3, 2)},
        observed.places(observed.spans.group(LATE).spans(observed.begin, observed.end)),
        Change(f"Half the {key}: {half:,}", {f"load.{key}": half}) if half and mode != "burst" else None,
        "Use fewer users or a lower rate, allow more connections, or send from other hosts.",
    )


finding = Finding("send_lag", "The load lags behind", "load", 90, "requests that are sent too late", judge)
