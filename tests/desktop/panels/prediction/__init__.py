"""The panel of predictions and the lines on the charts."""
