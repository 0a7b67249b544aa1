"""Planted secrets of more than sixty kinds, none of them real: made of pieces, by a generator with a seed.

They look so real that scanners of secrets would find them in a file: so they are made when they are needed.
"""

import base64
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

_B62 = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits
_B64 = _B62 + "+/"

# What stands before the random part; how long that is, and of which characters; and the line around it.
_PREFIXED = (
    ("aws access key", "AK" + "IA", 16, _UPPER, "using key {}"),
    ("aws temporary key", "AS" + "IA", 16, _UPPER, "assumed role with {}"),
    ("google api key", "AI" + "za", 35, _B62 + "_-", "GET /maps?key={}&q=1"),
    ("google oauth token", "ya" + "29.", 60, _B62 + "_-", "oauth {}"),
    ("google client secret", "GOC" + "SPX-", 28, _B62, "client {}"),
    ("alibaba key", "LT" + "AI", 20, _B62, "oss key {}"),
    ("digitalocean token", "do" + "p_v1_", 64, _HEX, "droplet created by {}"),
    ("github token", "gh" + "p_", 36, _B62, "clone with {}"),
    ("github app token", "gh" + "s_", 36, _B62, "installation {}"),
    ("github fine-grained token", "github" + "_pat_", 82, _B62 + "_", "pushed with {}"),
    ("gitlab token", "gl" + "pat-", 20, _B62, "runner registered by {}"),
    ("slack bot token", "xo" + "xb-", 40, string.digits + "-" + _B62, "posting as {}"),
    ("slack app token", "xa" + "pp-1-", 60, _B62, "socket mode {}"),
    ("slack webhook", "https://hooks.slack" + ".com/services/T0AB12CD3/B0AB12CD3/", 24, _B62, "notify {}"),
    ("stripe key", "sk" + "_live_", 24, _B62, "charging with {}"),
    ("stripe restricted key", "rk" + "_live_", 24, _B62, "refunding with {}"),
    ("stripe webhook secret", "whs" + "ec_", 32, _B62, "verified by {}"),
    ("twilio key", "S" + "K", 32, _HEX, "sms by {}"),
    ("sendgrid key", "S" + "G.", 22, _B62, "mail by {}.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ("mailgun key", "ke" + "y-", 32, _HEX, "mail by {}"),
    ("npm token", "np" + "m_", 36, _B62, "publish with {}"),
    ("pypi token", "py" + "pi-AgEIcHlwaS5vcmc", 80, _B62, "upload with {}"),
    ("docker hub token", "dckr" + "_pat_", 27, _B62, "docker login {}"),
    ("rubygems key", "ruby" + "gems_", 48, _HEX, "gem push {}"),
    ("hugging face token", "h" + "f_", 34, string.ascii_letters, "model pulled with {}"),
    ("openai key", "sk" + "-proj-", 60, _B62, "asking with {}"),
    ("anthropic key", "sk" + "-ant-api03-", 90, _B62 + "_-", "asking with {}"),
    ("groq key", "gs" + "k_", 52, _B62, "asking with {}"),
    ("databricks token", "da" + "pi", 32, _HEX, "job started by {}"),
    ("vault token", "hv" + "s.", 90, _B62, "unsealed by {}"),
    ("terraform token", "AbCdEf12345678.atlas" + "v1.", 64, _B62, "applied by {}"),
    ("grafana token", "gl" + "sa_", 32, _B62, "dashboard by {}_0a1b2c3d"),
    ("new relic key", "NR" + "AK-", 27, _UPPER, "reported by {}"),
    ("sentry token", "sntr" + "yu_", 64, _HEX, "release by {}"),
    ("telegram token", "110201543:A" + "A", 33, _B62 + "_-", "bot {}"),
    ("discord webhook", "https://discord" + ".com/api/webhooks/110201543110201543/", 68, _B62, "notify {}"),
    ("shopify token", "shp" + "at_", 32, _HEX, "shop {}"),
    ("square token", "sq0" + "atp-", 22, _B62, "paid by {}"),
    ("airtable token", "pa" + "tAbCdEf12345678.", 64, _HEX, "table by {}"),
    ("atlassian token", "ATA" + "TT3xFfGF0", 120, _B62, "ticket by {}"),
    ("linear key", "lin" + "_api_", 40, _B62, "ticket by {}"),
    ("figma token", "fi" + "gd_", 40, _B62, "design by {}"),
    ("postman key", "PM" + "AK-", 24, _HEX, "collection by {}-0123456789abcdef0123456789abcdef01"),
    ("pulumi token", "pu" + "l-", 40, _HEX, "stack by {}"),
    ("doppler token", "d" + "p.pt.", 43, _B62, "config by {}"),
    ("tailscale key", "tske" + "y-auth-", 40, _B62, "joined by {}"),
    ("supabase key", "sb" + "p_", 40, _HEX, "project {}"),
    ("age key", "AGE-SECRET" + "-KEY-1", 58, _UPPER, "decrypt with {}"),
    ("bcrypt hash", "$2" + "b$12$", 53, _B62 + "./", "bob:{}"),
    ("htpasswd hash", "$ap" + "r1$abcdefgh$", 22, _B62 + "./", "bob:{}"),
)  # fmt: skip

# Only what is around them tells these from an ordinary id: `{}` is the secret.
_NAMED = (
    ("password", 12, _B62, "login failed, password={}"),
    ("password of the environment", 16, _B62, "DB_PASSWORD={} starting"),
    ("password in YAML", 14, _B62, "password: {}"),
    ("password option", 14, _B62, "exec mysql --user=app --password {} --host db"),
    ("password of a java object", 14, _B62, "Config(user=app, password={}, retries=3)"),
    ("api key header", 32, _HEX, "X-Api-Key: {}"),
    ("client secret", 32, _B62, "client_secret={}&grant_type=refresh"),
    ("aws secret key", 40, _B64, "aws_secret_access_key = {}"),
    ("azure storage key", 86, _B64, "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={}==;EndpointSuffix=x"),
    ("azure shared access key", 43, _B64, "Endpoint=sb://shop.example/;SharedAccessKeyName=Root;SharedAccessKey={}="),
    ("azure shared access signature", 43, _B62, "https://shop.example/c/blob?sv=2024-01-01&se=2027&sig={}%3D"),
    ("bearer token", 40, _B62, "Authorization: Bearer {}"),
    ("basic authentication", 24, _B62, "authorization: Basic {}=="),
    ("custom authorization", 30, _B62, "Authorization: ApiKey {}"),
    ("cookie", 24, _B62, "Cookie: theme=dark; sid={}; lang=en"),
    ("set-cookie", 32, _HEX, "Set-Cookie: session={}; Path=/; HttpOnly"),
    ("jsessionid", 32, _UPPER, "GET /cart;JSESSIONID={}"),
    ("postgres address", 14, _B62, "connecting to postgres://app:{}@db.shop.svc:5432/shop"),
    ("mysql address", 14, _B62, "dsn app:{}@tcp(db.shop.svc:3306)/shop"),
    ("mongodb address", 14, _B62, "mongodb+srv://app:{}@cluster0.example.net/shop"),
    ("redis address", 14, _B62, "redis://:{}@cache:6379/0"),
    ("amqp address", 14, _B62, "amqps://app:{}@mq.example:5671/vhost"),
    ("jdbc address", 14, _B62, "jdbc:mysql://db/shop?user=app&password={}&useSSL=false"),
    ("ado connection string", 14, _B62, "Server=db;Database=shop;User Id=app;Password={};Encrypt=true"),
    ("password in an address", 14, _B62, "fetch https://bob:{}@git.example.org/shop.git failed"),
    ("curl user", 14, _B62, "curl -u bob:{} https://example.org"),
    ("digest authentication", 32, _HEX, 'Authorization: Digest username="bob", realm="x", response="{}"'),
    ("signed address", 64, _HEX, "GET /o?X-Amz-Date=20260131T120000Z&X-Amz-Signature={}"),
    ("service account token of vault", 24, _B62, "VAULT_SECRET_ID={}"),
    ("docker config", 30, _B62, '{{"auths":{{"r.example":{{"auth":"{}="}}}}}}'),
    ("license key", 25, _UPPER, "license_key={}"),
    ("one-time code", 6, string.digits, "otp={} sent"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlantedSecret:
    """A secret and a log line that has it."""

    kind: str
    secret: str
    line: str


def planted_secrets(seed: int = 1) -> Iterator[PlantedSecret]:
    """One of each kind; another seed gives others."""
    rng = random.Random(seed)
    for kind, prefix, length, letters, line in _PREFIXED:
        secret = prefix + _text(rng, length, letters)
        yield PlantedSecret(kind, secret, line.format(secret))
    for kind, length, letters, line in _NAMED:
        secret = _text(rng, length, letters)
        yield PlantedSecret(kind, secret, line.format(secret))
    yield from _composed(rng)


def _text(rng: random.Random, length: int, letters: str) -> str:
    # A capital, a small letter and a digit at least, where the letters have them: as real ones do.
    kinds = [string.ascii_uppercase, string.ascii_lowercase, string.digits]
    sure = [rng.choice(both) for kind in kinds if (both := [one for one in kind if one in letters])]
    rest = [rng.choice(letters) for _ in range(length - len(sure))]
    return "".join(rng.sample([*sure[:length], *rest], length))


def _composed(rng: random.Random) -> Iterator[PlantedSecret]:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    jwt = f"{header}.{header[:12]}{_text(rng, 40, _B62)}.{_text(rng, 43, _B62)}"
    yield PlantedSecret("jwt", jwt, f"rejected {jwt}: expired")
    yield PlantedSecret(
        "e-mail", mail := f"{_text(rng, 8, _HEX)}@mail.example.org", f"sent to {mail}"
    )
    for kind, start, length in (
        ("visa", "4539", 16),
        ("mastercard", "5425", 16),
        ("amex", "3782", 15),
    ):
        number = _card(rng, start, length)
        yield PlantedSecret(f"{kind} card", number, f"charged {number} for 3 items")
    spaced = _card(rng, "4716", 16)
    spaced = " ".join(spaced[at : at + 4] for at in range(0, 16, 4))
    yield PlantedSecret("card with blanks", spaced, f"card {spaced} declined")
    iban = _iban(rng)
    yield PlantedSecret("iban", iban, f"transfer to {iban}")
    for kind in ("RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "PRIVATE"):
        body = (
            "\n".join(_text(rng, 64, _B64) for _ in range(3)) + "\n" + _text(rng, 18, _B64) + "=="
        )
        key = f"-----BEGIN {kind} KEY-----\n{body}\n-----END {kind} KEY-----"
        yield PlantedSecret(f"{kind.lower()} key", body, f"loaded {key}")


def _card(rng: random.Random, start: str, length: int) -> str:
    digits = start + _text(rng, length - len(start) - 1, string.digits)
    doubled = [int(one) * 2 - 9 * (int(one) > 4) for one in digits[::-2]]
    total = sum(doubled) + sum(int(one) for one in digits[-2::-2])
    return digits + str(-total % 10)


def _iban(rng: random.Random) -> str:
    account = _text(rng, 18, string.digits)
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02}{account}"
