"""The observed server: a FastAPI application put together from one model, one dispatch and one workload."""
