"""pyqtgraph imports Qt's bindings of OpenGL with every plot, and calls them only where OpenGL was asked for.

Nobody asks for it here, and they are ten megabytes: modules with nothing in them stand for them. PyInstaller lets
this run before the program.
"""

import sys
from types import ModuleType

widgets = ModuleType("PySide6.QtOpenGLWidgets")
widgets.__dict__["QOpenGLWidget"] = type("QOpenGLWidget", (), {})  # pyqtgraph derives from it
sys.modules[widgets.__name__] = widgets
sys.modules["PySide6.QtOpenGL"] = ModuleType("PySide6.QtOpenGL")
