"""The formats, a module each, found by walking this folder: every one holds a `feature`, an `export.format.Format`."""
