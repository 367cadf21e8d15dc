#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A web server on loopback that misbehaves as it is told.

server.py [--tls CERT KEY] [--ports N] prints one free port a line, serves on
all of them, and ends when its standard input does.  Others build on it:
registry.py overrides Handler.find().

  /data/N      N bytes, of which number i is (i * 31 + (i >> 8) * 7) & 255
  /echo        the request's headers, as JSON
  /text/WORDS  the words
  /_seen       every request so far, as JSON: port, method, path, headers (names
               in lower case); ?path=/x: those for that path alone
  /_reset      forgets what was seen and what was told
  /_fault?path=/x&FAULTS    from now on, requests for /x have these faults

Faults are in the query of a request, or told beforehand as above:

  times=N       only the first N requests that come with this very path and query
  status=N      that status, with a short text
  retry=TEXT    Retry-After: TEXT
  redirect=URL  302 (or status=) to it; PORT0, PORT1, PORT2 become ports of
                this server
  loop=1        a redirect to itself
  hang=1        no answer
  headers=1     headers without end
  cut=N         the connection is closed after N bytes of the body
  cuts=N        but for the first N requests only, other faults always
  drip=N        N bytes of the body a second
  stall=N       N bytes of the body, then nothing
  noranges=1    Range is ignored
  crange=TEXT   Content-Range: TEXT
  partial=1     206 although no part was asked for
  more=N        N bytes more in the body and its length than there are
  claim=N       Content-Length: N
  chunked=1     no length; chunks
  close=1       no length; the end of the connection is the end
  etag=TEXT     ETag: TEXT ("none": none)
  change=1      another ETag and other bytes
  encoding=TEXT Content-Encoding: TEXT
  header=A:B    that header (repeatable)
"""
import collections
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

Thing = collections.namedtuple("Thing", "body etag headers status",
                               defaults=(None, {}, 200))


# It repeats, so that millions of bytes are made at once.
PERIOD = bytes((i * 31 + (i >> 8) * 7) & 255 for i in range(1 << 16))


def pattern(n):
    return (PERIOD * (n // len(PERIOD) + 1))[:n]


class State:
    """What all ports share."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ports = []
        self.reset()

    def reset(self):
        self.seen = []
        self.told = {}
        self.used = collections.Counter()

    def faults(self, target):
        """Those that count for this request; uses up one of its times."""
        parts = urlsplit(target)
        own = parse_qs(parts.query, keep_blank_values=True)
        key = target
        if parts.path in self.told:
            own, key = self.told[parts.path], parts.path
        with self.lock:
            self.used[key] += 1
            if "times" in own and self.used[key] > int(own["times"][0]):
                return {}
            if "cuts" in own and self.used[key] > int(own["cuts"][0]):
                own = {k: v for k, v in own.items() if k != "cut"}
        return own


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state = State()

    def find(self, path, query):
        """The Thing at a path (percent-decoded), or None."""
        kind, _, rest = path.lstrip("/").partition("/")
        if kind == "data" and rest.isdigit():
            return Thing(pattern(int(rest)), '"data-%s"' % rest)
        if kind == "text":
            return Thing(rest.encode(), '"text"')
        if kind == "echo":
            return Thing(json.dumps(self.names()).encode())
        return None

    # From here on: the machinery.

    def names(self):
        return {k.lower(): v for k, v in self.headers.items()}

    def log_message(self, format, *args):
        pass

    def do_HEAD(self):
        self.serve()

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def control(self, parts):
        query = parse_qs(parts.query, keep_blank_values=True)
        body = b""
        if parts.path == "/_seen":
            only = query.get("path")
            body = json.dumps([r for r in self.state.seen if not only or
                               urlsplit(r["path"]).path in only]).encode()
        elif parts.path == "/_reset":
            self.state.reset()
        elif parts.path == "/_fault":
            path = query.pop("path")[0]
            self.state.used.pop(path, None)
            self.state.told[path] = query
        else:
            return False
        self.start(200, {"Content-Length": len(body)})
        self.wfile.write(body)
        return True

    def serve(self):
        parts = urlsplit(self.path)
        if self.control(parts):
            return
        self.state.seen.append({
            "port": self.server.server_address[1], "method": self.command,
            "path": self.path, "headers": self.names()})
        faults = {k: v[0] if k != "header" else v
                  for k, v in self.state.faults(self.path).items()}
        if "hang" in faults:
            time.sleep(600)
        if "headers" in faults:
            return self.endless()
        if "redirect" in faults or "loop" in faults:
            return self.redirect(faults)
        if "status" in faults:
            thing = Thing(b"told to answer so", None, {},
                          int(faults["status"]))
        else:
            thing = self.find(unquote(parts.path), parse_qs(parts.query))
        self.send_thing(thing or Thing(b"no such thing", None, {}, 404),
                        faults)

    def start(self, status, headers, faults={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        for line in faults.get("header", []):
            name, _, value = line.partition(":")
            self.send_header(name, value.strip())
        if "retry" in faults:
            self.send_header("Retry-After", faults["retry"])
        self.end_headers()

    def endless(self):
        self.send_response(200)
        self.flush_headers()
        self.close_connection = True
        try:
            for n in range(1 << 24):
                self.wfile.write(b"X-Filler-%d: %s\r\n" % (n, b"x" * 80))
        except OSError:
            pass

    def redirect(self, faults):
        ports = self.state.ports
        to = faults.get("redirect", self.path)
        for n in range(3):
            to = to.replace("PORT%d" % n, str(ports[n % len(ports)]))
        self.start(int(faults.get("status", 302)),
                   {"Location": to, "Content-Length": 0}, faults)

    def part(self, thing, etag, faults):
        """(status, first, end) of what is asked for."""
        size = len(thing.body)
        if self.headers.get("If-Match", etag) != etag:
            return 412, 0, 0
        wanted = self.headers.get("Range", "")
        if not wanted.startswith("bytes=") or thing.status != 200 or \
                "noranges" in faults or \
                self.headers.get("If-Range", etag) != etag:
            return thing.status, 0, size
        first, _, last = wanted[6:].partition("-")
        if first:
            first, end = int(first), int(last) + 1 if last else size
        else:
            first, end = max(0, size - int(last)), size
        if first >= size:
            return 416, 0, 0
        return 206, first, min(end, size)

    def send_thing(self, thing, faults):
        etag = faults.get("etag", thing.etag)
        if "change" in faults:
            etag = '"another"'
            thing = thing._replace(body=bytes(b ^ 1 for b in thing.body))
        status, first, end = self.part(thing, etag, faults)
        body = thing.body[first:end] if status != 416 else b""
        size = len(thing.body)
        body += b"+" * int(faults.get("more", 0))
        headers = dict(thing.headers)
        if etag and etag != "none":
            headers["ETag"] = etag
        if "partial" in faults:
            status = 206
        if status == 206:
            headers["Content-Range"] = "bytes %d-%d/%d" % (first, end - 1,
                                                           size)
        elif status == 416:
            headers["Content-Range"] = "bytes */%d" % size
        elif "noranges" not in faults:
            headers["Accept-Ranges"] = "bytes"
        if "crange" in faults:
            headers["Content-Range"] = faults["crange"]
        if "encoding" in faults:
            headers["Content-Encoding"] = faults["encoding"]
        if "chunked" in faults:
            headers["Transfer-Encoding"] = "chunked"
        elif "close" in faults:
            headers["Connection"] = "close"
            self.close_connection = True
        else:
            headers["Content-Length"] = faults.get("claim", len(body))
        self.start(status, headers, faults)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_body(body, faults)
        if "claim" in faults:
            self.close_connection = True

    def send_body(self, body, faults):
        body = body[:int(faults.get("cut", len(body)))]
        body = body[:int(faults.get("stall", len(body)))]
        step = int(faults.get("drip", 1 << 16))
        try:
            for at in range(0, len(body), step):
                piece = body[at:at + step]
                if "chunked" in faults:
                    piece = b"%x\r\n%s\r\n" % (len(piece), piece)
                self.wfile.write(piece)
                self.wfile.flush()
                if "drip" in faults:
                    time.sleep(1)
            if "stall" in faults:
                time.sleep(600)
            if "cut" in faults:
                self.close_connection = True
            elif "chunked" in faults:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # clients that hang up are what is tested


def start(handler=Handler, ports=1, tls=None):
    """Serves on free loopback ports, in threads; gives the ports."""
    for _ in range(ports):
        server = Server(("127.0.0.1", 0), handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(
                server.socket, server_side=True,
                do_handshake_on_connect=False)
        handler.state.ports.append(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return handler.state.ports


def tell(ports):
    """Prints them, and that those were all."""
    for port in ports:
        print(port)
    sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def main(handler=Handler):
    args = sys.argv[1:]
    ports, tls = 1, None
    while args:
        option = args.pop(0)
        if option == "--tls":
            tls = args.pop(0), args.pop(0)
        elif option == "--ports":
            ports = int(args.pop(0))
        else:
            sys.exit(__doc__)
    tell(start(handler, ports, tls))
    sys.stdin.read()


if __name__ == "__main__":
    main()
