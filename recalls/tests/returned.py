"""Mail that came back, as different mail servers write it."""

from email.message import EmailMessage

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: by mx.maker.test (Postfix) id 4F1B2; {date}
Date: {date}
From: MAILER-DAEMON@mx.maker.test (Mail Delivery System)
Subject: {subject}
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F1B2.1/mx.maker.test"
Message-Id: <{number}@mx.maker.test>

This is a MIME-encapsulated message.

--4F1B2.1/mx.maker.test
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.maker.test.

<one@store.example>: host mx.store.example[192.0.2.7] said: {reply}

--4F1B2.1/mx.maker.test
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.maker.test
Arrival-Date: {date}

Final-Recipient: rfc822; one@store.example
Original-Recipient: rfc822;one@store.example
Action: {action}
Status: {code}
Remote-MTA: dns; mx.store.example
Diagnostic-Code: smtp; {reply}

--4F1B2.1/mx.maker.test
Content-Description: Undelivered Message
Content-Type: text/rfc822-headers

Return-Path: <{to}>
Subject: URGENT product recall
--4F1B2.1/mx.maker.test--
"""

EXIM = """\
Return-path: <>
Envelope-to: {to}
X-Failed-Recipients: one@store.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.maker.test>
To: {to}
Subject: Mail delivery failed: returning message to sender
Message-Id: <{number}@mx.maker.test>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  one@store.example
    SMTP error from remote mail server after RCPT TO:<one@store.example>:
    host mx.store.example [192.0.2.7]: {reply}

------ This is a copy of the message, including all the headers. ------

Return-path: <{to}>
"""

QMAIL = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.store.example
To: {to}
Subject: failure notice
Message-Id: <{number}@mx.store.example>

Hi. This is the qmail-send program at mx.store.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<one@store.example>:
Remote host said: {reply}

--- Below this line is a copy of the message.

Return-Path: <{to}>
"""

VACATION = """\
Return-Path: <>
Delivered-To: {to}
From: Uno <one@store.example>
To: {to}
Subject: Out of office: URGENT product recall
Auto-Submitted: auto-replied
Message-Id: <{number}@store.example>

I am away until the 5.12.2026. In urgent cases ring 550 1234.
"""

UNKNOWN = {
    "action": "failed",
    "code": "5.1.1",
    "reply": "550 5.1.1 <one@store.example>: No such user",
}


def mail(form: str, to: str, number: int = 1, **fields) -> bytes:
    """One returned mail to the return path `to`; each `number` is a mail of its own."""
    values = {**UNKNOWN, "subject": "Undelivered Mail Returned to Sender", **fields}
    date = "Sun, 22 Nov 2026 10:00:00 +0000"
    return form.format(to=to, number=number, date=date, **values).encode()


def delayed(to: str, number: int = 1) -> bytes:
    told = {"action": "delayed", "code": "4.4.1", "reply": "connect: Connection timed out"}
    return mail(POSTFIX, to, number, subject="Delayed Mail (still being retried)", **told)


def broken(number: int, to: str) -> bytes:
    """Mail to the return path that no parser reads well; each number another kind of damage."""
    whole = mail(POSTFIX, to, number)
    kinds = (
        whole[: len(whole) * (number % 7 + 1) // 9],
        whole.replace(b"message/delivery-status", b"message/delivery-status; charset=\xff\xfe"),
        whole.replace(b"boundary=", b"boundary*0*=utf-8''%zz; x="),
        b"\x00\xff" * 500 + whole[:100],
        b"Content-Type: multipart/report; boundary=x\n\n" + b"--x\n" * 3000,
        b"To: =?utf-8?b?" + b"////" * 90 + b"?=\nDate: \xff\n\n" + whole,
        whole.replace(b"Status: 5.1.1", b"Status: \xe2\x80\xae" + b"5" * 5000),
    )
    return kinds[number % len(kinds)]


def nested(depth: int) -> bytes:
    """Mail in mail in mail, deeper than anybody writes."""
    inner = EmailMessage()
    inner.set_content("x")
    text = inner.as_bytes()
    for _ in range(depth):
        text = b"Content-Type: message/rfc822\n\n" + text
    return text
