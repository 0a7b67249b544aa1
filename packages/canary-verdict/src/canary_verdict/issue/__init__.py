"""A rolled back canary as a GitHub issue: its title, its body, and the key by which it is found again.

The same for the plugin and for the agent, so that it does not matter which of them opens it. Text of
programs and of models is shown as data: nobody is mentioned by it, nothing is linked, loaded or closed.
"""

from ._body import MAX_BODY, issue_body, issue_title
from ._incident import Incident
from ._key import issue_key, names_key
from ._neutral import code, fenced, neutral, prose

__all__ = [
    "MAX_BODY",
    "Incident",
    "code",
    "fenced",
    "issue_body",
    "issue_key",
    "issue_title",
    "names_key",
    "neutral",
    "prose",
]
