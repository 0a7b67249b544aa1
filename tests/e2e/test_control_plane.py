"""What scenarios do to the control plane itself."""

import pytest
from control_plane import ControlPlane, NotInTimeError, rollout, service
from kube import Namespace


def test_a_killed_controller_is_replaced(plane: ControlPlane, namespace: Namespace) -> None:
    plane.controller.kill()
    assert not plane.controller.running
    plane.controller.start(wait_for_lease=False)
    namespace.apply(service("shop-stable", "shop"), service("shop-canary", "shop"))
    namespace.apply(rollout("shop", "shop:stable", []))
    plane.wait_for_rollout(namespace, "shop", "Healthy")


def test_a_wait_in_vain_shows_how_things_stand(plane: ControlPlane, namespace: Namespace) -> None:
    namespace.apply(service("shop-stable", "shop"), service("shop-canary", "shop"))
    namespace.apply(rollout("shop", "nothing:1", []))

    def waiting() -> bool:
        return any(event["reason"] == "BackOff" for event in namespace.objects("Event"))

    plane.wait_until("pod in trouble", waiting, namespace)
    with pytest.raises(NotInTimeError) as raised:
        plane.wait_for_rollout(namespace, "shop", "Healthy", seconds=0.1)
    text = str(raised.value)
    assert text.startswith("no Rollout shop that is Healthy within 0.1 s")
    assert "Rollout shop: Progressing" in text
    assert "shop=waiting restarts=0" in text
    assert "nothing:1: no such image" in text
    assert "--- controller" in text
