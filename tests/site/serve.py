"""A static host, as small as one looks from outside: a sub-path, index.html for folders, 404.html for the rest."""

import contextlib
import io
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


@contextlib.contextmanager
def serve(folder: Path, prefix: str = "/", public: str | None = None) -> Iterator[str]:
    """Serve a folder on a free local port under a path; yields the address of its root.

    `public` is the address the site was built for. The sitemap is served with the local one in its place, as
    `mkdocs serve` does: Material's instant navigation follows only links that the sitemap names.
    """

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix(prefix.rstrip("/")))

        def send_head(self):
            path = urlsplit(self.path).path
            if path == f"{prefix}sitemap.xml" and public:
                return self._answer(200, "application/xml", self._sitemap())
            if path.startswith(prefix) and self._exists(path):
                return super().send_head()
            missing = folder / "404.html"
            return self._answer(404, "text/html; charset=utf-8", missing.read_bytes() if missing.exists() else b"")

        def _answer(self, status: int, kind: str, body: bytes) -> io.BytesIO:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return io.BytesIO(body)

        def _sitemap(self) -> bytes:
            return (folder / "sitemap.xml").read_bytes().replace(public.encode(), url.encode())

        def _exists(self, path: str) -> bool:
            file = Path(self.translate_path(path))
            return (file / "index.html").is_file() if file.is_dir() else file.is_file()

        def log_message(self, *args) -> None:
            pass

        def copyfile(self, source, outputfile) -> None:
            with contextlib.suppress(ConnectionError):  # a browser that leaves a page hangs up on what it had asked for
                super().copyfile(source, outputfile)

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    url = f"http://127.0.0.1:{server.server_port}{prefix}"
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
