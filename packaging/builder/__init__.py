"""How each kind of package is built; `build.py` beside this folder calls these, one file a kind."""
