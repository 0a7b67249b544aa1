"""Keys and tokens that are known by how they begin; sources are the issuers' own documentation.

One line a form: what is in every text that has one (one of those words), and the expression. A form that needs its name beside it
to be told from an ordinary id (32 hexadecimal digits, a UUID) is left to `_named`.
"""

import re

from ._rule import BEGIN, Rule, always

_W = r"[\w-]"
_HEX = r"[0-9a-fA-F]"

# Clouds.
_CLOUDS = (
    ("AKIA", r"AKIA[A-Z0-9]{12,20}"),
    ("ASIA", r"ASIA[A-Z0-9]{12,20}"),
    (
        "ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA",
        r"(?:ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA)[A-Z0-9]{16,20}",
    ),
    ("ABSK", r"ABSK[A-Za-z0-9+/]{40,400}={0,2}"),
    ("AIza", rf"AIza{_W}{{30,45}}"),
    ("ya29.", r"ya29\.[\w.-]{20,2048}"),
    ("GOCSPX-", rf"GOCSPX-{_W}{{20,40}}"),
    ("1//0", rf"1//0{_W}{{30,200}}"),
    ("Q~", r"[\w~.]{3}\dQ~[\w~.-]{20,40}"),
    ("LTAI", r"LTAI[A-Za-z0-9]{12,30}"),
    ("AKID", r"AKID[A-Za-z0-9]{13,40}"),
    ("_v1_", rf"do[oprt]_v1_{_HEX}{{40,80}}"),
    ("ocid1.", r"ocid1\.credential\.[\w.-]{20,200}"),
    ("FlyV1 ", r"FlyV1 [\w+/=,-]{20,2000}"),
    ("fo1_", rf"fo1_{_W}{{30,60}}"),
    ("HRKU-", rf"HRKU-{_W}{{30,80}}"),
    ("tk-us-", r"tk-us-[\w-]{40,60}"),
    ("nfp_", r"nfp_\w{30,50}"),
    ("vercel_blob_rw_", r"vercel_blob_rw_\w{16,80}"),
    ("v1.0-", rf"v1\.0-{_HEX}{{24}}-{_HEX}{{100,200}}"),
    ("cfut_|cfat_|cfk_|cfpat_", r"cf(?:ut|at|k|pat)_[\w-]{30,80}"),
    ("rnd_", r"rnd_[A-Za-z0-9]{24,50}"),
    ("SK", rf"SK{_HEX}{{32}}(?!{_HEX})"),
    ("AC", rf"AC[0-9a-f]{{32}}(?!{_HEX})"),
)

# Code, packages, builds.
_CODE = (
    ("ghp_|gho_|ghu_|ghs_|ghr_", r"gh[pousr]_\w{16,255}"),
    ("github_pat_", r"github_pat_\w{20,255}"),
    (
        "glpat-|gldt-|glrtr-|glrt-|glcbt-|glptt-|glft-|glimt-|glagent-|gloas-|glsoat-|glffct-|glwt-",
        r"gl(?:pat|dt|rtr|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w.-]{16,300}",
    ),
    ("GR1348941", rf"GR1348941{_W}{{16,40}}"),
    ("npm_", r"npm_\w{30,40}"),
    ("pypi-", r"pypi-[\w-]{40,255}"),
    ("rubygems_", rf"rubygems_{_HEX}{{40,60}}"),
    ("dckr_", rf"dckr_[po]at_{_W}{{20,60}}"),
    ("cio", r"cio[A-Za-z0-9]{32}(?!\w)"),
    ("oy2", r"oy2[a-z0-9]{43}(?!\w)"),
    ("CLOJARS_", r"CLOJARS_\w{50,70}"),
    ("AKCp", r"AKCp[A-Za-z0-9]{50,90}"),
    ("cmVmd", r"cmVmdGtu[A-Za-z0-9]{40,70}"),
    ("CCI", r"CCI(?:PAT|PRJ)_\w{30,120}"),
    ("bkua_", r"bkua_[a-z0-9]{40}"),
    ("ATATT3", r"ATATT3[\w=-]{40,300}"),
    ("ATCTT3", r"ATCTT3[\w=-]{40,300}"),
    ("ATBB", r"ATBB[A-Za-z0-9]{20,60}"),
    ("lin_api_", r"lin_api_\w{30,60}"),
    ("ntn_", r"ntn_[A-Za-z0-9]{36,60}"),
    ("secret_", r"secret_[A-Za-z0-9]{40,50}"),
    ("figd_|figo_|figu_|figdh_|figoh_|figor_|figuh_|figur_", r"fig[duo][rh]?_[\w-]{30,60}"),
    ("PMAK-", rf"PMAK-{_HEX}{{24}}-{_HEX}{{34}}"),
    ("sqp_|squ_|sqa_", rf"sq[uap]_{_HEX}{{40}}"),
    ("sgp_", r"sgp_\w{40,80}"),
    ("pat.|sat.", r"[ps]at\.[\w-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    ("pat", rf"pat[A-Za-z0-9]{{14}}\.{_HEX}{{40,64}}"),
    ("pul-", rf"pul-{_HEX}{{40}}"),
    ("dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,100}"),
    ("pnu_", r"pnu_\w{30,50}"),
)

# Messages, payments, shops.
_SERVICES = (
    ("xox", r"xox[abeoprs][.-][\w.-]{10,255}"),
    ("xapp-", r"xapp-[\w-]{20,255}"),
    ("xwfp-", r"xwfp-[\w-]{20,255}"),
    ("hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{20,200}"),
    ("/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{5,25}/[\w-]{30,100}"),
    ("webhook.office.com/", r"[\w.-]{1,80}\.webhook\.office\.com/\w{1,20}/[\w@/-]{40,300}"),
    (":AA", r"(?:bot)?\d{8,12}:AA[\w-]{30,40}"),
    (".", r"[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,45}"),
    (
        "sk-|sk_|rk-|rk_|pk-|pk_",
        r"(?:sk|rk|pk)[-_](?:live|test|prod|proj|ant|or|lf|svcacct|admin|None)?[-_]?[\w-]{16,255}",
    ),
    ("whsec_", r"whsec_[\w+/=]{20,100}"),
    ("sq0", r"sq0[a-z]{3}-[\w-]{20,50}"),
    ("EAA", r"EAA[A-Za-z0-9]{40,300}"),
    ("shpat_|shpca_|shppa_|shpss_|shptka_|shpua_", rf"shp(?:at|ca|pa|ss|tka|ua)_{_HEX}{{24,40}}"),
    ("access_token$", r"access_token\$(?:production|sandbox)\$[\w$]{20,80}"),
    ("access-", rf"access-(?:sandbox|development|production)-{_HEX}{{8}}-[\w-]{{20,40}}"),
    ("FLWSECK", r"FLW(?:SECK|PUBK)(?:_TEST)?-[\w-]{12,60}"),
    ("EZAK|EZTK", r"EZ[AT]K[A-Za-z0-9]{50,60}"),
    ("shippo_", rf"shippo_(?:live|test)_{_HEX}{{40}}"),
    ("SG.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    ("key-", rf"key-{_HEX}{{32}}(?!\w)"),
    ("-us", rf"{_HEX}{{32}}-us\d{{1,2}}(?!\w)"),
    ("xkeysib-", r"xkeysib-[\w-]{40,100}"),
    ("xsmtpsib-", r"xsmtpsib-[\w-]{40,100}"),
    ("pat-", rf"pat-(?:na|eu)\d-{_HEX}{{8}}-[\w-]{{20,40}}"),
    ("CFPAT-", rf"CFPAT-{_W}{{40,50}}"),
    ("k.eyJ", r"[ps]k\.eyJ[\w-]{20,300}\.[\w-]{10,60}"),
    ("sl.", r"sl\.(?:u\.)?[\w-]{60,2000}"),
    ("tfp_", rf"tfp_{_W}{{30,80}}"),
    ("AAAAAAAAAA", r"AAAAAAAAAAAAAAAAAAAA[\w%]{40,120}"),
)

# Models and data.
_DATA = (
    ("hf_", r"hf_[A-Za-z0-9]{30,40}"),
    ("api_org_", r"api_org_[A-Za-z0-9]{30,40}"),
    ("r8_", r"r8_[A-Za-z0-9]{30,45}"),
    ("gsk_", r"gsk_[A-Za-z0-9]{30,60}"),
    ("xai-", r"xai-[A-Za-z0-9]{40,100}"),
    ("pplx-", r"pplx-[A-Za-z0-9]{30,60}"),
    ("fw_", r"fw_[A-Za-z0-9]{20,40}"),
    ("lsv2_", r"lsv2_(?:pt|sk)_\w{30,60}"),
    ("pcsk_", r"pcsk_\w{40,90}"),
    ("tvly-", r"tvly-[\w-]{20,60}"),
    ("nvapi-", rf"nvapi-{_W}{{40,90}}"),
    ("pa-", rf"pa-{_W}{{40,50}}(?!\w)"),
    ("csk-", r"csk-[a-z0-9]{40,60}"),
    ("dapi", rf"dapi{_HEX}{{32}}(?:-\d)?"),
    ("dbtc_|dbtu_", r"dbt[cu]_[\w=+/-]{30,80}"),
    ("pscale_", r"pscale_(?:tkn|oauth|pw)_[\w.=-]{30,80}"),
    ("sbp_", rf"sbp_{_HEX}{{40}}"),
    ("sb_secret_", rf"sb_secret_{_W}{{20,60}}"),
    ("napi_", r"napi_\w{40,80}"),
    ("mdb_sa_sk_", rf"mdb_sa_sk_{_W}{{30,60}}"),
    ("AVNS_", rf"AVNS_{_W}{{16,40}}"),
)

# Identity, secrets, watching.
_OPERATIONS = (
    ("eyJ", r"eyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000}){0,3}"),
    ("hvs.|hvb.|hvr.", r"hv[sbr]\.[\w-]{20,300}"),
    ("s.", r"s\.(?=[A-Za-z]{0,24}\d)[A-Za-z0-9]{24}(?![\w.])"),
    (".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,80}"),
    ("glsa_", r"glsa_\w{32}_\w{8}"),
    ("glc_", r"glc_[\w+/=-]{30,400}"),
    ("NRAK-|NRJS-|NRII-|NRAA-|NRRA-|NRBR-|NRSP-", r"NR(?:AK|JS|II|AA|RA|BR|SP)-[\w-]{16,80}"),
    ("NRAL", rf"{_HEX}{{32,40}}NRAL"),
    ("sntry", r"sntry[su]_[\w+/=-]{40,400}"),
    ("dt0", r"dt0[a-z]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{60,70}"),
    ("hca|hcb|hcx", r"hc[abx][a-z]{1,2}_[A-Za-z0-9]{40,60}"),
    ("essu_", r"essu_[\w+/=-]{30,200}"),
    ("pdus+_", r"pdus\+_[\w-]{20,80}"),
    ("sdk-", rf"(?:sdk|mob)-{_HEX}{{8}}-{_HEX}{{4}}-[\w-]{{20,40}}"),
    ("ops_eyJ", rf"ops_eyJ{_W}{{40,2000}}"),
    ("A3-", r"A3-[A-Z0-9]{6}-[A-Z0-9-]{20,50}"),
    ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{50,70}"),
    ("sha256~", rf"sha256~{_W}{{40,50}}"),
    ("tskey-", r"tskey-[a-z]{2,12}-[\w-]{16,100}"),
    ("SSWS ", r"SSWS [\w-]{20,80}"),
    ("$2a$|$2b$|$2x$|$2y$", r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{20,60}"),
    (
        "$apr1$|$1$|$5$|$6$|$7$|$y$|$gy$|$md5$|$sha1$|$scrypt$",
        r"\$(?:apr1|[1567y]|gy|md5|sha1|scrypt)\$[./\w$=,-]{16,200}",
    ),
    ("$argon2", r"\$argon2(?:id|i|d)\$[\w$=,+/.-]{20,300}"),
    ("pbkdf2", r"pbkdf2(?:_|:)sha\d{1,3}[$:]\d{1,9}\$[\w+/=$.-]{16,300}"),
    ("SHA}", r"\{S?SHA\}[\w+/]{20,100}={0,2}"),
    ("scrypt:", r"scrypt:\d{1,7}:\d:\d\$[\w+/=$.-]{16,300}"),
)


def _first(pattern: str) -> str:
    """A look at the first character: what may stand before it is asked at few places then."""
    first = pattern[: pattern.index("]") + 1] if pattern[0] == "[" else pattern[0]
    return f"(?={first})" if first[0] == "[" or first.isalnum() else ""


FORMS = tuple(
    (word, compiled)
    for words, pattern in (*_OPERATIONS, *_CLOUDS, *_CODE, *_SERVICES, *_DATA)
    for compiled in [re.compile(_first(pattern) + BEGIN + pattern)]
    for word in words.split("|")
)


def _hide_tokens(text: str) -> str:
    # One loop, since nearly every line ends here: a gate of its own for each would take five times as long.
    for word, pattern in FORMS:
        if word in text:
            text = pattern.sub("[token]", text)
    return text


TOKENS = Rule(always, _hide_tokens)
