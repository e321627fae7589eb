"""A picture of the lanes as SVG; who draws it is whoever has them on a screen."""

from typing import BinaryIO

from explorer.export.format import Format
from explorer.export.job import Job


def write(job: Job, file: BinaryIO) -> None:
    """Write the picture that the job gives."""
    file.write(job.drawn("svg"))


feature = Format(
    id="svg",
    title="SVG picture",
    suffix=".svg",
    sentence="The lanes as they are shown, for print and for drawing programs.",
    order=9,
    write=write,
    pictures=("svg",),
)
