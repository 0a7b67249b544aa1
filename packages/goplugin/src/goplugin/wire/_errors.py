"""Errors of the wire, told apart by who is at fault."""


class ProtocolError(Exception):
    """A rule of the wire was broken, by the peer or by our own caller."""


class LocalProtocolError(ProtocolError):
    """Our own caller asked for what the protocol does not allow.

    The object it was asked of is unchanged and stays usable. The message says what was asked, why it is not allowed and
    what to do instead.
    """


class BackPressureError(LocalProtocolError):
    """Our own caller is faster than the peer reads: a declared limit of queued output is reached.

    Try again after more output was handed to the transport, or after the peer's window opened.
    """


class RemoteProtocolError(ProtocolError):
    """The peer sent bytes that break a rule; the object that read them takes no more.

    Attributes:
        rule: The rule that was broken: what was found, and what was expected.
        offset: Where the offending item begins, in bytes from the start of that stream of bytes (0 or more). Each layer
            counts its own stream: a connection for yamux, one yamux stream for gob and net/rpc.
    """

    def __init__(self, rule: str, offset: int) -> None:
        super().__init__(rule, offset)
        self.rule = rule
        self.offset = offset

    def __str__(self) -> str:
        return f"at byte {self.offset}: {self.rule}"
