"""Causes in databases and other stores, and in the form of data."""

from ._signature import Depth, Signature, one

# From the particular to the general.
DATA: tuple[Signature, ...] = (
    one(
        "database migration or schema",
        "The database schema does not fit the new version (a table or column is missing, or a migration failed){target}.",
        "Run the migration that the new version needs before it gets traffic, and keep it compatible with stable.",
        r"(?:relation|table|column|view|type|schema|sequence|function|collection) ['\"`\\]{0,3}TARGET['\"`\\]{0,3}.{0,40}(?:does not exist|doesn't exist|not found|already exists)",
        r"no such (?:table|column|index):? \[?TARGET|unknown (?:column|table|database) ['\"`]?TARGET|invalid (?:column|object) name ['\"]?TARGET|no such index \[TARGET|has no column named TARGET|Unknown table ['\"]?TARGET|unconfigured table TARGET|Undefined column name TARGET",
        r"(?:missing|unknown|invalid) (?:table|column|identifier)(?: \[TARGET\])?|UndefinedTable\b|UndefinedColumn\b|UndefinedFunction\b|ORA-00942|ORA-00904|42P01|42703|index_not_found_exception|NamespaceNotFound|ns not found",
        r"migrations?\b.{0,60}(?:fail(?:ed|ure)?|error|mismatch|missing|pending|dirty|not found|out of order)|(?:failed|unable|error|could not).{0,40}migrat|FlywayException|FlywayValidate|liquibase.{0,60}(?:exception|error|failed)|PendingMigration|Dirty database version|Can't locate revision identified by '?TARGET|unapplied migration|schema (?:version|validation).{0,60}(?:mismatch|fail|missing|wrong)|Schema-validation: missing (?:table|column) \[TARGET|InvalidSchema|drift detected|already run, checksum|Migrations? are pending",
    ),
    one(
        "SQL syntax",
        "The database does not understand a query of the new version (a syntax error in SQL){target}.",
        "Look at the query in the sample line, and at the database's version.",
        r"syntax error at or near \\?\"?TARGET|error in your SQL syntax|near \\?\"?TARGET\\?\"?: syntax error|SQLSyntaxError(?:Exception)?|SQLGrammarException|BadSqlGrammar|Incorrect syntax near ['\"]?TARGET|ORA-00933|ORA-00936|\bparsing_exception|\bParsingException|query_shard_exception|SQL syntax|PG::SyntaxError|unterminated quoted string|syntax error in (?:SQL|query|CQL)|mismatched input|no viable alternative",
    ),
    one(
        "read-only database",
        "The canary writes to a database that is read-only, or to a replica.",
        "Check that the new version's configuration names the primary, and that the database may be written.",
        r"in a read-only transaction|READONLY You can't write|read[- ]only replica|attempt to write a readonly database|--(?:super-)?read-only option|not (?:master|primary)\b|FORBIDDEN/12/index read-only|MISCONF Redis is configured to save|database is read[- ]only|ReadOnlyError|NotMasterError|is in read-only mode",
    ),
    one(
        "database deadlock or lock timeout",
        "Transactions block each other in the database (a deadlock, or a lock that is held too long){target}.",
        "Look at the transactions that the new version changed: their order of locks and their length.",
        r"deadlock (?:detected|found when|victim)|deadlocked on lock|DeadlockLoser|was deadlocked|Deadlock (?:found|detected|Exception)|lock wait timeout|Lock request time out|canceling statement due to lock timeout|database (?:table |schema )?is locked|SQLITE_BUSY|\bSQLITE_LOCKED|could not obtain lock(?: on (?:row in )?relation \\?\"?TARGET)?|could not serialize access|serialization failure|SerializationFailure|CannotAcquireLock|PessimisticLock|OptimisticLock(?:ing)?(?:Failure)?|StaleObjectState|StaleObjectError|WriteConflict|write conflict|ORA-00060|ORA-00054|lock timeout|LockTimeout|LockNotAvailable|LockWaitTimeout|40P01|BUSY database|version_conflict|Lock acquisition",
    ),
    one(
        "database constraint",
        "The new version writes what a constraint of the database forbids{target}.",
        "Look at the constraint in the sample line, and at the value that the new version gives.",
        r"violates (?:\S{1,20} ){0,3}constraint \\?\"?TARGET|duplicate key value|duplicate entry|UNIQUE constraint failed: TARGET|unique constraint|foreign key constraint|violates .{0,40}constraint|IntegrityError|(?:NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: TARGET)?|DataIntegrityViolation|ConstraintViolation|E11000|duplicate key error collection: TARGET|NotNullViolation|UniqueViolation|RecordNotUnique|Column '?TARGET'? cannot be null|cannot insert (?:the value )?NULL into|doesn't have a default value|Unique constraint failed on the|ORA-00001|value too long for type|Data too long for column '?TARGET|Data truncat|Validation failed: .{1,60}has already been taken",
    ),
    one(
        "encoding",
        "The new version reads or writes text in the wrong character encoding{target}.",
        "Compare the encodings that both versions expect, and the image's locale.",
        r"UnicodeDecodeError|UnicodeEncodeError|codec can't (?:decode|encode)|invalid byte sequence|invalid (?:utf-?8|unicode|continuation byte|start byte)|malformed UTF|MalformedInputException|UnmappableCharacter|CharacterCodingException|incompatible character encodings|InvalidByteSequenceError|UndefinedConversionError|stream did not contain valid UTF-8|Utf8Error|FromUtf8Error|Incorrect string value|character with byte sequence|illegal byte sequence|invalid character encoding|URIError: URI malformed|ERR_ENCODING|DecoderFallbackException",
    ),
    one(
        "wrong type in a store",
        "A store holds another type than the new version expects{target}.",
        "Compare what both versions write under the same key or column.",
        r"\bWRONGTYPE\b|mapper_parsing_exception|MapperParsingException|failed to parse field \[TARGET|document_parsing_exception|strict_dynamic_mapping|illegal_argument_exception.{0,80}mapper|cannot be cast (?:automatically )?to type|column \\?\"?TARGET\\?\"? is of type|invalid input syntax for|operator does not exist|Incorrect \w{1,20} value|DatatypeMismatch|CannotCoerce|TypeMismatch|cannot change type|Cannot cast .{1,60} to|Conversion failed when converting|converting data type",
    ),
    one(
        "damaged data",
        "The new version cannot read data that it is given (damaged, corrupt, or of another format){target}.",
        "Compare the versions that wrote and read it; restore it from a copy before the new version starts.",
        r"wrong signature trying to load|fatal error loading the DB|can't handle RDB format|failed to open database|\bcorrupt(?:ed|ion)?\b|CorruptIndex|checksum (?:mismatch|error|fail)|\bCRC (?:mismatch|error|check failed)|bad magic|incorrect header check|invalid (?:snapshot|page |header|magic|checksum|gzip|zip|archive)|not in gzip format|Not a gzipped file|BadZipFile|BadGzipFile|unexpected end of (?:archive|compressed|zlib|stream)|truncated (?:file|data|input|archive)|invalid stored block|database files are incompatible|data directory was initialized by|was created by (?:a newer|an? incompatible)|malformed database schema|database disk image is malformed|file is not a database|Bad file header|ZipException|DataLengthException|InvalidRecordException|Unexpected EOF while|PANIC:  could not locate a valid checkpoint|walpb: crc|wal: |snap: crc",
    ),
    one(
        "schema of messages",
        "Two versions disagree on the form of a message (a field or its type does not fit the schema){target}.",
        "Compare the formats that both versions read and write; change them so that older readers still work.",
        r"UnrecognizedPropertyException: Unrecognized field \\?\"?TARGET|Unrecognized field \\?\"?TARGET|unknown field [`'\"\\]{0,2}TARGET|missing field [`'\"]?TARGET|json: unknown field \\?\"?TARGET|Missing required creator property '?TARGET|The JSON property '?TARGET|Cannot deserialize value of type [`'\"]?TARGET|cannot unmarshal \w{1,20} into Go (?:struct field|value of type) TARGET|Could not find member '?TARGET",
        r"InvalidProtocolBuffer|protobuf.{0,60}(?:error|invalid|failed|missing)|proto: (?:cannot parse|illegal|wrong|required|syntax)|AvroTypeException|AvroRuntimeException|avro.{0,40}(?:schema|mismatch)|SchemaParseException|SchemaRegistry|incompatible (?:with an earlier )?schema|schema being registered is incompatible|Error (?:de)?serializing (?:Avro|JSON|Protobuf|key/value)|SerializationException|RecordDeserializationException|MismatchedInput|InvalidDefinition|InvalidFormatException|HttpMessageNotReadable|deserializ\w{0,10}|unmarshal|InvalidClassException|serialVersionUID|msgpack.{0,40}(?:error|invalid)|UnpicklingError|unpickl|invalid wire type|ZodError|ajv.{0,40}(?:invalid|error)|must have required property '?TARGET|'?TARGET'? is a required property|pydantic_core|validation errors? for TARGET|missing required (?:field|property|key|parameter)s?:? ['\"`]?TARGET|cannot unmarshal",
        depth=Depth.GENERAL,
    ),
    one(
        "malformed document",
        "A document cannot be parsed (its configuration, or data in a format such as JSON, is malformed){target}.",
        "Look at the place that the sample line names, in what the new version is configured with or is sent.",
        r"SyntaxError: .{0,120}JSON|in JSON at position|toml(?:\.\w{1,20})?: line|TOMLDecodeError|TomlError|TOML parse error|XMLSyntaxError|XML(?:StreamException| parse error|ParseError)|SAXParseException|XmlException|REXML|mapping values are not allowed|invalid YAML|yaml: (?:line|unmarshal|did not find|control)|YAML(?:Exception|Error|ParseError|SyntaxError)|yaml\.(?:scanner|parser|reader)|Psych::(?:SyntaxError|BadAlias)|did not find expected|while (?:parsing|scanning) a|SnakeYAML|MarkedYAMLException|ScannerException|ParserException|found character .{1,20}that cannot start|MissingSectionHeader|configparser|ini: |invalid character .{0,40}(?:looking for|after|in )|unexpected end of JSON|JSONDecodeError|Expecting (?:value|property name|',' delimiter)|JsonParseException|JsonSyntaxException|MalformedJson|JsonReaderException|JSON::ParserError|JsonException|Jason\.DecodeError|Poison\.\w{1,20}Error|json(?:_decode)?\(\)|unexpected token .{0,60}(?:JSON|position|<)|malformed (?:JSON|XML|YAML|request|document|input|header)|not valid JSON|invalid JSON|JSON parse error|(?:trailing comma|EOF while parsing|expected (?:value|ident|`,`|`:`)) .{0,30}at line|key must be a string at line|StreamReadException|JsonEOFException|failed to parse (?:JSON|XML|YAML|TOML)|CSV(?:Error|MalformedError)|ParserError",
        depth=Depth.GENERAL,
    ),
    one(
        "statement time-out",
        "A query takes too long, and the database cancels it: a statement time-out.",
        "Look at the query in the sample line: its plan, its indexes, what it waits for.",
        r"canceling statement due to statement timeout|statement timeout|maximum statement execution time|QueryTimeout|MaxTimeMSExpired|operation exceeded time limit|idle-in-transaction timeout|Execution Timeout Expired|query (?:timed out|timeout)|ReadTimeoutException",
    ),
    one(
        "query refused",
        "The database refuses or cancels a query of the new version{target}.",
        "Look at the query in the sample line: its plan, its length, what it touches.",
        r"canceling statement due to (?:user request|conflict)|Query execution was interrupted|current transaction is aborted|out of shared memory|max_locks_per_transaction|cached plan must not change|prepared statement \\?\"?TARGET\\?\"? (?:already exists|does not exist)|search_phase_execution_exception|too_many_clauses|cursor \S{1,40} (?:not found|does not exist)|CursorNotFound|tombstone",
        r"(?:psycopg2?|asyncpg|sqlalchemy|django\.db|ActiveRecord|Sequel|PDO|mysql|pg|pq|SQLSTATE|SqlException|SQLException|JdbcSQL\w{0,20}|PSQLException|MongoServerError|MongoCommandException|OperationFailure|RedisCommand\w{0,20}|ReplyError|ResponseError|DBException|Postgrex\.Error|Ecto\.\w{1,30}Error|QueryException)\b.{0,20}(?:Error|Exception|\[|:)",
        depth=Depth.GENERAL,
    ),
)  # fmt: skip
