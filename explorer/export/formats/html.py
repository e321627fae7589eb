"""A report in one HTML file: figures, charts, findings, and the timeline to zoom in. It works without a network."""

from typing import BinaryIO, Final

from explorer.export.format import Format
from explorer.export.html.document import KINDS, Picture
from explorer.export.html.gather import Gathered
from explorer.export.html.page import write as write_page
from explorer.export.job import SURVEYED, Job
from explorer.option_error import OptionError

READ: Final = 700
"""Of the job's thousandths, up to where the run is read."""


def write(job: Job, file: BinaryIO) -> None:
    """Read the run, and write its report. Raises `OptionError` if there is nothing to be said."""
    # Without a chosen part what the job's own first reading would say is known after this one.
    chosen = job.since is not None or job.until is not None
    begin, end = job.range if chosen else (None, None)
    gathered = Gathered(job.recorded.run, job.recorded.name)
    gathered.feed_all(job.recorded.batches(lambda share: job.tell(share, SURVEYED if chosen else 0, READ)))
    if not gathered.store.count:
        raise OptionError(f"{job.recorded.name} holds no spans, so that there is nothing to report.")
    try:
        picture = Picture(*map(job.picture, KINDS)) if job.picture is not None else None
    except OptionError:
        picture = None  # nobody can draw here; the report has its own lanes
    write_page(
        gathered,
        file,
        begin=begin,
        end=end,
        picture=picture,
        progress=lambda done, total: job.tell(done / total, READ),
    )


feature = Format(
    id="html",
    title="HTML report",
    suffix=".html",
    sentence="One file with figures, charts, findings and a timeline to zoom in; any browser opens it.",
    order=7,
    write=write,
    pictures=KINDS,
)
