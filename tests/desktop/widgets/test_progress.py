"""The bar of long work says what is done, and its button ends the work once."""

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.progress import ProgressBox


def test_it_says_what_is_done_of_what(theme: Theme, qtbot: object) -> None:
    box = ProgressBox(theme, "Exporting run.csv", "spans")
    assert box.said == "Beginning"
    box.show_progress(1_250_000, 5_000_000)
    assert box.said == "1,250,000 of 5,000,000 spans, 25%"
    assert box.bar.share == 0.25
    assert box.accessibleDescription() == box.said
    box.deleteLater()


def test_without_a_unit_it_says_the_share_alone(theme: Theme, qtbot: object) -> None:
    box = ProgressBox(theme, "Exporting run.csv")
    box.show_progress(420, 1_000)
    assert box.said == "42%"
    box.deleteLater()


def test_the_filling_is_as_long_as_the_share(theme: Theme, qtbot: object) -> None:
    box = ProgressBox(theme, "Exporting run.csv")
    box.show_progress(1, 2)
    picture = box.bar.grab().toImage()
    accent, groove = theme.color("accent"), theme.color("line2")
    middle = picture.width() // 2
    assert picture.pixelColor(middle - 5, 3) == accent
    assert picture.pixelColor(middle + 5, 3) == groove
    box.deleteLater()


def test_cancel_is_told_once_and_said_at_once(theme: Theme, qtbot: object) -> None:
    box = ProgressBox(theme, "Exporting run.csv")
    told: list[bool] = []
    box.cancelled.connect(lambda: told.append(True))
    box.cancel.click()
    box.cancel.click()
    box.show_progress(3, 4)
    assert told == [True]
    assert box.said == "Ending"
    box.deleteLater()
