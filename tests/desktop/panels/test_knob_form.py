"""A form made from knobs: how numbers are written, how long a change is marked, where a refusal is seen."""

from typing import Literal

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from explorer.desktop.panels.knob_form import KnobForm
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.knob import KnobField, KnobState
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.options import Knobs, knob


class Some(Knobs):
    """Knobs of every kind that matters here."""

    port: int = knob(18_999, ge=0, le=65_535, title="Port", description="Where.")
    users: int = knob(18_999, ge=0, le=65_535, title="Users", description="How many.")
    host: str = knob("here", title="Host", description="Where.")


def fields(form: KnobForm) -> dict[str, KnobField]:
    return {
        field.findChildren(QLineEdit)[0].accessibleName().split(",")[0]: field for field in form.findChildren(KnobField)
    }


def test_what_names_something_has_no_thousands_comma(theme: Theme, qtbot: QtBot) -> None:
    form = KnobForm(theme, Some(), lambda key, value: None)
    qtbot.addWidget(form)
    assert [entry.text() for entry in form.findChildren(QLineEdit)] == ["18999", "18,999", "here"]


def test_a_knob_is_just_changed_for_a_while(theme: Theme, qtbot: QtBot) -> None:
    form = KnobForm(theme, Some(), lambda key, value: None, just_ms=1)
    qtbot.addWidget(form)
    users = fields(form)["Users"]
    form.mark("users", KnobState.CHANGED)
    assert users.state() is KnobState.CHANGED
    qtbot.waitUntil(lambda: users.state() is KnobState.REST)


def test_a_restart_is_marked_until_it_is_over(theme: Theme, qtbot: QtBot) -> None:
    form = KnobForm(theme, Some(), lambda key, value: None, just_ms=1)
    other = KnobForm(theme, Some(), lambda key, value: None, just_ms=1)
    qtbot.addWidget(form)
    qtbot.addWidget(other)
    form.mark("users", KnobState.CHANGED)
    form.mark("users", KnobState.RESTARTING)
    other.mark("users", KnobState.CHANGED)
    qtbot.waitUntil(lambda: fields(other)["Users"].state() is KnobState.REST)
    assert fields(form)["Users"].state() is KnobState.RESTARTING


@pytest.mark.parametrize("key", ["users", "host"])
def test_a_refusal_comes_into_view(theme: Theme, qtbot: QtBot, key: str) -> None:
    form = KnobForm(theme, Some(), lambda key, value: None)
    form.layout().insertSpacing(0, 900)  # type: ignore[union-attr]  # a QVBoxLayout
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(form)
    area.resize(320, 200)
    qtbot.addWidget(area)
    area.show()
    form.blame(key, "That is not possible on this machine, because of a reason that takes more than a line to tell.")

    def seen() -> bool:
        sentence = next(label for label in form.findChildren(Label) if label.text().startswith("That is not"))
        visible = QRect(QPoint(0, 0), area.viewport().size())
        return visible.contains(QRect(sentence.mapTo(area.viewport(), QPoint(0, 0)), sentence.size()))

    qtbot.waitUntil(seen)


class WithUrl(Knobs):
    """A knob that may hold a password."""

    url: str = knob("postgresql://me:hunter2@host/shop", title="URL", description="Where.", secret=True)


def test_a_password_is_seen_only_while_one_types(theme: Theme, qtbot: QtBot) -> None:
    changes: list[tuple[str, object]] = []
    form = KnobForm(theme, WithUrl(), lambda key, value: changes.append((key, value)))
    other = QLineEdit(form)
    qtbot.addWidget(form)
    form.show()
    (entry,) = [one for one in form.findChildren(QLineEdit) if one is not other]
    other.setFocus()
    assert entry.text() == "postgresql://me:***@host/shop"

    entry.setFocus()
    qtbot.waitUntil(lambda: entry.text() == "postgresql://me:hunter2@host/shop")
    other.setFocus()
    qtbot.waitUntil(lambda: entry.text() == "postgresql://me:***@host/shop")
    assert changes == [], "what is shown is never taken for what was typed"

    entry.setFocus()
    QTest.keyClicks(entry, "postgresql://me:other@host/shop")
    other.setFocus()
    assert changes == [("url", "postgresql://me:other@host/shop")]
    assert entry.text() == "postgresql://me:***@host/shop"


class Everywhere(Knobs):
    """A knob of each kind that counts from the next run on."""

    number: int = knob(3, ge=0, le=9, title="Number", description="How many.", effect="start")
    text: str = knob("", title="Text", description="What.", effect="start")
    choice: Literal["one", "two"] = knob("one", title="Choice", description="Which.", effect="start")
    switch: bool = knob(True, title="Switch", description="Whether.", effect="start")


def test_every_kind_of_knob_says_when_it_counts(theme: Theme, qtbot: QtBot) -> None:
    form = KnobForm(theme, Everywhere(), lambda key, value: None)
    qtbot.addWidget(form)
    clock = theme.icon("clock", 13, "text3").toImage()
    marks = [label.pixmap().toImage() == clock for label in form.findChildren(IconLabel)]
    assert marks.count(True) == 4
