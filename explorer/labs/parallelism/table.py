"""A sweep as text for a terminal."""

from typing import Any, Final

from explorer.labs.parallelism.runners.find import runners

HEAD: Final = ("Runner", "Workers", "Time", "Speed-up", "Efficiency", "Overhead a task", "Used", "Others", "Result")


def table(told: dict[str, Any]) -> str:
    """The points in a table, then the refused runners, then the sentences."""
    rows = [HEAD, *(_row(point) for point in told["points"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(_placed(cell, widths[column], column) for column, cell in enumerate(row)).rstrip() for row in rows
    ]
    lines += ["", *(f"{runners()[one['runner']].title} was not measured: {one['reason']}" for one in told["refused"])]
    return "\n".join([*lines, *told["sentences"]]).replace("\n\n\n", "\n\n")


def _row(point: dict[str, Any]) -> tuple[str, ...]:
    speedup, efficiency, others = point["speedup"], point["efficiency"], point["others_cores"]
    return (
        runners()[point["runner"]].title,
        f"{point['workers']:,}",
        seconds(point["seconds"]),
        f"{speedup:.2f}×" if speedup is not None else "–",
        f"{100 * efficiency:.0f} %" if efficiency is not None else "–",
        seconds(overhead(point)),
        f"{point['cores_used']:.2f} cores",
        f"{others:.2f} cores" if others is not None else "–",
        "same" if point["equal"] else "differs",
    )


def overhead(point: dict[str, Any]) -> float:
    """What a task costs besides its work and its waiting for a worker, in seconds."""
    parts = point["overhead_per_task_s"]
    between = parts["between_tasks"] or 0.0
    return float(parts["submit"] + parts["pickle"] + between)


def seconds(value: float) -> str:
    """A time with three digits and its unit."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def _placed(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column in (0, len(HEAD) - 1) else cell.rjust(width)
