"""A picture of the lanes as PNG; who draws it is whoever has them on a screen."""

from typing import BinaryIO

from explorer.export.format import Format
from explorer.export.job import Job
from explorer.options import OptionError


def write(job: Job, file: BinaryIO) -> None:
    """Write the picture that the job gives."""
    if job.picture is None:
        raise OptionError("A picture of the lanes cannot be drawn here.")
    file.write(job.picture("png"))


feature = Format(
    id="png",
    title="PNG picture",
    suffix=".png",
    sentence="The lanes as they are shown, in pixels.",
    order=8,
    write=write,
    pictures=("png",),
)
