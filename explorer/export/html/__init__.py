"""The report of a run: one HTML file that needs nothing else, with figures, charts and a timeline to zoom in.

`gather` reads the run once, `page` writes the file; between them stand the sections, each a function from what was
gathered to markup, and the data of the viewer (`viewer`, drawn by `resources/report/viewer.js`).
"""
