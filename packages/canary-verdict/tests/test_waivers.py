"""Names of hard evidence that a policy may waive."""

import pytest

from canary_verdict import WAIVABLE, wrong_waiver


def test_all_names_that_there_are_may_be_waived() -> None:
    assert wrong_waiver(WAIVABLE) == ""
    assert wrong_waiver([]) == ""


@pytest.mark.parametrize(
    ("name", "near"), [("OomKilled", "OOMKilled"), ("crashloop", "CrashLoopBackOff")]
)
def test_a_wrong_name_is_answered_with_the_nearest(name: str, near: str) -> None:
    wrong = wrong_waiver(["Restarts", name])
    assert wrong.startswith(f"found '{name}', allowed are ContainerConfigError, ")
    assert wrong.endswith(f"; did you mean {near}?")


def test_a_name_like_none_has_no_nearest_and_is_shown_in_part() -> None:
    wrong = wrong_waiver(["\x1b" * 100])
    assert "did you mean" not in wrong
    assert "\x1b" not in wrong
