"""Causes in queues, brokers and elections."""

from ._signature import Depth, Signature, one

# From the particular to the general.
BROKERS: tuple[Signature, ...] = (
    one(
        "missing topic or queue",
        "The message broker does not have the topic, queue or exchange that the canary asks for{target}.",
        "Check the names that the new version uses, and who declares them.",
        r"(?:UnknownTopicOrPartition|UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE).{0,40}topic ['\"]?TARGET|Topic ['\"]?TARGET['\"]? (?:not present in metadata|does not exist|not found)|topic\(?s?\)? \[?TARGET\]? (?:is/are|is|are) not present and missingTopicsFatal",
        r"NOT_FOUND - no (?:queue|exchange|vhost|binding) '?TARGET|no (?:queue|exchange) '?TARGET|QueueDoesNotExist|NonExistentQueue|stream not found|consumer not found|no responders available|SubscriptionNotFound|subscription does not exist \(?resource=TARGET",
        r"UnknownTopicOrPartition|UNKNOWN_TOPIC|unknown topic|Subscribed topic not available: TARGET|LeaderNotAvailable|LEADER_NOT_AVAILABLE|InvalidTopicException",
    ),
    one(
        "consumer group",
        "The broker takes the canary out of its consumer group, or rebalances it again and again{target}.",
        "Compare how long both versions work on a message, their poll interval and their members' names.",
        r"\bCommitFailedException|CommitFailedError|UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION|REBALANCE_IN_PROGRESS|max\.poll\.interval\.ms|Application maximum poll interval|consumer group .{0,60}rebalanc|RebalanceInProgress|OffsetOutOfRange|OFFSET_OUT_OF_RANGE|FencedInstanceId|ProducerFenced|INVALID_PRODUCER_EPOCH|delivery acknowledgement on channel .{0,40}timed out|unknown delivery tag",
    ),
    one(
        "queue declared otherwise",
        "A queue or exchange of the broker is declared otherwise than the canary does{target}.",
        "Compare its durability, type and arguments in both versions; delete it or declare it alike.",
        r"PRECONDITION_FAILED - inequivalent arg '?\w{1,40}'? for (?:queue|exchange) '?TARGET|PRECONDITION_FAILED|RESOURCE_LOCKED|stream name already in use",
    ),
    one(
        "broker backlog",
        "A queue or buffer is full (what the canary sends is not taken, or what it reads comes too late){target}.",
        "Compare what both versions send and consume, and look at the broker's alarms.",
        r"slow consumer|BufferExhaustedException|Failed to allocate memory within the configured max blocking|TimeoutException: Expiring \d{1,9} record|Batch expired|Message timed out|Local: Queue full|queue is full|QueueFull|channel (?:is )?full|mailbox (?:is )?full|buffer (?:is )?full|MAXLEN|maximum (?:messages|bytes) exceeded|memory resource limit alarm|publishers? will be blocked|blocked by .{0,20}alarm|flow control",
    ),
    one(
        "not enough replicas",
        "A store or broker has too few replicas or no leader (it is not available for writes){target}.",
        "Look at the state of its members; the new version finds it so, or asks for more than it has.",
        r"NotEnoughReplicas|NOT_ENOUGH_REPLICAS|NoReplication|NotLeaderForPartition|NOT_LEADER|NOT_COORDINATOR|COORDINATOR_NOT_AVAILABLE|no leader\b|etcdserver: (?:no leader|leader changed|not healthy)|raft: no (?:leader|quorum)|lost (?:its )?quorum|no quorum|quorum (?:lost|not)|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|\bUnavailableException|UnavailableShardsException|master_not_discovered|MasterNotDiscovered|cluster_block_exception|all shards failed|primary shard is not active|No master node|no primary (?:server|found|available)|JetStream not available|insufficient peers",
    ),
    one(
        "broker",
        "The message broker refuses what the canary does{target}.",
        "Look at the broker's own log at that time, and at what the new version asks of it.",
        r"KafkaException|KafkaError|KafkaJS\w{0,40}Error|rd_?kafka|AMQPChannelException|AMQP\w{0,30}Error|ShutdownSignalException|ChannelClosedByBroker|ChannelError|nats: (?!.*timeout)[a-z]|JetStream\w{0,20}(?:Error|Exception)|PulsarClientException|channel exception|SqsException|PublishException|JMSException",
        depth=Depth.GENERAL,
    ),
    one(
        "leadership",
        "The canary loses its leadership (leader election), and stops or ends.",
        "Look at the time that its calls to the API server take, and at its CPU limit.",
        r"leader ?election lost|failed to renew lease|lost (?:the )?(?:lease|leadership|leader election|lock on the leader)|leaderelection lost|no longer (?:the )?leader|stopped leading|lost master|stepping down as leader|lease (?:has )?expired|requested lease not found",
    ),
)  # fmt: skip
