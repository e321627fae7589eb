"""What runs in the observed child of the lab: it cuts the job, hands the tasks over and measures. No NumPy here."""
