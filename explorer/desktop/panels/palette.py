"""The command palette: type, choose, Enter. What it offers comes from its sources."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from explorer.desktop.fuzzy import NONE, best
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.popover import Popover
from explorer.desktop.widgets.row_list import ListRow, RowList
from explorer.desktop.widgets.search_line import SearchLine

HINT: Final = "Search or run a command"
NOTHING: Final = "Nothing here is called '{}'."
WIDTH: Final = 640
HEIGHT: Final = 420
TOP: Final = 64
MOST_ROWS: Final = 60
MOST_RECENT: Final = 8
DETAIL_COST: Final = 34
RECENT_BONUS: Final = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be chosen. `reason`: why not now, in a sentence; `pinned`: whatever is typed."""

    key: str
    title: str
    act: Callable[[], object]
    detail: str = ""
    icon: str = ""
    keys: str = ""
    reason: str = ""
    group: str = "Commands"
    pinned: bool = False


Source = Callable[[str], Sequence[Offer]]


def ranked(offers: Sequence[Offer], typed: str, recent: Sequence[str]) -> list[Offer]:
    """What matches, the best first; with nothing typed all of it, the recent ones first."""
    place = {key: at for at, key in enumerate(recent)}
    if not typed.strip():
        latest = sorted((offer for offer in offers if offer.key in place), key=lambda offer: place[offer.key])
        first = latest[:MOST_RECENT]
        return first + [offer for offer in offers if offer not in first]
    found = []
    for at, offer in enumerate(offers):
        points = best(typed, ((offer.title, 0), (offer.detail, DETAIL_COST), (offer.group, DETAIL_COST)))
        if offer.pinned:
            points = max(points, 0)
        if points != NONE:
            points += RECENT_BONUS * (offer.key in place) - RECENT_BONUS * bool(offer.reason)
            found.append((-points, at, offer))
    return [offer for _, _, offer in sorted(found, key=lambda one: one[:2])]


class Palette(Popover):
    """`recent` holds the keys of what was chosen, the latest first; it is changed in place. `chosen` is told of it."""

    def __init__(
        self, theme: Theme, parent: QWidget, sources: Sequence[Source], recent: list[str], chosen: Callable[[], object]
    ) -> None:
        super().__init__(theme, "Commands", WIDTH, parent)
        self._owner = parent
        self._sources = sources
        self._recent = recent
        self._tell = chosen
        self._offers: dict[str, Offer] = {}
        self.line = SearchLine(theme, HINT, height=34)
        self.list = RowList(theme, "What can be done")
        self.why = Label(theme, "", 12, 400, "text3", wrap=True)
        for widget in (self.line, self.list, self.why):
            self.column.addWidget(widget)
        self.line.changed.connect(self._show)
        self.line.escaped.connect(self.hide)
        self.line.stepped.connect(self.list.step)
        self.line.line.entered.connect(self._enter)
        self.list.entered_row.connect(self._choose)
        self.list.currentRowChanged.connect(self._say)

    def popup(self) -> None:
        """Open it in the upper middle of the window, with everything."""
        window = self._owner.window()
        self.line.set_text("")
        self.setFixedWidth(min(self._theme.px(WIDTH), window.width() - 32))
        high = min(self._theme.px(HEIGHT), window.height() - self._theme.px(TOP + 120))
        self.list.setFixedHeight(max(120, high))
        self.adjustSize()
        place = QPoint((window.width() - self.width()) // 2, self._theme.px(TOP))
        self.show_at(window.mapToGlobal(place))
        self._show("")
        self.line.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _show(self, typed: str) -> None:
        offers = [offer for source in self._sources for offer in source(typed)]
        found = ranked(offers, typed, self._recent)
        self._offers = {offer.key: offer for offer in found}
        rows: list[ListRow] = []
        group = ""
        recent = set(self._recent)
        for at, offer in enumerate(found[: MOST_ROWS if typed.strip() else None]):
            head = "Recent" if not typed.strip() and at < MOST_RECENT and offer.key in recent else offer.group
            if not typed.strip() and head != group:
                rows.append(ListRow("", head, heading=True))
                group = head
            rows.append(_row(offer))
        self.list.set_rows(rows or [ListRow("", NOTHING.format(typed.strip()), heading=True)])
        self._say()

    def _say(self) -> None:
        row = self.list.current()
        offer = self._offers.get(row.key) if row is not None else None
        self.why.setText((offer.reason or offer.detail) if offer is not None else "")

    def _enter(self) -> None:
        row = self.list.current()
        if row is not None:
            self._choose(row.key)

    def _choose(self, key: str) -> None:
        offer = self._offers.get(key)
        if offer is None or offer.reason:  # why not is said below the list
            return
        if not offer.pinned:  # what was typed is not offered again
            self._recent[:] = [offer.key, *(key for key in self._recent if key != offer.key)][: 2 * MOST_RECENT]
        self.hide()
        self._tell()
        offer.act()


def _row(offer: Offer) -> ListRow:
    detail = offer.reason or offer.detail
    spoken = f"{offer.title}, {detail}" if detail else offer.title
    if offer.reason:
        spoken = f"{offer.title}, not now: {offer.reason}"
    icon = offer.icon or "arrow-right"
    return ListRow(offer.key, offer.title, detail, icon, offer.keys, enabled=not offer.reason, spoken=spoken)
