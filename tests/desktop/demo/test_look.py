"""The demonstration window looks like the main window, also when that changes."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from explorer.desktop.demo.look import Follows
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme


def save(folder: Path, theme: str) -> None:
    """What the main window does when its theme is switched."""
    state = WindowState(folder)
    state.theme = theme
    state.save()


def test_it_begins_with_the_theme_that_was_saved(theme: Theme, tmp_path: Path) -> None:
    save(tmp_path, "light")

    follows = Follows(theme, tmp_path)

    assert theme.name == "light"
    follows.deleteLater()


def test_it_follows_a_switch(theme: Theme, tmp_path: Path, qtbot: QtBot) -> None:
    save(tmp_path, "dark")
    follows = Follows(theme, tmp_path)

    for name in ("light", "dark", "light"):
        save(tmp_path, name)
        qtbot.waitUntil(lambda name=name: theme.name == name)  # type: ignore[misc]  # the default makes it the present value
    follows.deleteLater()


def test_nothing_saved_is_dark(theme: Theme, tmp_path: Path) -> None:
    follows = Follows(theme, tmp_path)

    assert theme.name == "dark"
    follows.deleteLater()
