"""A wire to the emulator that takes its time and keeps a record: how many calls a run makes, and how many have to wait for each other."""
import collections
import http.client
import http.server
import re
import threading
import time
import urllib.parse

Request = collections.namedtuple("Request", "begun ended operation detail who")


class Wire(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, endpoint, delay=0.0):
        super().__init__(("127.0.0.1", 0), Handler)
        self.to, self.delay = urllib.parse.urlsplit(endpoint).netloc, delay
        # An answer in the place of the emulator's, where one is set: status, headers, body.
        self.answer = None
        self.seen, self.lock = [], threading.Lock()
        self.url = "http://%s:%d" % self.server_address
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def taken(self):
        """The requests since somebody last asked."""
        with self.lock:
            seen, self.seen = self.seen, []
        return seen


def chain(requests):
    """The most requests of which each began after the one before had ended."""
    length = 0
    ended = -1.0
    for request in sorted(requests, key=lambda request: request.ended):
        if request.begun >= ended:
            length, ended = length + 1, request.ended
    return length


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        begun = time.monotonic()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.server.delay)
        if self.server.answer:
            status, headers, answer = self.server.answer
        else:
            onward = http.client.HTTPConnection(self.server.to, timeout=60)
            onward.request(self.command, self.path, body, dict(self.headers.items()))
            answered = onward.getresponse()
            status, headers, answer = answered.status, answered.getheaders(), answered.read()
            onward.close()
        # Noted before the answer goes out: whoever gets it may begin the next call before this thread runs on.
        with self.server.lock:
            self.server.seen.append(Request(begun, time.monotonic(), operation(self, body), body.decode(errors="replace"), who(self)))
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

    def log_message(self, *_):
        pass


def who(request):
    """The access key id that a request is signed with."""
    signed = re.search(r"Credential=(\w+)", request.headers.get("Authorization") or "")
    return signed.group(1) if signed else ""


def operation(request, body):
    """What a request asks for: `GetRole` where the protocol says so, else the method and the path."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.rsplit(".", 1)[-1]
    form = re.match(rb"(?:.*&)?Action=(\w+)", body)
    return form.group(1).decode() if form else f"{request.command} {request.path}"
