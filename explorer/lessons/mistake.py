"""Something in a lesson's folder that cannot be used, with its place."""

from pathlib import Path

from explorer.options import OptionError


class Mistake(OptionError):
    """`sentence` without its place; as text it begins with file and line, as compilers write it."""

    def __init__(self, file: Path, line: int, sentence: str) -> None:
        super().__init__(f"{file}:{line}: {sentence}")
        self.file, self.line, self.sentence = file, line, sentence
