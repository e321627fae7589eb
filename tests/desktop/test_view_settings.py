"""View options: applied, remembered, and as the system says until somebody chooses."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop import view_settings
from explorer.desktop.panels.view_options import ViewOptions
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.view_settings import CONTRAST, HATCHING, MOTION, SCALES, ViewSettings
from explorer.paths import resources


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(resources())


def test_what_was_chosen_is_there_again(theme: Theme, tmp_path: Path) -> None:
    settings = ViewSettings(theme, WindowState(tmp_path))
    settings.set_scale(1.5)
    settings.set(HATCHING, True)
    settings.set(CONTRAST, False)
    again = Theme(resources())
    found = ViewSettings(again, WindowState(tmp_path))
    assert (again.scale, again.patterns, again.high_contrast) == (1.5, True, False)
    found.as_the_system()
    assert (again.scale, again.patterns) == (1.0, False)
    assert WindowState(tmp_path).options == {}


def test_until_somebody_chooses_the_system_does(theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_settings, "system_wants", lambda option: option in (CONTRAST, MOTION))
    settings = ViewSettings(theme, WindowState(tmp_path))
    assert (theme.high_contrast, theme.reduced_motion, theme.patterns) == (True, True, False)
    settings.toggle(MOTION)
    assert (theme.high_contrast, theme.reduced_motion) == (True, False)


def test_the_scale_goes_step_by_step_and_stays_in_bounds(theme: Theme) -> None:
    settings = ViewSettings(theme, WindowState(None))
    met = []
    for _ in range(len(SCALES) + 1):
        met.append(settings.scale)
        settings.step_scale(1)
    assert met == [*SCALES, SCALES[-1]]
    settings.step_scale(-1)
    assert settings.scale == SCALES[-2]


@pytest.mark.parametrize("content", ['{"scale": "x", "options": []}', '{"scale": 9, "options": {"patterns": 3}}'])
def test_nonsense_in_the_file_is_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "window.json").write_text(content, encoding="utf-8")
    state = WindowState(tmp_path)
    assert (state.scale, state.options) == (1.0, {})


def test_the_panel_shows_and_changes_them(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 600)
    window.show()
    settings = ViewSettings(theme, WindowState(None))
    panel = ViewOptions(theme, settings, window)
    panel.popup(window)
    panel.switches[HATCHING].click()
    panel.switches[CONTRAST].click()
    assert (theme.patterns, theme.high_contrast, theme.reduced_motion) == (True, True, False)
    settings.set_scale(2.0)
    assert panel.scale.current() == "2"
    assert panel.width() > 500  # it grows with what it says
    settings.toggle(HATCHING)
    assert not panel.switches[HATCHING].isChecked()
    panel.hide()


def test_a_larger_scale_leaves_the_panel_within_the_window(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    corner = QWidget(window)
    corner.setGeometry(1200, 0, 60, 40)
    corner.show()
    settings = ViewSettings(theme, WindowState(None))
    panel = ViewOptions(theme, settings, window)
    panel.popup(corner)
    for scale in SCALES:
        settings.set_scale(scale)
        assert window.rect().translated(window.mapToGlobal(QPoint(0, 0))).contains(panel.geometry())
    panel.hide()
