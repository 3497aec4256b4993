"""A server on this machine that gives files, and half of those whose name says `cut`."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from toy_server import Exchange, QuietServer


@dataclass
class ToyFiles:
    """The files by path, where they are had, and what was asked for."""

    served: Mapping[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)


class Giver(Exchange, BaseHTTPRequestHandler):
    """One connection over which files are asked for."""

    files: ToyFiles

    def do_GET(self) -> None:  # the name is the library's
        self.files.asked.append(self.path)
        body = self.files.served.get(self.path)
        if body is None:
            self.send(b"no", 404)
        elif "cut" in self.path:
            self.send(body[: len(body) // 2], headers={"content-length": str(len(body))})
            self.close_connection = True
        elif "unsized" in self.path:
            self.send_response(200)
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        else:
            self.send(body, kind="application/octet-stream")


@contextmanager
def serve_files(served: Mapping[str, bytes]) -> Iterator[ToyFiles]:
    """Serve files by their paths as long as the block lasts."""
    files = ToyFiles(served)
    server = QuietServer(("127.0.0.1", 0), type("OwnGiver", (Giver,), {"files": files}))
    files.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
