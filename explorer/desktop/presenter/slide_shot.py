"""Which slide is pictured: `LESSON:N`, on the wall or in the speaker view. No Qt: the command line makes it."""

from dataclasses import dataclass

from explorer.option_error import OptionError


@dataclass(frozen=True, slots=True)
class SlideShot:
    """Slide `number` (from 1) of `lesson`, with all that it shows; `speaker`: as the speaker sees it."""

    lesson: str
    number: int
    speaker: bool = False


def parse_slide(text: str, *, speaker: bool) -> SlideShot:
    """`forty-tokens:2`. Raises `OptionError`."""
    lesson, colon, number = text.rpartition(":")
    if not (colon and lesson and number.isdecimal() and int(number) > 0):
        raise OptionError(f"'{text}' is no slide; write LESSON:NUMBER, such as forty-tokens:2.")
    return SlideShot(lesson, int(number), speaker)
