"""The address of a verdict's report, as people may be shown it: an agent's answer is data."""

import re
from dataclasses import replace

from canary_verdict import CanaryVerdict

from .a2a_client import AddressRefused, HostPolicy, parse_address

_LONGEST = 512
# What stands in a path of ours, and nothing that ends a link or begins mark-up where it is shown.
_PLAIN = re.compile(r"[A-Za-z0-9._~%:/\[\]-]+")


def with_own_report(verdict: CanaryVerdict, agent_url: str, policy: HostPolicy) -> CanaryVerdict:
    """The verdict, without its report's address where that leads elsewhere than to the agent.

    Args:
        verdict: as the agent has sent it.
        agent_url: where the question went.
        policy: the operator's; the hosts that it names may hold reports, too.
    """
    link = verdict.report_link
    try:
        own = (
            len(link) <= _LONGEST
            and _PLAIN.fullmatch(link) is not None
            and policy.allows_link(parse_address(agent_url), parse_address(link, "reportLink"))
        )
    except AddressRefused:
        own = False
    return verdict if own else replace(verdict, report_link="")
