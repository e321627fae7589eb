"""What is raised for something that the user gave and that cannot be used.

It has a module of its own since those who raise it need not know what options are made of.
"""


class OptionError(ValueError):
    """Something the user gave cannot be used. The message is one sentence that says what to do instead.

    `where` names the knob at fault as `section.key`, or is empty; the window marks that field. `details` is what the
    owner of the code at fault wants to read besides, such as a traceback; empty if there is nothing.
    """

    def __init__(self, message: str, where: str = "", details: str = "") -> None:
        super().__init__(message)
        self.where = where
        self.details = details
