"""Human codes as one segment of an address, whatever characters people print on labels."""


class CodeConverter:
    """A code with `/` in it stays one segment: `~2F`; `.` and `..` would be taken as folders."""

    regex = "[^/\\x00]+"  # PostgreSQL takes no NUL in a text.

    def to_url(self, value: object) -> str:
        text = str(value).replace("~", "~7E").replace("/", "~2F")
        return text if text.strip(".") else text.replace(".", "~2E")

    def to_python(self, value: str) -> str:
        return value.replace("~2F", "/").replace("~2E", ".").replace("~7E", "~")
