"""The command `export`: a recording in the format of another program."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from explorer.cli.answers import sentences
from explorer.option_error import OptionError
from explorer.progress import Progress

if TYPE_CHECKING:
    from explorer.export.recorded import Recorded

PATIENCE_S: Final = 0.5
"""How long an export may take before it is worth a line."""
EVERY_S: Final = 0.1
WIDTH: Final = 30


class _ExportCommand(click.Command):
    """Its help ends with the formats, which are looked for only then."""

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the formats."""
        from explorer.export.format import formats

        with formatter.section("Formats"):
            formatter.write_dl([(one.id, f"{one.sentence} ({one.suffix})") for one in formats()])


@click.command("export", cls=_ExportCommand)
@click.argument("recording", type=click.Path(path_type=Path), metavar="FILE.cxrec|DUEL")
@click.option("--format", "identity", metavar="FORMAT", help="One of those listed below; else by the suffix of OUT.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="OUT", help="File to write.")
@click.option("--from", "since", type=float, metavar="S", help="Only from this second of the recording on.")
@click.option("--to", "until", type=float, metavar="S", help="Only up to this second of the recording.")
@click.option(
    "--theme",
    type=click.Choice(["dark", "light"]),
    default="dark",
    show_default=True,
    help="Of a picture; a report has both.",
)
@sentences
def export_command(
    recording: Path, identity: str | None, output: Path, since: float | None, until: float | None, theme: str
) -> None:
    """Write a recording in the format of another program; of the folder of a duel an HTML report."""
    from explorer.export.format import choose, export, formats
    from explorer.export.job import Job
    from explorer.export.recorded import Recorded

    _check_times(since, until)
    chosen = choose(formats(), identity, output)
    _check_files(recording, output)
    line = Line(chosen.title)
    remarks: list[str] = []
    pictures: dict[str, bytes] = {}
    # A request to end is to leave no half of a file, as Ctrl-C does not.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        if _is_duel(recording):
            _export_duel(recording, chosen.id, output, (since, until), line.show)
        else:
            recorded = Recorded.at(recording)

            def picture(kind: str) -> bytes:
                if not pictures:
                    pictures.update(
                        _pictures(recorded, chosen.pictures, theme, (since, until), line.show, remarks.append)
                    )
                return pictures[kind]

            export(Job(recorded, since=since, until=until, progress=line.show, picture=picture), chosen, output)
    finally:
        line.clear()
    for words in (f"Written: {output}", *remarks):
        click.echo(words, err=True)


def _is_duel(path: Path) -> bool:
    from explorer.session.duel_file import NAME

    return path.name == NAME or (path / NAME).is_file()


def _export_duel(
    path: Path,
    identity: str,
    output: Path,
    wanted: tuple[float | None, float | None],
    progress: Progress,
) -> None:
    """Write the report of a duel that was kept, with `wanted` seconds of its runs or some that tell. Raises
    `OptionError`.
    """
    from explorer.export.html.document import KINDS, Picture
    from explorer.export.recorded import Recorded
    from explorer.export.target import whole_file
    from explorer.session.duel_file import NAME, read, recording_of
    from explorer.session.duel_page import stretch, write

    folder, told = read(path)
    files = [recording_of(folder, place) for place in range(len(told["runs"]))]
    if identity != "html":
        raise OptionError(
            f"A duel is written as html only. Its recordings, {files[0].name} to {files[-1].name}, can be exported as "
            f"{identity} one by one.",
            "format",
        )
    if output.resolve() in [file.resolve() for file in (*files, folder / NAME)]:
        raise OptionError(f"{output} belongs to this duel. Give the export another name.")
    shown = stretch(told) if wanted == (None, None) else wanted
    pictures: list[Picture | str] = []
    for place, file in enumerate(files):

        def part(done: int, total: int, place: int = place) -> None:
            progress(place * total + done, len(files) * total)

        try:
            drawn = _pictures(Recorded.at(file), KINDS, "light", shown or (None, None), part)
            pictures.append(Picture(*map(drawn.__getitem__, KINDS)))
        except OptionError as error:
            pictures.append(f"There is no picture of the lanes: {error}")
    with whole_file(output) as target:
        write(told, target, pictures, shown)


def _pictures(
    recorded: "Recorded",
    kinds: Sequence[str],
    theme: str,
    seconds: tuple[float | None, float | None],
    progress: Progress,
    remark: Callable[[str], None] = lambda words: None,
) -> dict[str, bytes]:
    # Before Qt is imported: no window shall be seen.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from explorer.desktop.export_picture import pictures_of
    except ImportError as error:
        raise OptionError(f"A picture needs Qt, which cannot be loaded here ({error}).") from None
    since, until = seconds
    return pictures_of(recorded, kinds, theme=theme, since=since, until=until, progress=progress, remark=remark)


def _check_times(since: float | None, until: float | None) -> None:
    for option, value in (("--from", since), ("--to", until)):
        if value is not None and not 0 <= value < 1e9:  # NaN is in no range
            raise OptionError(f"{option} must be a number of seconds from 0 on.")
    if since is not None and until is not None and since >= until:
        raise OptionError("--from must be before --to.")


def _check_files(recording: Path, output: Path) -> None:
    """Refuse what cannot be read or written before the work begins, not after it."""
    if not recording.exists():
        raise OptionError(f"There is no file {recording}. Check the path.")
    target = output.resolve()
    if target == recording.resolve():
        raise OptionError(f"{output} is the recording itself. Give the export another name.")
    if target.is_dir():
        raise OptionError(f"{output} is a folder. Give the name of a file.")
    if not target.parent.is_dir():
        raise OptionError(f"The folder {target.parent} does not exist. Create it or choose another file.")
    if not os.access(target.parent, os.W_OK):
        raise OptionError(f"{output} may not be written by this user. Choose another file.")


class Line:
    """One line at the foot of a terminal's stderr that says how far the export is, once that takes a while."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = time.monotonic()
        self._shown = 0.0
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self.show: Progress = self._show

    def _show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._terminal or now - self._began < PATIENCE_S or now - self._shown < EVERY_S:
            return
        self._shown = now
        share = done / max(1, total)
        full = min(WIDTH, round(WIDTH * share))
        bar = "█" * full + "░" * (WIDTH - full)
        click.echo(f"\r{bar} {share:4.0%}  {self._title}, Ctrl-C ends it", nl=False, err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
