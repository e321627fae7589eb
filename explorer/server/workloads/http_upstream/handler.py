"""Asks the upstream; when it is too slow or not there, the answer says so."""

from fastapi import Request
from fastapi.responses import JSONResponse


async def job(request: Request) -> JSONResponse:
    """Call the upstream in the way of the dispatch."""
    try:
        await request.app.state.run()
    except TimeoutError:
        limit = request.app.state.settings.timeout
        return JSONResponse({"answer": f"The upstream did not answer within {limit:g} s."}, 504)
    except OSError as error:
        return JSONResponse({"answer": f"The upstream cannot be asked: {error}."}, 502)
    return JSONResponse({"answer": "done"})
