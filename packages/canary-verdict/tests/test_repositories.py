import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict.repositories import (
    AllowedOwners,
    GitHubRepository,
    RepositoryRefused,
    parse_repository,
)

ALLOWED = AllowedOwners.parse(
    "github.com/Acme, https://ghe.example.com:8443/team ghe.example.com/ops,"
    "http://127.0.0.1:9000/acme, lonely.example"
)


@pytest.mark.parametrize(
    ("address", "url", "api"),
    [
        ("https://github.com/acme/shop", "https://github.com/acme/shop", "https://api.github.com"),
        ("https://github.com/acme/shop.git", None, "https://api.github.com"),
        ("https://GitHub.com/ACME/shop/", "https://github.com/ACME/shop", "https://api.github.com"),
        ("https://github.com:443/acme/shop", None, "https://api.github.com"),
        ("https://github.com/acme/.github", "https://github.com/acme/.github", None),
        (
            "https://ghe.example.com:8443/team/a_b.c",
            "https://ghe.example.com:8443/team/a_b.c",
            "https://ghe.example.com:8443/api/v3",
        ),
        (
            "http://127.0.0.1:9000/acme/shop",
            "http://127.0.0.1:9000/acme/shop",
            "http://127.0.0.1:9000/api/v3",
        ),
    ],
)
def test_what_the_operator_allows_is_found(address: str, url: str | None, api: str | None) -> None:
    repository = ALLOWED.find(address)
    assert repository.url == (url or "https://github.com/acme/shop")
    assert api in {None, repository.api}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://evil.tld/acme/shop", "found https://evil.tld/acme, expected one that the"),
        ("https://github.com.evil.tld/acme/shop", "found https://github.com.evil.tld/acme"),
        ("https://github.com./acme/shop", "expected https://host/owner/repository"),
        ("https://www.github.com/acme/shop", "found https://www.github.com/acme"),
        ("https://api.github.com/acme/shop", "found https://api.github.com/acme"),
        ("https://github.com/other/shop", "found https://github.com/other"),
        ("https://github.com/acme-evil/shop", "found https://github.com/acme-evil"),
        ("https://github.com:8443/acme/shop", "found https://github.com:8443/acme"),
        ("https://ghe.example.com:8443/ops/shop", "found https://ghe.example.com:8443/ops"),
        ("https://lonely.example/acme/shop", "found https://lonely.example/acme"),
        ("http://127.0.0.1:9001/acme/shop", "found http://127.0.0.1:9001/acme"),
        ("https://127.0.0.1:9000/acme/shop", "found https://127.0.0.1:9000/acme"),
        ("http://github.com/acme/shop", "found plain http"),
        ("https://secret@github.com/acme/shop", "found a user, a password or an ssh address"),
        ("https://github.com@evil.tld/acme/shop", "found a user, a password or an ssh address"),
        ("https://user:secret@github.com/acme/shop", "found a user, a password"),
        ("git@github.com:acme/shop.git", "found a user, a password or an ssh address"),
        ("ssh://github.com/acme/shop", "expected https://host/owner/repository"),
        ("https://github.com/acme%2Fshop", "found escaped letters or backslashes"),
        ("https://github.com/acme/shop%2F..%2Fx", "found escaped letters or backslashes"),
        ("https://github.com/acme\\shop", "found escaped letters or backslashes"),
        ("https://github.com/acme/shop?x=secret", "found a query or a fragment"),
        ("https://github.com/acme/shop#readme", "found a query or a fragment"),
        ("https://github.com/acme/..", "expected https://host/owner/repository"),
        ("https://github.com/../acme/shop", "expected https://host/owner/repository"),
        ("https://github.com/acme/shop/tree/main", "expected https://host/owner/repository"),
        ("https://github.com/acme", "expected https://host/owner/repository"),
        ("https://github.com//acme/shop", "expected https://host/owner/repository"),
        ("https://github.com:99999/acme/shop", "found the port 99999"),
        ("https://github.com:0/acme/shop", "found the port 0"),
        ("https://github.com/acme/shop\n", "expected https://host/owner/repository"),
        ("", "found '', expected https://host/owner/repository"),
        ("x" * 5000, "expected https://host/owner/repository"),
    ],
)
def test_anything_else_is_refused_and_says_why(address: str, said: str) -> None:
    with pytest.raises(RepositoryRefused) as caught:
        ALLOWED.find(address)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("github.com/acme/shop", "found 'github.com/acme/shop', expected host/owner"),
        ("http://ghe.example.com/team", "found plain http"),
        ("https://secret@github.com/acme", "found an entry with a user in it"),
        ("*.example.com/team", "expected host/owner"),
        ("github.com/*", "expected host/owner"),
    ],
)
def test_an_entry_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(RepositoryRefused) as caught:
        AllowedOwners.parse(text)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", " , ", "github.com", "github.com/"])
def test_a_list_without_an_owner_allows_nothing(text: str) -> None:
    allowed = AllowedOwners.parse(text)
    assert allowed.is_empty
    with pytest.raises(RepositoryRefused):
        allowed.find("https://github.com/acme/shop")


def test_enterprise_cloud_with_its_own_name_has_its_own_api() -> None:
    assert parse_repository("https://acme.ghe.com/a/b").api == "https://api.acme.ghe.com"
    assert parse_repository("https://ghe.com.evil.tld/a/b").api == "https://ghe.com.evil.tld/api/v3"


def test_the_search_link_is_on_the_repository_s_own_site() -> None:
    repository = GitHubRepository("https://github.com", "acme", "shop")
    assert repository.search_link("metricai1") == "https://github.com/acme/shop/issues?q=metricai1"


@settings(deadline=None)
@given(st.text(alphabet="htps:/.@%\\#?acmeghub[]1270-_ ", max_size=60))
def test_whatever_is_written_only_listed_owners_come_out(text: str) -> None:
    for address in (text, f"https://github.com/{text}", f"https://github.com{text}/acme/shop"):
        try:
            found = ALLOWED.find(address)
        except RepositoryRefused:
            continue
        assert found.owner.lower() in ALLOWED.owners[found.origin]
        assert "/" not in found.name
        assert found.name not in {"", ".", ".."}
