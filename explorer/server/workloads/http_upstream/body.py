"""Asks another server over HTTP, with a connection of its own for every call."""

import asyncio
import http.client


async def awaiting(host: str, port: int, seconds: float, timeout: float) -> None:
    """Ask and await the answer: while the upstream thinks, the loop serves others."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            request = f"GET /slow?seconds={seconds} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            writer.write(request.encode())
            answer = await reader.read()
        finally:
            writer.close()
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError("the upstream did not answer as it should")


def blocking(host: str, port: int, seconds: float, timeout: float) -> None:
    """Ask and stand still until the answer comes."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", f"/slow?seconds={seconds}")
        response = connection.getresponse()
        response.read()
    except http.client.HTTPException as error:
        raise ConnectionError("the upstream did not answer as it should") from error
    finally:
        connection.close()
    if response.status != 200:
        raise ConnectionError("the upstream did not answer as it should")
