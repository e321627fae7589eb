"""The tests: unit/ mirrors the package and needs no Qt; the other folders start real processes or a real window."""
