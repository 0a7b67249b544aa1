"""How many tokens a text is, at most, without asking any provider."""

import math
import re

_CHEAP = re.compile(r"[A-Za-z ]")
_CHEAP_EACH, _OTHER_EACH = 3, 2


def estimate_tokens(text: str) -> int:
    """An upper estimate for ASCII text: 3 letters or spaces a token, 2 of any other character.

    English prose has 4 to 5 characters a token with the tokenisers of the large providers, JSON about 3,
    random digits and hexadecimal 1.5 to 2.5; the digest is a mixture of these.

    >>> estimate_tokens("timeout after 30 s")
    7
    """
    cheap = len(_CHEAP.findall(text))
    return math.ceil(cheap / _CHEAP_EACH) + math.ceil((len(text) - cheap) / _OTHER_EACH)
