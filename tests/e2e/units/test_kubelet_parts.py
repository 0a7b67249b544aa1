"""Images, variables and quantities as pods name them."""

import sys
from pathlib import Path

import pytest
from kubelet import claim_network
from kubelet._container import BackOff
from kubelet._environment import fill_in, service_variables
from kubelet._images import ImageMissingError, ImageTable
from kubelet._memory import memory_limit

TABLE = ImageTable(
    {
        "shop": {"entrypoint": ["{python}", "-m", "shop", "{tag}"], "arguments": ["--port=80"]},
        "shop:special": {"entrypoint": ["special"], "folder": "/srv"},
    }
)


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("shop:1.2", "1.2"),
        ("shop", "latest"),
        ("registry.example:5000/team/shop:1.2", "1.2"),
        ("registry.example:5000/shop", "latest"),
        ("shop:1.2@sha256:00", "1.2"),
    ],
)
def test_an_image_is_found_by_its_last_name(image: str, tag: str) -> None:
    assert TABLE.find(image).command({}) == [sys.executable, "-m", "shop", tag, "--port=80"]


def test_a_container_replaces_entrypoint_and_arguments() -> None:
    image = TABLE.find("shop:1")
    assert image.command({"args": ["-v"]})[-2:] == ["1", "-v"]
    assert image.command({"command": ["sh"], "args": ["-c", "x"]}) == ["sh", "-c", "x"]
    assert image.command({"command": ["sh"]}) == ["sh"]


def test_a_whole_name_goes_first() -> None:
    special = TABLE.find("shop:special")
    assert (special.entrypoint, special.folder) == (("special",), Path("/srv"))


def test_an_unknown_image_is_named_with_the_known_ones() -> None:
    with pytest.raises(
        ImageMissingError, match=r"other:1: no such image; there are: shop, shop:sp"
    ):
        TABLE.find("other:1")


def test_references_are_filled_in_as_kubernetes_does() -> None:
    known = {"A": "1", "B_C": "2"}
    assert fill_in("$(A)-$(B_C)-$(D)-$$(A)-$A", known) == "1-2-$(D)-$(A)-$A"


def test_services_of_the_namespace_become_variables() -> None:
    def service(name: str, namespace: str, address: str) -> dict[str, object]:
        spec = {"clusterIP": address, "ports": [{"port": 8080}]}
        return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}

    services = [
        service("shop-canary", "a", "127.1.2.3"),
        service("other", "b", "127.1.2.4"),
        service("headless", "a", "None"),
    ]
    assert service_variables(services, "a") == {
        "SHOP_CANARY_SERVICE_HOST": "127.1.2.3",
        "SHOP_CANARY_SERVICE_PORT": "8080",
    }


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64Mi", 64 << 20),
        ("1G", 10**9),
        ("1.5Ki", 1536),
        ("1000", 1000),
        ("many", None),
        ("", None),
    ],
)
def test_memory_limits(text: str, size: int | None) -> None:
    assert memory_limit({"resources": {"limits": {"memory": text}}}) == size
    assert memory_limit({}) is None


def test_back_off_doubles_up_to_its_longest() -> None:
    back_off = BackOff(1.0, 5.0)
    assert [back_off.next() for _ in range(6)] == [0, 1, 2, 4, 5, 5]


def test_two_networks_never_meet() -> None:
    with claim_network() as one, claim_network() as other:
        assert one.number != other.number
        pods = one.pods()
        assert len({next(pods) for _ in range(32_000)}) == 32_000
        assert one.node not in {next(pods) for _ in range(100)}
