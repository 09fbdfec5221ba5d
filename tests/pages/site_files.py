"""The built book as files: its pages, what they link to, a server for them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

BOOK = Path(__file__).resolve().parents[2] / "_build/html"
ADDRESSES = {"href", "src", "srcset", "poster", "action", "data"}
TEXT = {".html", ".css", ".js", ".json", ".svg", ".txt", ".inv", ".py", ".md"}


def pages(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.html"))


class Links(HTMLParser):
    """The ids on a page and the addresses that it names, each with the tag around."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in ADDRESSES and value is not None:
                self.found.append(
                    (tag, value.split(" ")[0] if name == "srcset" else value)
                )


@cache
def links(path: Path) -> Links:
    return Links(path.read_text(encoding="utf-8"))


def broken_links(root: Path, page: str) -> list[str]:
    """What the page names that is not in the folder, or is on another host."""
    faults = []
    for tag, address in links(root / page).found:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            if tag != "a" and parts.scheme != "data":
                faults.append(f"<{tag}> loads {address}")
            continue
        target = root / page
        if parts.path:
            target = target.parent / unquote(parts.path)
        if not target.resolve().is_relative_to(root.resolve()):
            faults.append(f"{address} leaves the folder")
        elif not target.is_file():
            faults.append(f"{address}: no such file")
        elif target.suffix == ".html" and parts.fragment:
            found = unquote(parts.fragment) in links(target).ids
            faults += [] if found else [f"{address}: no such id"]
    return faults


def doubled_ids(root: Path, page: str) -> list[str]:
    ids = links(root / page).ids
    return sorted({name for name in ids if ids.count(name) > 1})


def sent(path: Path) -> bytes:
    """A file as a static host sends it: text compressed, the rest as it is."""
    data = path.read_bytes()
    return gzip.compress(data, 6) if path.suffix in TEXT else data


class Handler(SimpleHTTPRequestHandler):
    """A static host of the plainest kind, with compression."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        data = sent(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=31536000")
        if path.suffix in TEXT:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address at which the folder is served, until the end of the block."""
    handler = partial(Handler, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
