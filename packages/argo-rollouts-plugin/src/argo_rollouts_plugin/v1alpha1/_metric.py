"""A metric as an AnalysisTemplate declares it, its arguments resolved."""

# ruff: noqa: RUF009 - each call declares a dataclass field

from collections.abc import Mapping
from dataclasses import dataclass

from . import _kinds as kinds
from ._struct import GoStruct, go_struct


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricProvider(GoStruct):
    """Where a metric comes from (analysis_types.go, `MetricProvider`).

    Attributes:
        plugin: the stanza of each plugin by its name, raw JSON. The providers that are built into
            the controller stay in `extra`, unread.
    """

    plugin: Mapping[str, bytes] = kinds.raw_json_map("Plugin")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(GoStruct):
    """One metric of an AnalysisRun.

    Attributes:
        interval, initial_delay: Go durations such as `30s` or `5m`; empty when not set.
        count, failure_limit, inconclusive_limit, consecutive_error_limit,
            consecutive_success_limit: a number, or a string that holds one.
        success_condition, failure_condition: expressions over `result`, for
            `argo_rollouts_plugin.conditions.evaluate`; evaluated by the provider.
    """

    name: str = kinds.text("Name")
    interval: str = kinds.text("Interval")
    initial_delay: str = kinds.text("InitialDelay")
    count: int | str | None = kinds.int_or_string("Count")
    success_condition: str = kinds.text("SuccessCondition")
    failure_condition: str = kinds.text("FailureCondition")
    failure_limit: int | str | None = kinds.int_or_string("FailureLimit")
    inconclusive_limit: int | str | None = kinds.int_or_string("InconclusiveLimit")
    consecutive_error_limit: int | str | None = kinds.int_or_string("ConsecutiveErrorLimit")
    provider: MetricProvider = kinds.nested("Provider", MetricProvider)
    consecutive_success_limit: int | str | None = kinds.int_or_string("ConsecutiveSuccessLimit")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRef(GoStruct):
    """A field of the metadata that an argument is taken from."""

    field_path: str = kinds.text("FieldPath")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKeyRef(GoStruct):
    """A key of a Secret that an argument is taken from."""

    name: str = kinds.text("Name")
    key: str = kinds.text("Key")


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFrom(GoStruct):
    """Where an argument's value is taken from."""

    secret_key_ref: SecretKeyRef | None = kinds.optional("SecretKeyRef", SecretKeyRef)
    field_ref: FieldRef | None = kinds.optional("FieldRef", FieldRef)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(GoStruct):
    """An argument of an AnalysisRun.

    Attributes:
        value: the value; the controller resolves Secrets into it, so it is never to be logged.
    """

    name: str = kinds.text("Name")
    value: str | None = kinds.optional_text("Value")
    value_from: ValueFrom | None = kinds.optional("ValueFrom", ValueFrom)
