"""Error responses to WebSockets: of the handshake, or as close frames."""

import re

from starlette.types import Message, Send

# Status of the handshake, when the application accepts or rejects a WebSocket.
HANDSHAKES = {"websocket.accept": 101, "websocket.close": 403}
# Close codes by the status of the error: unexpected condition, try again later.
CLOSE_CODES = {500: 1011, 503: 1013}
POLICY_VIOLATION = 1008  # the close code of all other errors
ERROR_CODE = re.compile(rb'"error": "(\w+)"')


def send_close_frames(send: Send) -> Send:
    """Replace an error response to an open WebSocket by a close frame.

    Before the handshake the response is sent. The reason of the frame is the error code.
    """
    last, close = "", POLICY_VIOLATION

    async def send_or_close(message: Message) -> None:
        nonlocal last, close
        if not message["type"].startswith("websocket.http."):
            last = message["type"]
            await send(message)
        elif not last:
            await send(message)
        elif last == "websocket.close":
            return  # An error after the end has no client.
        elif "status" in message:
            close = CLOSE_CODES.get(message["status"], POLICY_VIOLATION)
        else:
            code = ERROR_CODE.search(message["body"])
            reason = code[1].decode() if code else ""
            await send({"type": "websocket.close", "code": close, "reason": reason})

    return send_or_close
