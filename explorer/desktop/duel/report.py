"""The duel that is shown as a report in one HTML file, as the command `export` makes it of a duel that was kept.

The lanes are painted from the stores that the page has, out of sight: only the window's thread may paint.
"""

from pathlib import Path
from typing import Final

from explorer.desktop.duel.shown import Shown
from explorer.desktop.export_picture import pictures_of_store
from explorer.desktop.theme import Theme
from explorer.export.html.document import KINDS, Picture
from explorer.export.target import whole_file
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.session.duel_page import stretch, write

SUFFIXES: Final = (".html", ".htm")


def write_report(duel: Shown, path: Path) -> None:
    """Write the report of `duel` to `path`. Raises `OptionError`."""
    if path.suffix.lower() not in SUFFIXES:
        raise OptionError(
            f"A duel is written as an HTML report: give it a name that ends in .html. What {path.suffix or 'others'} "
            "holds is made of a single run, which can be opened from the folder of a saved duel."
        )
    look = Theme(resources())  # neither the window's scale nor its other options
    shown = stretch(duel.told)
    since, until = shown or (None, None)
    pictures: list[Picture | str] = []
    for lane in duel.lanes:
        if lane.store.first is None:
            pictures.append("There is no picture of the lanes: nothing was recorded.")
        else:
            drawn = pictures_of_store(look, lane.store, KINDS, since=since, until=until, on_screen=False)
            pictures.append(Picture(*map(drawn.__getitem__, KINDS)))
    with whole_file(path) as file:
        write(duel.told, file, pictures, shown)
