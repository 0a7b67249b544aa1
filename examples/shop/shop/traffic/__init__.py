"""Customers for the shop: a plan that a seed decides, and a sender that keeps to its pace."""

from shop.traffic.plan import Step, Target, Visit, plan_visits
from shop.traffic.sender import Tally, send

__all__ = ["Step", "Tally", "Target", "Visit", "plan_visits", "send"]
