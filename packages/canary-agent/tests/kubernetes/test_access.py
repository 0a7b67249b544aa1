"""How the cluster is reached: kubeconfigs, accounts, tokens, certificates, namespaces."""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from certificates import self_signed, server_context
from kubernetes_api import KubernetesApi, kubeconfig, serving
from kubernetes_objects import pod

from canary_agent.cluster import parse_namespaces
from canary_agent.collect import CollectError, Sample
from canary_agent.collect.kubernetes import (
    Access,
    KubernetesLimits,
    KubernetesSource,
)
from canary_verdict import CanaryRequest

MakeSource = Callable[..., KubernetesSource]
MakeRequest = Callable[..., CanaryRequest]
SECRET = "planted-token-3141592653"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key."""
    return self_signed(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def secured(certificate: Path) -> Iterator[KubernetesApi]:
    with serving(server_context(certificate)) as cluster:
        cluster.pods = [pod("s")]
        yield cluster


@pytest.fixture
def account(
    secured: KubernetesApi, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder that a pod finds its account in, and the variables that go with it."""
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / "ca.crt").write_bytes(certificate.read_bytes())
    (folder / "token").write_text(SECRET + "\n")
    (folder / "namespace").write_text("prod\n")
    secured.tokens = {SECRET}
    host, _, port = secured.url.removeprefix("https://").rpartition(":")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
    return folder


def collect(source: KubernetesSource, request: CanaryRequest) -> Sample:
    return source.collect(request, lambda: False)


def stable_names(sample: Sample) -> list[str]:
    return [one.name for one in sample.stable.pods]


def test_a_kubeconfig_with_its_own_authority(  # noqa: PLR0917 - fixtures
    secured: KubernetesApi,
    certificate: Path,
    tmp_path: Path,
    source: MakeSource,
    request_for: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "ca.pem").write_bytes(certificate.read_bytes())
    # Files are named relative to the kubeconfig, which is not where the agent runs.
    (tmp_path / "token.txt").write_text(SECRET)
    secured.tokens = {SECRET}
    path = kubeconfig(
        tmp_path / "own",
        secured,
        user={"tokenFile": "token.txt"},
        **{"certificate-authority": "ca.pem"},
    )
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/missing:{path}")
    assert stable_names(collect(source(access=Access()), request_for())) == ["s"]


def test_an_unknown_authority_is_not_trusted(
    secured: KubernetesApi, tmp_path: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    access = Access(str(kubeconfig(tmp_path / "own", secured, user={"token": SECRET})))
    with pytest.raises(CollectError, match=r"cannot connect: .*self-signed certificate"):
        collect(source(access=access), request_for())
    assert secured.asked == []


def test_the_account_of_the_pod(
    secured: KubernetesApi, account: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    access = Access(service_account=str(account))
    assert stable_names(collect(source(access=access), request_for())) == ["s"]


def test_a_token_that_was_rotated_is_read_again(
    secured: KubernetesApi, account: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    def rotate() -> Iterator[bytes]:
        (account / "token").write_text("the-next-one")
        secured.tokens = {"the-next-one"}
        yield b"line\n"

    # The kubelet writes a new token while the first log is read; the rest is still to come.
    secured.pods = [pod("s1"), pod("s2"), pod("s3")]
    secured.streams["s1", "app"] = rotate
    one_by_one = KubernetesLimits(concurrency=1)
    sample = collect(source(one_by_one, Access(service_account=str(account))), request_for())
    assert sample.gaps == ()
    assert [log.pod for log in sample.stable.logs] == ["s1", "s2", "s3"]
    used = [one.headers["Authorization"] for one in secured.calls("/log")]
    assert used[0] != used[-1]


def test_credentials_that_are_not_accepted_are_a_clear_failure(
    secured: KubernetesApi, account: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    secured.tokens = {"something else"}
    with pytest.raises(CollectError, match="does not accept the agent's credentials") as caught:
        collect(source(access=Access(service_account=str(account))), request_for())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_token_that_is_no_header_is_not_shown(
    secured: KubernetesApi, account: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    (account / "token").write_text(f"{SECRET}\n{SECRET}")
    with pytest.raises(CollectError, match="the connection broke: LocalProtocolError") as caught:
        collect(source(access=Access(service_account=str(account))), request_for())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_token_file_that_is_gone(
    secured: KubernetesApi,
    certificate: Path,
    tmp_path: Path,
    source: MakeSource,
    request_for: MakeRequest,
) -> None:
    path = kubeconfig(
        tmp_path / "own",
        secured,
        user={"tokenFile": "gone"},
        **{"certificate-authority": str(certificate)},
    )
    with pytest.raises(CollectError, match="the credentials cannot be had: ConfigError"):
        collect(source(access=Access(str(path))), request_for())


def test_a_program_that_hands_out_tokens(
    api: KubernetesApi, tmp_path: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    api.pods, api.tokens = [pod("s")], {SECRET}
    printed = json.dumps({"status": {"token": SECRET}})
    program = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": ["-c", f"print({printed!r})"],
    }
    path = kubeconfig(tmp_path / "own", api, user={"exec": program})
    assert stable_names(collect(source(access=Access(str(path))), request_for())) == ["s"]
    program["args"] = ["-c", f"raise SystemExit({SECRET!r})"]
    path = kubeconfig(tmp_path / "own", api, user={"exec": program})
    with pytest.raises(CollectError, match="the credentials cannot be had") as caught:
        collect(source(access=Access(str(path))), request_for())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_contexts_of_several_files(
    api: KubernetesApi, tmp_path: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    api.pods = [pod("s")]
    first = kubeconfig(tmp_path / "first", api)
    first.write_text(first.read_text().replace('"test"', '"other"'))
    second = kubeconfig(tmp_path / "second", api)
    files = f"{first}:{second}"
    assert stable_names(collect(source(access=Access(files, "test")), request_for())) == ["s"]
    with pytest.raises(CollectError, match="it has no context 'third'"):
        collect(source(access=Access(files, "third")), request_for())


def test_a_context_without_a_user(
    api: KubernetesApi, tmp_path: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    path = kubeconfig(tmp_path / "own", api)
    document = json.loads(path.read_text())
    del document["contexts"][0]["context"]["user"]
    path.write_text(json.dumps(document))
    assert collect(source(access=Access(str(path))), request_for()).stable.pods == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read: ParserError"),
        ("[]", "cannot be read: AttributeError"),
        ("{}", "cannot be read: KeyError"),
        ('{"clusters": [], "contexts": []}', "it has no current context"),
        (
            '{"clusters": [], "current-context": "x", "contexts": [{"name": "x", "context": {"cluster": ""}}]}',
            "cannot be read: KeyError",
        ),
    ],
)
def test_kubeconfigs_that_cannot_be_used(
    tmp_path: Path, source: MakeSource, request_for: MakeRequest, content: str, words: str
) -> None:
    (tmp_path / "own").write_text(content)
    with pytest.raises(CollectError, match=words):
        collect(source(access=Access(str(tmp_path / "own"))), request_for())


def test_an_authority_that_is_no_certificate(
    api: KubernetesApi, tmp_path: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    path = kubeconfig(tmp_path / "own", api, user={}, **{"certificate-authority": "own"})
    with pytest.raises(CollectError, match="context test: its credentials or authorities"):
        collect(source(access=Access(str(path))), request_for())


def test_no_cluster_at_all(
    source: MakeSource, request_for: MakeRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CollectError, match=r"no cluster is configured: ~/.kube/config is no file"):
        collect(source(access=Access()), request_for())


def test_a_pod_without_an_account(
    account: Path, source: MakeSource, request_for: MakeRequest
) -> None:
    (account / "token").unlink()
    with pytest.raises(CollectError, match="mount it"):
        collect(source(access=Access(service_account=str(account))), request_for())


@pytest.mark.parametrize(
    ("allowed", "namespace", "is_allowed"),
    [
        ((), "prod", True),
        ((), "kube-system", False),
        (("shop",), "prod", False),
        (("shop", "prod"), "prod", True),
        (("*",), "kube-system", True),
    ],
)
def test_in_a_pod_its_own_namespace_is_allowed_unless_others_are_named(  # noqa: PLR0917 - fixtures
    secured: KubernetesApi,
    account: Path,
    source: MakeSource,
    request_for: MakeRequest,
    allowed: tuple[str, ...],
    namespace: str,
    is_allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    reader = source(access=Access(service_account=str(account)), allowed=allowed)
    if is_allowed:
        collect(reader, request_for(namespace=namespace))
        assert secured.asked
    else:
        with pytest.raises(CollectError, match="ALLOWED_NAMESPACES") as caught:
            collect(reader, request_for(namespace=namespace))
        assert secured.asked == []
        assert "shop" not in str(caught.value)


def test_outside_a_cluster_the_list_counts_too(
    api: KubernetesApi, source: MakeSource, request_for: MakeRequest
) -> None:
    collect(source(), request_for(namespace="anything"))
    assert api.asked
    api.asked.clear()
    with pytest.raises(CollectError, match="namespace prod is not in ALLOWED_NAMESPACES"):
        collect(source(allowed=("shop",)), request_for())
    assert api.asked == []


def test_namespaces_are_read_from_a_list() -> None:
    assert parse_namespaces(" shop, prod ,") == ("shop", "prod")
    assert parse_namespaces("") == ()
    assert parse_namespaces("*") == ("*",)
    with pytest.raises(ValueError, match="found 'Shop', expected the name of a namespace"):
        parse_namespaces("prod,Shop")


def test_the_server_does_not_carry_the_client_library() -> None:
    code = "import sys, canary_agent.cluster; print('lightkube' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.strip() == "False"
