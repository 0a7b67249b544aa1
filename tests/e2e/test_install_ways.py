"""The three ways to install, as the official controller goes them: it copies or downloads, and starts."""

import hashlib
import os
import posixpath
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import manifests
import pytest
from control_plane import ControlPlane
from kube import Json, Namespace
from manifests import only
from processes import Child, Watchdog, free_ports
from running import plugin_file

START_SECONDS = 90.0
INSTANCE = "ways"
IN_WORKING_FOLDER = "rollouts-plugin-metric-ai/bin/metric-ai"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kustomize")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The controller's working folder, /home/argo-rollouts in its image."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def config_of(way: str, work: Path) -> Json:
    """The ConfigMap of one way, without its namespace."""
    config = only(manifests.kustomized(way, work), "ConfigMap", "argo-rollouts-config")
    del config["metadata"]["namespace"]
    return config


@contextmanager
def controller(plane: ControlPlane, namespace: Namespace, home: Path) -> Iterator[Child]:
    """A controller of its own that reads its ConfigMap in `namespace`, with `home` as working folder."""
    metrics, health = free_ports(2)
    argv: list[str | Path] = [
        plane.programs.path("rollouts-controller"),
        f"--metricsPort={metrics}",
        f"--healthzPort={health}",
        # Objects of another instance are none of the shared controller's business.
        f"--instance-id={INSTANCE}",
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "KUBECONFIG": str(plane.kubeconfig),
        "POD_NAMESPACE": namespace.name,
    }
    with Watchdog() as watchdog:
        child = Child(
            "controller",
            argv,
            home.with_name("controller.log"),
            watchdog,
            folder=home,
            environment=environment,
        )
        try:
            yield child
        finally:
            child.stop()


def loaded_plugin_answers(plane: ControlPlane, namespace: Namespace) -> None:
    """An AnalysisRun of that controller's gets the plugin's own answer."""
    metric = {"name": "ai", "provider": {"plugin": {manifests.PLUGIN_NAME: {}}}}
    labels = {"argo-rollouts.argoproj.io/controller-instance-id": INSTANCE}
    namespace.apply(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": "asks", "labels": labels},
            "spec": {"metrics": [metric | {"consecutiveErrorLimit": 0}]},
        }
    )
    run = plane.wait_for_analysis_run(namespace, seconds=START_SECONDS)
    assert "agentUrl is required in plugin configuration" in run["status"]["message"]


def copied_by_init_container(home: Path, work: Path) -> None:
    pod = manifests.pod_of(only(manifests.kustomized("argo-rollouts", work), "Deployment"))
    (init,) = pod["initContainers"]
    option, target = init["args"]
    volume = home / posixpath.dirname(IN_WORKING_FOLDER)
    volume.mkdir(parents=True)
    subprocess.run(
        [plugin_file(), option, volume / posixpath.basename(target)], check=True, timeout=60
    )


def copied_into_image(home: Path, work: Path) -> None:
    target = home / IN_WORKING_FOLDER
    target.parent.mkdir(parents=True)
    shutil.copy2(plugin_file(), target)
    dockerfile = manifests.ROOT / "images" / "controller" / "Dockerfile"
    assert f" /home/argo-rollouts/{IN_WORKING_FOLDER}\n" in dockerfile.read_text()


BROUGHT: dict[str, Callable[[Path, Path], None]] = {
    "argo-rollouts": copied_by_init_container,
    "argo-rollouts/controller-image": copied_into_image,
}


@pytest.mark.parametrize("way", BROUGHT)
def test_a_file_in_the_container_is_loaded(
    way: str, plane: ControlPlane, namespace: Namespace, work: Path, home: Path
) -> None:
    BROUGHT[way](home, work)
    namespace.apply(config_of(way, work))
    with controller(plane, namespace, home) as child:
        child.wait_for_line("Copied plugin from", START_SECONDS)
        loaded_plugin_answers(plane, namespace)


@pytest.fixture
def release(tmp_path: Path) -> Iterator[str]:
    """The address of a folder with the release's asset."""
    folder = tmp_path / "assets"
    folder.mkdir()
    shutil.copy2(plugin_file(), folder / "metric-ai-linux-amd64")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


def downloaded_from(release: str, sha256: str, work: Path) -> Json:
    """The ConfigMap of config/argo-rollouts/by-url, filled in as its comment says."""
    config = config_of("argo-rollouts/by-url", work)
    text = config["data"]["metricProviderPlugins"]
    (location,) = [word.strip('"') for word in text.split() if word.startswith('"https://')]
    text = text.replace(posixpath.dirname(location), release)
    config["data"]["metricProviderPlugins"] = text.replace("0" * 64, sha256)
    return config


def test_a_download_with_the_right_hash_is_loaded(
    plane: ControlPlane, namespace: Namespace, release: str, work: Path, home: Path
) -> None:
    sha256 = hashlib.sha256(plugin_file().read_bytes()).hexdigest()
    namespace.apply(downloaded_from(release, sha256, work))
    with controller(plane, namespace, home) as child:
        child.wait_for_line("Download complete", START_SECONDS)
        loaded_plugin_answers(plane, namespace)


def test_with_the_zeros_of_the_manifest_the_controller_does_not_start(
    plane: ControlPlane, namespace: Namespace, release: str, work: Path, home: Path
) -> None:
    namespace.apply(downloaded_from(release, "0" * 64, work))
    with controller(plane, namespace, home) as child:
        child.wait_for_line("sha256 hash of downloaded plugin .* does not match", START_SECONDS)
