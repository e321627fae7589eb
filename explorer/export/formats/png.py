"""A picture of the lanes as PNG; who draws it is whoever has them on a screen."""

from typing import BinaryIO

from explorer.export.format import Format
from explorer.export.job import Job


def write(job: Job, file: BinaryIO) -> None:
    """Write the picture that the job gives."""
    file.write(job.drawn("png"))


feature = Format(
    id="png",
    title="PNG picture",
    suffix=".png",
    sentence="The lanes as they are shown, in pixels.",
    order=8,
    write=write,
    pictures=("png",),
)
