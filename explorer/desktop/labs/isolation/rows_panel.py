"""What a statement came to in full: SQL as it was sent, the rows that it read, the engine's own words."""

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QWidget

from explorer.desktop.labs.isolation.ladder.model import Card
from explorer.desktop.labs.isolation.ladder.words import duration, table
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.popover import Popover
from explorer.labs.isolation.trace import Trace

WIDTH = 380


class RowsPanel(Popover):
    """Opens below a card of the ladder."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "What the statement came to", WIDTH, parent)
        self._theme = theme
        self._title = Label(theme, "", 13, 600)
        self._sql = Label(theme, "", 12, 500, mono=True, wrap=True)
        self._rows = Label(theme, "", 12, 500, mono=True)
        self._error = Label(theme, "", 12, 500, "danger", wrap=True)
        self._times = Label(theme, "", 12, color="text2", wrap=True)
        for label in (self._title, self._sql, self._rows, self._error, self._times):
            self.column.addWidget(label)

    @property
    def text(self) -> str:
        """All that it says."""
        labels = (self._title, self._sql, self._rows, self._error, self._times)
        return "\n".join(label.text() for label in labels if label.text())

    def show_card(self, card: Card, trace: Trace | None, owner: QWidget, box: QRectF) -> None:
        """Say it of this card, which is at `box` of `owner`."""
        self._title.setText(f"Step {card.label}, {card.session}" if card.label else f"{card.session}, sent by the lab")
        self._sql.setText(card.sql)
        one = trace.ran[card.sent] if trace is not None and 0 <= card.sent < len(trace.ran) else None
        rows = one.rows if one is not None else None
        self._rows.setText(table(one.columns, rows) if one is not None and rows is not None else "")
        failure = card.failure
        self._error.setText(f"{failure.code}: {failure.message}" if failure is not None else "")
        took = ""
        if one is not None and one.ended is not None:
            took = f"It took {duration(one.ended - one.began)}{f', {card.wait}' if card.wait else ''}."
            took += " It was late: its session was still blocked when its turn came." if one.late else ""
        self._times.setText(took or "It is still to come.")
        for label in (self._rows, self._error):
            label.setVisible(bool(label.text()))
        self.setFixedWidth(self._theme.px(WIDTH))
        self.adjustSize()
        self.show_at(owner.mapToGlobal(QPoint(round(box.left()), round(box.bottom() + 4))))
