"""A small IMAP server on a real socket, with one mailbox: what RFC 3501 asks of the few
commands that fetching needs. It remembers what was marked as seen."""

import re
import socketserver
import threading


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(b"* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.strip().decode().partition(" ")
            name, _, arguments = rest.partition(" ")
            if name.upper() == "UID":
                name, _, arguments = arguments.partition(" ")
            done = getattr(self, f"do_{name.lower()}", None)
            if done is None:
                self.say(f"{tag} BAD {name}".encode())
                continue
            self.say(f"{tag} {done(arguments)} {name} done".encode())
            if name.upper() == "LOGOUT":
                return

    def say(self, line: bytes):
        self.wfile.write(line + b"\r\n")

    def do_capability(self, _):
        self.say(b"* CAPABILITY IMAP4rev1")
        return "OK"

    def do_login(self, arguments):
        self.server.logins += 1
        return "OK" if arguments == f'{self.server.user} "{self.server.password}"' else "NO wrong"

    def do_select(self, folder):
        if folder != f'"{self.server.folder}"':
            return "NO no such mailbox"
        self.say(f"* {len(self.server.mails)} EXISTS".encode())
        return "OK [READ-WRITE]"

    def do_search(self, _):
        unseen = [str(n) for n in self.server.mails if n not in self.server.seen]
        self.say(f"* SEARCH {' '.join(unseen)}".encode())
        return "OK"

    def do_fetch(self, arguments):
        uid, _, what = arguments.partition(" ")
        most = int(re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", what)[1])
        content = self.server.mails[int(uid)][:most]
        self.say(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(content)}}}".encode())
        self.wfile.write(content)
        self.say(b")")
        return "OK"

    def do_store(self, arguments):
        uid, _, flags = arguments.partition(" ")
        assert flags == r"+FLAGS (\Seen)", flags
        self.server.seen.add(int(uid))
        return "OK"

    def do_logout(self, _):
        self.say(b"* BYE")
        return "OK"


class ImapServer(socketserver.ThreadingTCPServer):
    """`with ImapServer(mails) as box:`, then `box.url`; `box.seen` are the numbers read."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, mails, folder="Returned mail"):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = dict(enumerate(mails, 1))
        self.folder, self.user, self.password = folder, "recalls", "s3cret/word"
        self.seen, self.logins = set(), 0

    @property
    def url(self) -> str:
        folder = self.folder.replace(" ", "%20")
        return f"imap://recalls:s3cret%2Fword@127.0.0.1:{self.server_address[1]}/{folder}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.shutdown()
        self.server_close()
