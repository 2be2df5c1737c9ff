"""The own small door of llama.cpp's server: a socket file that nobody else on this machine can open.

The library always listens. A port would be open to every user and, through a browser, to every page.
"""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

SECONDS = 60.0


class ModelSocket:
    """Calls that the library offers over its socket only. Raises OSError when it does not answer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def count_tokens(self, text: str) -> int:
        answer = self._post("/tokenize", {"content": text, "add_special": False})
        return len(answer["tokens"])

    def save(self, name: str) -> bool:
        """Write the state of the prompt last read into the folder of states."""
        return "n_saved" in self._post("/slots/0?action=save", {"filename": name})

    def restore(self, name: str) -> bool:
        return "n_restored" in self._post("/slots/0?action=restore", {"filename": name})

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = _SocketConnection(self._path)
        try:
            connection.request("POST", what, json.dumps(body), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"the model's socket gave no answer: {type(error).__name__}") from None
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
