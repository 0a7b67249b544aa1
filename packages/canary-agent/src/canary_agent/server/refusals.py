"""The A2A methods that the agent card says are not there."""

from collections.abc import AsyncGenerator

from a2a.server.context import ServerCallContext
from a2a.server.events import Event
from a2a.server.request_handlers.request_handler import RequestHandler
from a2a.types import (
    AgentCard,
    DeleteTaskPushNotificationConfigRequest,
    GetExtendedAgentCardRequest,
    GetTaskPushNotificationConfigRequest,
    ListTaskPushNotificationConfigsRequest,
    ListTaskPushNotificationConfigsResponse,
    PushNotificationNotSupportedError,
    SendMessageRequest,
    SubscribeToTaskRequest,
    TaskPushNotificationConfig,
    UnsupportedOperationError,
)
from typing_extensions import override

NO_STREAMS = "this agent does not stream; send with SendMessage and ask with GetTask"


class Refusals(RequestHandler):
    """Refuses streams, push notifications and an extended card, each with A2A's own error."""

    @override
    async def on_message_send_stream(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """Refused: the card says that there is no streaming."""
        raise UnsupportedOperationError(NO_STREAMS)
        yield  # type: ignore[unreachable]  # makes it the generator that the SDK expects

    @override
    async def on_subscribe_to_task(
        self, params: SubscribeToTaskRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """Refused: the card says that there is no streaming."""
        raise UnsupportedOperationError(NO_STREAMS)
        yield  # type: ignore[unreachable]  # makes it the generator that the SDK expects

    @override
    async def on_create_task_push_notification_config(
        self, params: TaskPushNotificationConfig, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """Refused: the card says that there are no push notifications."""
        raise PushNotificationNotSupportedError

    @override
    async def on_get_task_push_notification_config(
        self, params: GetTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> TaskPushNotificationConfig:
        """Refused: the card says that there are no push notifications."""
        raise PushNotificationNotSupportedError

    @override
    async def on_list_task_push_notification_configs(
        self, params: ListTaskPushNotificationConfigsRequest, context: ServerCallContext
    ) -> ListTaskPushNotificationConfigsResponse:
        """Refused: the card says that there are no push notifications."""
        raise PushNotificationNotSupportedError

    @override
    async def on_delete_task_push_notification_config(
        self, params: DeleteTaskPushNotificationConfigRequest, context: ServerCallContext
    ) -> None:
        """Refused: the card says that there are no push notifications."""
        raise PushNotificationNotSupportedError

    @override
    async def on_get_extended_agent_card(
        self, params: GetExtendedAgentCardRequest, context: ServerCallContext
    ) -> AgentCard:
        """Refused: the public card is all there is."""
        raise UnsupportedOperationError("there is no extended card; the public one is complete")
