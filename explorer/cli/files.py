"""Files on the command line: a bare name is a scenario that comes along, and a file alone is opened."""

from pathlib import Path
from typing import Any

import click

from explorer.option_error import OptionError
from explorer.shipped import named

OPENED = (".cxrec", ".toml", ".gz", ".json")


class ScenarioOrFile(click.Path):
    """A path; of a scenario that comes with the program its name will do."""

    name = "file"

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises `click.UsageError` for a name that no scenario has."""
        try:
            return named(Path(str(super().convert(value, param, ctx))))
        except OptionError as error:
            raise click.UsageError(str(error), ctx) from None


class Commands(click.Group):
    """Where a file stands in the place of a command it is opened."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As for any group, with `open` before a file."""
        if args and args[0] not in self.commands and _is_file(args[0]):
            args = ["open", *args]
        return super().resolve_command(ctx, args)


def _is_file(word: str) -> bool:
    return not word.startswith("-") and (Path(word).suffix in OPENED or Path(word).exists())
