"""Secrets that are known by their own shape: addresses with credentials, card numbers, IBANs, random text."""

import re

from ._rule import BEGIN, MARK, QUOTE, has, has_folded, rule

_USER = r"[^\s/@\"'`:<>\\]{0,200}"
# A port is no password.
_HIDDEN = r"(?!\d{1,5}(?:[/?#\s]|$))[^\s@\"'`<>\\]{1,200}"
_CREDENTIALS = (
    # scheme://user:password@host; where a password has an @ of its own, the last one before a host counts
    rf"((?:[a-zA-Z][a-zA-Z\d+.-]{{1,20}}:)?//)(?!\[credentials\]@){_USER}"
    rf"(?::{_HIDDEN}(?:@[^\s@/\"'`<>\\]{{1,100}}(?=@))?)?@(?=[\w\[.-])"
)
# user:password@tcp(host:3306)/ of Go; thin:user/password@host of Oracle; user:password@host:port
_BARE = (
    rf"(?<![\w/@.-])(?!\[)[\w.%+-]{{1,64}}:{_HIDDEN}@(?=(?:tcp|udp|unix)\(|[\w.-]{{1,100}}:\d{{2,5}})",
    r"((?:thin|oci):)[\w$#]{1,64}/[^\s@\"'`]{1,100}@",
)
_USER_OPTION = rf"((?<![\w-])(?:-u|--user|--proxy-user|-U)[ =]{QUOTE}?[\w.@+\\-]{{1,64}}):(?!//)(?!\[secret\])[^\s\"'`]{{2,200}}"
_MYSQL_OPTION = r"((?:mysql\w{0,10}|sshpass|mariadb)\b[^\n]{0,200}? -p ?)(?!\[secret\])[^\s\"'`-][^\s\"'`]{2,100}"
_PLAIN_SECRET = (
    rf"((?i:{BEGIN}(?:requirepass|masterauth|AUTH|login \S{{1,64}} password|identified by) {{1,3}}{QUOTE}?))"
    rf"(?!{MARK})((?=[^\s\"'`]{{0,60}}[\d!@#$%^&*])[^\s\"'`]{{4,100}})"
)
# A mere word is no credential: "basic authentication", "bearer token".
_SCHEMES = (
    rf"({BEGIN}(?i:bearer|basic)(?: |%20|\+))(?=[a-z]{{0,100}}[A-Z0-9=._~+/-])[\w+/=.~-]{{6,4000}}"
)


def _weighted(digits: str) -> int:
    """ISO/IEC 7812-1: of a card number the weighted sum of digits is a multiple of 10."""
    numbers = [int(digit) for digit in digits]
    doubled = [number * 2 - 9 * (number > 4) for number in numbers[-2::-2]]
    return sum(numbers[-1::-2]) + sum(doubled)


# ISO/IEC 7812 issuers, by length: without them every tenth long number would be a card's.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|3(?:0[0-5]|[689]\d)\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|62\d{14,17}|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15}|220[0-4]\d{12}"
)
_DIGITS = r"(?:(?<![\w.-])|(?<=\\[nrt])|(?<=%[23][0-9A-Fa-f]))\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)"


def _card(match: re.Match[str]) -> str:
    digits = "".join(filter(str.isdigit, match[0]))
    # 19 digits in a row are an id more often than a card.
    long = len(digits) == 19 and len(match[0]) > 19
    is_card = (long or _ISSUERS.fullmatch(digits)) and _weighted(digits) % 10 == 0
    return "[card number]" if is_card else match[0]


def _iban(match: re.Match[str]) -> str:
    """ISO 13616: the number with its first four characters at its end is 1 modulo 97."""
    text = match[0].replace(" ", "")
    number = "".join(str(int(one, 36)) for one in text[4:] + text[:4])
    return "[IBAN]" if int(number) % 97 == 1 else match[0]


_LEAST_CHANGES = 0.3
_CHANGES = re.compile(r"[A-Z](?=[a-z0-9])|[a-z](?=[A-Z0-9])|[0-9](?=[A-Za-z])")


def _random(match: re.Match[str]) -> str:
    """Random text changes between cases and digits at two characters in three, names at one in ten."""
    text = match[0]
    has_all = (
        any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))
    )
    changes = len(_CHANGES.findall(text))
    return "[token]" if has_all and changes >= _LEAST_CHANGES * len(text) else text


ADDRESSES = (
    rule(has("//"), _CREDENTIALS, r"\1[credentials]@"),
    rule(has("@"), _BARE[0], "[credentials]@"),
    rule(has("thin:", "oci:"), _BARE[1], r"\1[credentials]@"),
    rule(has("-u", "-U", "user"), _USER_OPTION, r"\1:[secret]"),
    rule(has(" -p"), _MYSQL_OPTION, r"\1[secret]"),
    rule(has_folded("requirepass", "masterauth", "auth ", "login ", "identified by"), _PLAIN_SECRET, r"\1[secret]"),
    rule(has_folded("digest"), r"((?i:digest)[ +]{1,3}(?i:username))[^\r\n]{1,2000}", r"\1[secret]"),
    rule(has_folded("bearer", "basic"), _SCHEMES, r"\1[token]"),
)  # fmt: skip

_HAS_DIGITS = re.compile(r"\d(?:[ -]?\d){11}")
_IBAN = re.compile(r"[A-Z]{2}\d\d ?[A-Z0-9]{4} ?[A-Z0-9]{4}")
_LONG = re.compile(r"[A-Za-z0-9+/_-]{32}")


def _has_long_number(text: str, folded: str) -> object:
    del folded
    return _HAS_DIGITS.search(text)


def _has_iban(text: str, folded: str) -> object:
    del folded
    return _IBAN.search(text)


def _has_long_word(text: str, folded: str) -> object:
    del folded
    return _LONG.search(text)


SHAPES = (
    rule(has("@"), r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", "[e-mail]"),
    rule(_has_long_number, _DIGITS, _card),
    rule(_has_long_word, r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{32,4096}={0,2}", _random),
    rule(_has_iban, rf"(?=[A-Z]{{2}}\d){BEGIN}[A-Z]{{2}}\d\d(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?(?![A-Za-z0-9])", _iban),
    # Mailgun's newer keys.
    rule(_has_long_word, r"(?<![\w-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![\w-])", "[token]"),
    # The end of a key or a certificate on a line of its own.
    rule(has("="), r"(?m)^[ \t]{0,40}(?=[A-Za-z+/]{0,100}[0-9+/A-Z])[A-Za-z0-9+/]{4,100}={1,2}[ \t]{0,40}$", "[token]"),
)  # fmt: skip
