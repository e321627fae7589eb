"""The parallelism lab: one job, cut into tasks, run in several ways; how much faster do more workers make it?"""
