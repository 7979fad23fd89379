"""A mail server that remembers what it took, and can be told to misbehave."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller


class Sink:
    """`replies` maps an address to the replies it gives one after the other; then all is well.

    A reply is an SMTP reply line, or "drop": the mail is taken and the connection reset
    before anybody is told. Append `@rcpt` to a reply to give it to RCPT TO.
    """

    def __init__(self, seconds: float = 0):
        self.seconds = seconds  # how long a recipient is thought about
        self.slow: dict[str, float] = {}  # address -> how long this one is
        self.accepted: list[tuple[str, str]] = []  # (address, Message-ID)
        self.replies: dict[str, list[str]] = {}
        self.texts: dict[str, str] = {}  # address -> the text body of its newest mail
        self.headers: dict[str, EmailMessage] = {}  # address -> its newest mail
        self.senders: dict[str, list[str]] = {}  # address -> the return path of each try

    async def handle_RCPT(self, server, session, envelope, address, options):
        await asyncio.sleep(self.slow.get(address, self.seconds))
        planned = self.replies.get(address, [])
        if planned and planned[0].endswith("@rcpt"):
            return planned.pop(0).removesuffix("@rcpt")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        self.senders.setdefault(address, []).append(envelope.mail_from)
        planned = self.replies.get(address, [])
        reply = planned.pop(0) if planned else "250 OK"
        if reply in ("250 OK", "drop"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.headers[address] = message
            self.accepted.append((address, message["Message-ID"]))
            self.texts[address] = message.get_body(("plain",)).get_content()
        if reply == "drop":
            server.transport.abort()
        return reply

    def copies(self, address: str) -> list[str]:
        return [message_id for to, message_id in self.accepted if to == address]


class AnyPort(Controller):
    """Asks the system for a port and, before it is probed, learns which one it got."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """`with MailServer() as sink:` with `sink.port` open meanwhile."""

    def __init__(self, seconds: float = 0):
        self.sink = Sink(seconds)

    def __enter__(self) -> Sink:
        sink = self.sink
        self.controller = AnyPort(sink, hostname="127.0.0.1", port=0)
        self.controller.start()
        sink.port = self.controller.port
        return sink

    def __exit__(self, *args):
        self.controller.stop()
