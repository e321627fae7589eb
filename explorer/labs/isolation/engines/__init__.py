"""The databases that the isolation lab can work on, one file each, behind the interface in `engine`."""
