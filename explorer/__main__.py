"""The door: `python -m explorer …`, the installed command, and a frozen executable that re-enters itself.

A child of a session comes in by `child MODULE` and must not pay for the command line, nor for anything the window
needs; so that sub-command is told apart before anything else is imported.
"""

import sys


def main() -> None:
    """Run as a child, or hand over to the command line."""
    if sys.argv[1:2] == ["child"] and len(sys.argv) == 3:
        from explorer.child.main import run

        run(sys.argv[2])
    from explorer.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        # In a frozen app multiprocessing, too, re-enters this executable; elsewhere there is nothing to do.
        from multiprocessing import freeze_support

        freeze_support()
    main()
