"""What should be: what the SQL standard, each engine's manual and Hermitage say of each level and scenario, and why an
engine does otherwise.
"""
