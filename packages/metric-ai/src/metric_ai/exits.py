"""How a command ends: its exit code, and errors that say what to do next."""

from enum import IntEnum

NO_BUNDLE = "metric-ai analyze --save FILE and canary-agent serve --bundles DIR write them"
"""What to do where a file is no bundle."""


class Exit(IntEnum):
    """Exit codes, the same for all commands."""

    OK = 0
    NEGATIVE = 1
    USAGE = 2
    INCONCLUSIVE = 3
    ERROR = 4
    INTERRUPTED = 130


EXIT_CODES = """\
Exit codes:
  0    promote, Successful, or nothing was found
  1    rollback, Failed, or something was found that has to be mended
  2    the command line is wrong
  3    inconclusive
  4    it could not be done: no cluster, no agent, an unreadable file
  130  ended by Ctrl-C
"""


class CommandError(Exception):
    """The command cannot do its work.

    Attributes:
        what: one sentence on what was found; may hold text from elsewhere.
        advice: what to do next; empty where `what` says it.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
