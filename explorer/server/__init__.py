"""The configurable server under observation.

`process` is the child that the session starts; `app` builds the FastAPI app out of `parts`, each a workload behind a
dispatch; `models` are the ways of serving it; `live` changes knobs while it serves. `catalog` lists models, dispatch
and workloads from their feature files alone: handlers, bodies, FastAPI and uvicorn are loaded only here, in the server.
"""
