"""Where the API is, and how both sides prove who they are."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api import KubernetesApi

from rollouts_plugin_metric_ai.kube import (
    ClusterAccess,
    KubeApi,
    KubeRefusedError,
    KubeUnreachableError,
    NoAccessError,
    find_access,
)

TOKEN = "pl4nted-t0ken"
Deadline = Callable[[float], float]
Tls = Callable[[int], KubernetesApi]


@pytest.fixture
def account(tmp_path: Path, certificates: list[Path]) -> Path:
    """A service account's folder."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text(TOKEN + "\n")
    (folder / "ca.crt").write_bytes(certificates[0].read_bytes())
    return folder


def environment(url: str) -> dict[str, str]:
    host, port = url.removeprefix("https://").split(":")
    return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}


def write_config(
    path: Path, server: str, user: dict[str, Any] | None = None, **cluster: Any
) -> dict[str, str]:
    """A kubeconfig, and the environment that names it."""
    document = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user or {}}],
    }
    path.write_text(json.dumps(document))
    return {"KUBECONFIG": str(path)}


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


async def test_the_token_is_read_again_when_it_has_rotated(
    serving_tls: Tls, account: Path, deadline: Deadline
) -> None:
    cluster = serving_tls(0)
    cluster.tokens = {TOKEN}
    kube = KubeApi(lambda: find_access(environment(cluster.url), account))
    await kube.list_pods("prod", "role=stable", deadline(10))
    cluster.tokens = {"rotated"}
    with pytest.raises(KubeRefusedError) as caught:
        await kube.list_pods("prod", "role=stable", deadline(10))
    assert caught.value.status == 401
    (account / "token").write_text("rotated")
    assert (await kube.list_pods("prod", "role=stable", deadline(10))).complete
    await kube.aclose()


async def test_the_authority_is_read_again_when_it_has_rotated(
    serving_tls: Tls, account: Path, certificates: list[Path], deadline: Deadline
) -> None:
    old, new = serving_tls(0), serving_tls(1)
    where = environment(old.url)
    kube = KubeApi(lambda: find_access(where, account))
    await kube.list_pods("prod", "a=b", deadline(10))
    where.update(environment(new.url))
    with pytest.raises(KubeUnreachableError, match="self-signed certificate"):
        await kube.list_pods("prod", "a=b", deadline(10))
    (account / "ca.crt").write_bytes(certificates[1].read_bytes())
    await kube.list_pods("prod", "a=b", deadline(10))
    assert new.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    await kube.aclose()


async def test_another_authority_is_not_trusted_and_sees_no_token(
    serving_tls: Tls, account: Path, deadline: Deadline
) -> None:
    cluster = serving_tls(1)
    kube = KubeApi(lambda: find_access(environment(cluster.url), account))
    with pytest.raises(KubeUnreachableError) as caught:
        await kube.list_pods("prod", "a=b", deadline(10))
    assert TOKEN not in str(caught.value)
    assert not cluster.asked
    await kube.aclose()


async def test_a_token_never_travels_in_the_clear(
    cluster: KubernetesApi, tmp_path: Path, deadline: Deadline
) -> None:
    where = write_config(tmp_path / "config", cluster.url, {"token": TOKEN})
    kube = KubeApi(lambda: find_access(where))
    await kube.list_pods("prod", "a=b", deadline(10))
    assert "Authorization" not in cluster.asked[0].headers
    await kube.aclose()


@pytest.mark.parametrize("kind", ["token", "tokenFile"])
@pytest.mark.parametrize("inline", [True, False])
async def test_a_kubeconfig_names_server_authority_and_token(
    serving_tls: Tls,
    certificates: list[Path],
    tmp_path: Path,
    deadline: Deadline,
    kind: str,
    *,
    inline: bool,
) -> None:
    cluster = serving_tls(0)
    cluster.tokens = {TOKEN}
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "ca.pem").write_bytes(certificates[0].read_bytes())
    authority: dict[str, Any] = (
        {"certificate-authority-data": encoded(certificates[0])}
        if inline
        else {"certificate-authority": "ca.pem"}
    )
    user = {"token": TOKEN} if kind == "token" else {"tokenFile": "token"}
    where = write_config(tmp_path / "config", cluster.url, user, **authority)
    kube = KubeApi(lambda: find_access(where))
    assert (await kube.list_pods("prod", "a=b", deadline(10))).complete
    await kube.aclose()


async def test_the_name_in_the_certificate_may_be_another(
    serving_tls: Tls, certificates: list[Path], tmp_path: Path, deadline: Deadline
) -> None:
    cluster = serving_tls(0)
    more: dict[str, Any] = {
        "certificate-authority": str(certificates[0]),
        "tls-server-name": "kubernetes.default",
    }
    good = write_config(tmp_path / "good", cluster.url, **more)
    bad = write_config(tmp_path / "bad", cluster.url, **more | {"tls-server-name": "elsewhere"})
    kube = KubeApi(lambda: find_access(good))
    await kube.list_pods("prod", "a=b", deadline(10))
    await kube.aclose()
    kube = KubeApi(lambda: find_access(bad))
    with pytest.raises(KubeUnreachableError, match="Hostname mismatch"):
        await kube.list_pods("prod", "a=b", deadline(10))
    await kube.aclose()


def test_a_client_certificate_is_loaded(certificates: list[Path], tmp_path: Path) -> None:
    user: dict[str, Any] = {
        "client-certificate": str(certificates[0]),
        "client-key-data": encoded(certificates[0]),
    }
    access = find_access(write_config(tmp_path / "c", "https://127.0.0.1:1", user))
    assert access.load_tls()
    nothing = base64.b64encode(b"nothing").decode()
    user |= {"client-certificate-data": nothing, "client-key-data": nothing}
    wrong = find_access(write_config(tmp_path / "d", "https://127.0.0.1:1", user))
    with pytest.raises(NoAccessError, match="cannot be loaded"):
        wrong.load_tls()


def test_nothing_of_an_access_is_shown(tmp_path: Path) -> None:
    access = find_access(write_config(tmp_path / "c", "https://api:6443", {"token": TOKEN}))
    assert TOKEN not in repr(access)
    assert isinstance(access, ClusterAccess)
    assert access.server.origin == "https://api:6443"


@pytest.mark.parametrize(
    ("user", "cluster", "said"),
    [
        ({"exec": {"command": "aws"}}, {}, "exec is not supported"),
        ({"username": "me", "password": "x"}, {}, "username is not supported"),
        ({}, {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify is not supported"),
        ({}, {"certificate-authority-data": "%%"}, "no base64 of PEM"),
        ({}, {"certificate-authority": "nowhere.pem"}, "nowhere.pem cannot be read: No such file"),
        ({"token": "two\nlines"}, {}, "found a token with line ends"),
        ({}, {"server": "ftp://x"}, "the API server's address: found the scheme 'ftp'"),
    ],
)
def test_what_a_kubeconfig_asks_for_and_cannot_have_is_named(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any], said: str
) -> None:
    where = write_config(tmp_path / "config", "https://127.0.0.1:1", user)
    document = json.loads((tmp_path / "config").read_text())
    document["clusters"][0]["cluster"] |= cluster
    (tmp_path / "config").write_text(json.dumps(document))
    with pytest.raises(NoAccessError, match=said):
        find_access(where)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("apiVersion: v1\nkind: Config\n", "expected a kubeconfig in JSON, as kubectl"),
        ("[]", "contexts has no entry named ''"),
        ('{"current-context": "x", "contexts": [{"name": "y"}, 7]}', "no entry named 'x'"),
        ("", "found 0 bytes"),
        ("[" * 100_000, "expected a kubeconfig in JSON"),
    ],
)
def test_what_is_no_kubeconfig_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "config").write_text(content)
    with pytest.raises(NoAccessError, match=said):
        find_access({"KUBECONFIG": str(tmp_path / "config")})


def test_outside_of_a_cluster_the_error_says_what_is_missing(account: Path) -> None:
    with pytest.raises(NoAccessError, match="neither KUBECONFIG nor KUBERNETES_SERVICE_HOST"):
        find_access({}, account)


def test_an_address_of_ipv6_gets_its_brackets(account: Path) -> None:
    where = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    assert find_access(where, account).server.origin == "https://[fd00::1]"


def test_the_systems_authorities_do_where_none_is_named(tmp_path: Path) -> None:
    access = find_access(write_config(tmp_path / "c", "https://api:6443"))
    assert access.load_tls()
