"""Whether a bot runs on this machine: asked of its own health endpoint."""

from __future__ import annotations

import errno
import http.client
import socket

_SECONDS = 1.0
_MOST_BYTES = 16


def bot_answers(host: str, port: int) -> bool:
    """Whether a Lawspeaker answers at this address; False for port 0, which names none."""
    if port == 0:
        return False
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        return response.status == 200 and response.read(_MOST_BYTES) == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen here now; OSError where the host is none of this machine's."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(1)
        except (PermissionError, OverflowError):
            return False
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def _reachable(host: str) -> str:
    """Where a server that listens on every address can be asked."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
