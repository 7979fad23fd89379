"""The refusal of every reader of codes."""


class CodeError(ValueError):
    """A code that breaks its standard; the text says how, in a sentence for the reader."""
