"""Error responses to WebSockets: of the handshake, or as close frames."""

import re

from starlette.types import Message, Send

# Status of the handshake, when the application accepts or rejects a WebSocket.
HANDSHAKES = {"websocket.accept": 101, "websocket.close": 403}
# Close codes by the status of the error: a crash, try again later. Others are 1008.
CLOSE_CODES = {500: 1011, 503: 1013}
ERROR_CODE = re.compile(rb'"error": "(\w+)"')


def send_close_frames(send: Send) -> Send:
    """Replace an error response to an open WebSocket by a close frame.

    The reason of the frame is the error code. During the handshake, a response is sent.
    """
    last, status = "", 0

    async def send_or_close(message: Message) -> None:
        nonlocal last, status
        if not message["type"].startswith("websocket.http."):
            last = message["type"]
        elif last == "websocket.close":
            return  # An error after the end has no client.
        elif last and "status" in message:
            status = message["status"]
            return
        elif last:
            found = ERROR_CODE.search(message["body"])
            reason = found[1].decode() if found else ""
            code = CLOSE_CODES.get(status, 1008)
            message = {"type": "websocket.close", "code": code, "reason": reason}
        await send(message)

    return send_or_close
