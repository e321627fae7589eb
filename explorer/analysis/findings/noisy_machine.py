"""A machine of which others use a part: times of the run are not the server's own."""

from typing import Final

from explorer.analysis.finding import Finding, Found
from explorer.analysis.finding_words import percent
from explorer.analysis.observed import FOREIGN, STOLEN, Observed

LEAST_S: Final = 2.0
"""The machine is looked at once a second: what came before the run is in the first look."""


def judge(observed: Observed) -> Found | None:
    """Processes outside of the run, and what a hypervisor gives to other machines."""
    if observed.seconds < LEAST_S:
        return None
    foreign, stolen = observed.foreign or 0.0, observed.stolen or 0.0
    if foreign < FOREIGN and stolen < STOLEN:
        return None
    parts = []
    if foreign >= FOREIGN:
        parts.append(f"other programs used {percent(foreign)} of all cores")
    if stolen >= STOLEN:
        parts.append(f"the hypervisor gave {percent(stolen)} of them to other machines")
    said = " and ".join(parts)
    return Found(
        f"{said[:1].upper()}{said[1:]}: times of this run are longer than the server alone would make them.",
        {"others_share": round(foreign, 4), "steal_share": round(stolen, 4), "cores": observed.machine.cores},
        (),
        None,
        "End what else runs and measure again, or compare CPU times only.",
    )


finding = Finding("noisy_machine", "Noisy machine", "machine", 95, "others that use the same cores", judge)
