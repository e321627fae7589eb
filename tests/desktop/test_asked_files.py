"""A file that the system asks for while the program runs is taken, also when nobody listened yet.

In a process of its own: a test's process has its application already.
"""

import subprocess
import sys

PROGRAM = """
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
from explorer.desktop.asked_files import FileAskedApplication

application = FileAskedApplication(["test"])
for name in ("first.cxrec", "ä b.cxrec"):
    QCoreApplication.sendEvent(application, QFileOpenEvent(str(Path(name).absolute())))
assert application.take() == Path("ä b.cxrec").absolute()
assert application.take() is None
taken = []
application.asked.connect(lambda: taken.append(application.take()))
QCoreApplication.sendEvent(application, QFileOpenEvent(str(Path("third.cxrec").absolute())))
assert taken == [Path("third.cxrec").absolute()]
print("taken")
"""


def test_files_are_taken() -> None:
    answer = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM], capture_output=True, text=True, timeout=50, check=False
    )
    assert (answer.stdout, answer.returncode) == ("taken\n", 0), answer.stderr
