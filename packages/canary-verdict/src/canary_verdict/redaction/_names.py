"""Which names speak of a secret: `dbPassword`, `X-Api-Key`; and which of something about one: `token_count`."""

import re
from enum import Enum, auto
from functools import lru_cache


class Says(Enum):
    """What a name says of the value beside it."""

    NOTHING = auto()
    SECRET = auto()
    PERHAPS = auto()  # if the value looks so: `sid`, `auth`
    CODE = auto()  # a few digits: `pin`, `otp`
    COOKIES = auto()
    AUTHORIZATION = auto()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = _words(
    "password passwords passwd identified passphrase passwort passcode pwd secret secrets token credential credentials creds"
    " mnemonic apikey authkey passkey secretkey accesskey jsessionid phpsessid sessid csrf xsrf hmac"
    " authtoken accesstoken requirepass masterauth bearer pw jwt"
)
_ENDS = ("password", "passwd", "secret", "token", "apikey", "passphrase", "secretkey", "accesskey")
_PERHAPS = _words("pass auth sid sig signature dsn session webhook salt")
_CODES = _words("pin cvv cvv2 cvc cvc2 otp ssn passcode")
# Whose key is none that a cache or a table has.
_KEYS = _words(
    "api app auth access account private secret shared signing encryption encrypt master session subscription"
    " license licence integration ingest write admin service client consumer security ssh host functions storage"
    " deploy webhook server customer team project rest publishable sdk mac jwt hmac crypto registration"
)
_ABOUT = _words(
    "name names ref version type types count path file files mount store provider manager expiry expires expiration"
    " expired expire ttl length len valid validity validation validator used limit limits usage size required enabled"
    " policy rotation source changed updated created arn error errors at in per second seconds bucket class namespace"
    " url uri endpoint host port issuer audience scope scopes kind status state handler service filter factory manager"
    " response request max min age hash algorithm alg method format prefix total duration reset attempts kid"
)


@lru_cache(maxsize=4096)
def says(name: str) -> Says:
    """What a name says, by its words.

    >>> says("spring.datasource.password").name, says("tokenCount").name, says("Set-Cookie").name
    ('SECRET', 'NOTHING', 'COOKIES')
    """
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT:
        return Says.NOTHING
    if words[-1] == "cookie" or words[-1] == "cookies":
        return Says.COOKIES
    if words[-1] == "authorization":
        return Says.AUTHORIZATION
    if words[-1] in _CODES:
        return Says.CODE
    return _of_words(words, name)


def _of_words(words: list[str], name: str) -> Says:
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if _SECRET & set(words) or last.endswith(_ENDS):
        return Says.SECRET
    if last == "key" and (before in _KEYS or _KEYS & set(words) or (before and name.isupper())):
        return Says.SECRET
    if last == "id" and before in {"session", "secret"}:
        return Says.SECRET
    # `access_key_id`, `api_key_prod`
    if any(one == "key" and words[at - 1] in _KEYS for at, one in enumerate(words) if at):
        return Says.SECRET
    return Says.PERHAPS if last in _PERHAPS else Says.NOTHING
