"""The probe in real processes."""
