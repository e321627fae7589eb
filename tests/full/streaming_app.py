"""An app that streams large events as fast as its client takes them."""

from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/job")
async def stream() -> StreamingResponse:
    """Events of 64 kB without end."""

    async def events() -> AsyncIterator[bytes]:
        while True:
            yield b"data: " + b"x" * 65_536 + b"\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
