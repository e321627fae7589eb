"""The one style sheet: scroll bars, menus, tooltips, lists and splitters, which Qt paints; all else paints itself."""

from explorer.tokens import Tokens


def style_sheet(tokens: Tokens, scale: float = 1.0) -> str:
    """Qt style sheet of a theme; `scale` multiplies its type sizes (presentation mode)."""
    t, small, body = tokens, round(12 * scale), round(13 * scale)
    return f"""
QToolTip {{
    background: {t.raised}; color: {t.text}; border: 1px solid {t.line2}; padding: 5px 8px; font-size: {small}px;
}}
QMenu {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line2}; padding: 4px; font-size: {body}px; }}
QMenu::item {{ padding: 6px 28px 6px 12px; border-radius: 5px; }}
QMenu::item:selected {{ background: {t.hover}; }}
QMenu::item:disabled {{ color: {t.text3}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 6px; }}
QComboBox QAbstractItemView {{
    background: {t.raised}; color: {t.text}; border: 1px solid {t.line2}; outline: 0; padding: 3px;
    selection-background-color: {t.hover}; selection-color: {t.text};
}}
QComboBox QAbstractItemView::item {{ min-height: {round(26 * scale)}px; padding: 0 8px; }}
QLineEdit[frame="false"] {{ background: transparent; border: none; padding: 0; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line2}; border-radius: 3px; }}
QScrollBar::handle:vertical {{ min-height: 28px; margin: 0 2px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; margin: 2px 0; }}
QScrollBar::handle:hover {{ background: {t.text3}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
"""
