"""The isolation lab's page: schedules on a real database, step by step, compared, as a matrix, and what they cost."""
