"""The static executable where the official controller image runs it, driven by Argo's own client."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from certificates import self_signed
from empty_root import AGENT_PORT, HOME, Outcome, Run
from running import UID, analysis_run, metric

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(240)]

PLUGIN = "/plugin/metric-ai"
CLIENT = "/argoclient"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
HOST = "kubernetes-agent"
SEARCHED = f"{HOST}.argo-rollouts.svc.cluster.local"
HOSTS = {"/etc/hosts": f"127.0.0.1 localhost\n127.0.0.1 {HOST}\n"}
RESOLVER = {
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/resolv.conf": "nameserver 127.0.0.1\n"
    "search argo-rollouts.svc.cluster.local svc.cluster.local cluster.local\n"
    "options ndots:5\n",
}

Drive = Callable[..., tuple[list[Any], Outcome]]
Enter = Callable[[Run], Outcome]


@pytest.fixture
def drive(executable: Path, argoclient: Path, enter: Enter) -> Drive:
    """Has Argo's client start the plugin from plugin-bin and do some steps; what they gave, and the rest."""

    def run(
        *calls: str,
        failing: frozenset[int] = frozenset(),
        url: str = f"http://{HOST}:{AGENT_PORT}",
        environment: Mapping[str, str] = {},
        **more: Any,
    ) -> tuple[list[Any], Outcome]:
        scenario = {
            "plugin": PLUGIN,
            "name": "argoproj-labs/metric-ai",
            "via": "controller",
            "folder": HOME,
            "metric": metric(url),
            "analysisRun": analysis_run(UID),
            "steps": [{"call": call} for call in calls],
        }
        outcome = enter(
            Run(
                argv=[CLIENT],
                programs={PLUGIN: str(executable), CLIENT: str(argoclient)},
                environment={"HOME": HOME, **environment},
                stdin=json.dumps(scenario),
                agent_url=url,
                **more,
            )
        )
        assert outcome.code == 0, outcome
        steps = [json.loads(line) for line in outcome.stdout.splitlines()]
        failed = {number for number, step in enumerate(steps) if "error" in step}
        assert failed == failing, (steps, outcome.stderr[-3000:])
        return [step["results"][0] for step in steps], outcome

    return run


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The agent's certificate with its key, its own authority."""
    path = tmp_path_factory.mktemp("tls") / "agent.pem"
    return self_signed(path, HOST).read_text()


def authority(certificate: str) -> str:
    end = "-----END CERTIFICATE-----"
    return certificate.partition(end)[0] + end + "\n"


def test_an_analysis_over_tls_with_names_of_etc_hosts_and_the_images_own_authorities(
    drive: Drive, certificate: str
) -> None:
    (init, measurement, pids), outcome = drive(
        *("init", "follow", "pids"),
        url=f"https://{HOST}:{AGENT_PORT}",
        certificate=certificate,
        files={**HOSTS, BUNDLE: authority(certificate)},
    )
    assert init == ""
    assert measurement["phase"] == "Successful", (measurement, outcome)
    assert outcome.calls.count("SendMessage") == 1
    assert len(pids) == 1
    assert outcome.left == []


def test_a_search_domain_of_resolv_conf_completes_the_name(drive: Drive) -> None:
    (_, measurement), outcome = drive(
        "init", "follow", files=RESOLVER, names={SEARCHED: "127.0.0.1"}
    )
    assert measurement["phase"] == "Successful", (measurement, outcome)
    assert outcome.asked[0] == SEARCHED


def test_ndots_has_a_name_with_enough_dots_asked_for_as_it_is(drive: Drive) -> None:
    name = "agent.of.a.far.away.example"
    (_, measurement), outcome = drive(
        *("init", "follow"),
        url=f"http://{name}:{AGENT_PORT}",
        files=RESOLVER,
        names={name: "127.0.0.1"},
    )
    assert measurement["phase"] == "Successful", (measurement, outcome)
    assert set(outcome.asked) == {name}


def test_a_name_that_nobody_knows_is_said(drive: Drive) -> None:
    (_, measurement), outcome = drive("init", "follow", files=RESOLVER)
    assert measurement["phase"] == "Error"
    assert f"the name '{HOST}' does not resolve" in measurement["message"]
    assert HOST in outcome.asked


def test_a_name_server_that_does_not_answer_ends_in_an_error_within_the_deadline(
    drive: Drive,
) -> None:
    (_, measurement), outcome = drive("init", "follow", files=RESOLVER, names=None)
    assert measurement["phase"] == "Error"
    assert HOST in measurement["message"]
    assert "time ran out while resolving the name" in measurement["message"]
    assert outcome.asked


def test_ssl_cert_file_comes_first(drive: Drive, certificate: str) -> None:
    (_, measurement), outcome = drive(
        *("init", "follow"),
        url=f"https://{HOST}:{AGENT_PORT}",
        certificate=certificate,
        files={**HOSTS, BUNDLE: "", "/trust/own.crt": authority(certificate)},
        environment={"SSL_CERT_FILE": "/trust/own.crt"},
    )
    assert measurement["phase"] == "Successful", (measurement, outcome)


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "certificate"), ({"SSL_CERT_FILE": "/trust/none.crt"}, "SSL_CERT_FILE")],
    ids=["no bundle", "a file that is not there"],
)
def test_without_authorities_nobody_is_trusted_and_the_message_says_why(
    drive: Drive, certificate: str, environment: dict[str, str], said: str
) -> None:
    (_, measurement), outcome = drive(
        *("init", "follow"),
        url=f"https://{HOST}:{AGENT_PORT}",
        certificate=certificate,
        files=HOSTS,
        environment=environment,
    )
    assert measurement["phase"] == "Error"
    assert said in measurement["message"]
    assert outcome.calls == []


def test_kills_do_not_fill_tmp(drive: Drive) -> None:
    # The controller finds a plugin dead at the first use, and starts it again at the next.
    again = ("ping", "init", "type", "kill")
    _, outcome = drive(
        *("init", "type", "kill", *again, *again, *again),
        failing=frozenset({3, 7, 11}),
        files=HOSTS,
    )
    # What the last one left is the next one's to remove.
    assert len([path for path in outcome.left if path.endswith("/socket")]) == 1
    assert len(outcome.left) == 2


def test_a_running_analysis_outlives_the_plugins_kill(drive: Drive) -> None:
    (_, begun, _, _, measurement), outcome = drive(
        "init", "run", "kill", "ping", "resume", failing=frozenset({3}), files=HOSTS
    )
    assert begun["phase"] == "Running"
    assert measurement["phase"] == "Successful", (measurement, outcome)
    assert outcome.calls.count("SendMessage") == 1


COOKIE = {"ARGO_ROLLOUTS_RPC_PLUGIN": "metricprovider"}


@pytest.mark.parametrize(
    ("tmp", "said"),
    [("ro", "Read-only file system"), ("nr_inodes=1", "No space left on device")],
    ids=["read-only", "full"],
)
def test_a_tmp_that_takes_no_socket_is_said_at_the_start(
    executable: Path, enter: Enter, tmp: str, said: str
) -> None:
    outcome = enter(
        Run([PLUGIN], programs={PLUGIN: str(executable)}, environment=COOKIE, tmp=tmp, seconds=60)
    )
    assert outcome.code == 1
    assert outcome.stdout == ""
    line = json.loads(outcome.stderr)
    assert line["@level"] == "error"
    assert "cannot make the plugin's socket" in line["@message"]
    assert said in line["@message"]


@pytest.mark.parametrize("missing", [1, 1_000_000])
def test_a_truncated_file_says_so(
    executable: Path, enter: Enter, tmp_path: Path, missing: int
) -> None:
    part = tmp_path / "part"
    part.write_bytes(executable.read_bytes()[:-missing])
    outcome = enter(Run([PLUGIN], programs={PLUGIN: str(part)}, environment=COOKIE, seconds=60))
    assert outcome.code == 1
    assert outcome.stdout == ""
    size = executable.stat().st_size
    assert f"truncated: found {size - missing} bytes, expected {size}" in outcome.stderr
    assert outcome.stderr.startswith("[ERROR] ")
