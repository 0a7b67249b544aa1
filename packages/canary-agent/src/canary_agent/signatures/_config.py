"""Causes in settings: variables, files, options, and how they are written."""

from ._signature import Depth, Signature, one

# From the particular to the general.
CONFIG: tuple[Signature, ...] = (
    one(
        "missing environment variable",
        "A setting or key is missing (an environment variable, a secret or a configuration key){target}.",
        "Set it in the canary's pod template, or give it a default in the code.",
        r"KeyError: (?:'TARGET'|\"TARGET\")|key not found: [\":]{0,2}TARGET",
        r"(?:environment variable|env(?:ironment)? var|env|variable|setting|property|parameter|secret|config(?:uration)?(?: key| value| option| setting)?|option|key) [\\'\"`]{0,3}TARGET[\\'\"`]{0,3} (?:is |was |has |must |could )?(?:not (?:been )?(?:set|found|defined|present|provided|configured|specified)|missing|required|undefined|unset|empty|not be (?:empty|blank|null)|be (?:set|defined|provided|specified))",
        r"(?:missing|required|unset|undefined|no) (?:required )?(?:environment variables?|env(?:ironment)? vars?|env|settings?|config(?:uration)? (?:keys?|values?|options?)|secrets?)(?: is| are)?(?: not set| missing)?:? [\\'\"`\[]{0,3}TARGET",
        r"Could not resolve placeholder '?TARGET|required key TARGET missing value|TARGET environment variable (?:is )?(?:not set|missing|required|undefined)|could not fetch environment variable [\\\"]{0,2}TARGET|Undefined array key \\?\"?TARGET|TARGET (?:is|was) not set\b|\$?\{?TARGET\}?: (?:unbound variable|parameter (?:null or )?not set)|environment variable not found|Value for key \\?\"?TARGET\\?\"? was not|Failed to bind properties under '?TARGET",
        r"TARGET\n? +field required|set the TARGET (?:environment variable|setting)|(?:The )?TARGET setting must not be empty|MissingEnvVar|EnvironmentError|System\.EnvError|could not fetch application environment|ImproperlyConfigured|(?:Missing|Required) (?:setting|secret|option)|You must (?:set|specify|define|provide) (?:the )?TARGET|must specify (?:one of )?the following environment variables?|MYSQL_ROOT_PASSWORD|POSTGRES_PASSWORD (?:to|env)|superuser password is not specified",
    ),
    one(
        "unknown setting",
        "The configuration is not valid (it has a directive, option, flag or key that the program does not know){target}.",
        "Compare the new version's configuration with what its program, in that version, expects.",
        r"unknown directive \\?\"?TARGET|Invalid command '?TARGET|unknown keyword '?TARGET|(?:unknown|unrecognized|unsupported|unexpected|invalid|undefined|no such) (?:command[- ]line )?(?:shorthand )?(?:option|flag|argument|directive|parameter|configuration parameter|config(?:uration)? (?:key|option|parameter|directive|variable)|setting|switch|plugin|section)s?:? [\\'\"`]{0,3}(?:--?)?TARGET",
        r"flag provided but not defined: -{0,2}TARGET|bad option: -{0,2}TARGET|unrecognized arguments: -{0,2}TARGET|unknown variable '?TARGET|Bad directive or wrong number|unrecognized (?:configuration parameter|option)|unknown (?:flag|option|directive)|field \S{1,60} not found in type TARGET|has invalid keys: TARGET|additional properties .{0,20}'?TARGET|Additional property TARGET is not allowed|is not permitted here|directive is not allowed here|Found invalid (?:option|key)|Unrecognized VM option '?TARGET|Could not create the Java Virtual Machine|NODE_OPTIONS|is not allowed in NODE_OPTIONS|did you mean|perhaps misspelled",
    ),
    one(
        "configuration",
        "The configuration cannot be read or parsed, or is not valid{target}.",
        "Look at the place that the sample line names, and compare the new version's configuration with what its program expects.",
        r"(?:syntax )?errors? (?:on line \d{1,6} of|in(?: (?:the )?config(?:uration)? file)?) \\?['\"]?TARGET:?|parsing \[TARGET\]|Error\(?s?\)? found in configuration file : TARGET|Fatal errors found in configuration|nginx: configuration file TARGET test failed|in TARGET:\d{1,6}$",
        r"(?:failed|unable|error|could not|cannot|couldn't|can't|failure) (?:\w{1,12} ){0,3}(?:pars|load|read|open|decod|process|bind|validat|apply|initiali[sz])\w{0,6} (?:\S{1,60} ){0,4}(?:config|settings|properties|manifest|options)\w{0,10}(?: (?:file|from|map|at))?(?:[: ]{1,2}[\\\"']{0,2}TARGET)?",
        r"(?:invalid|bad|malformed|broken|wrong|illegal|incorrect|unsupported) (?:\w{1,20} )?(?:configuration|config|yaml|option|flag|setting|properties|settings|manifest)s?\b|(?:configuration|config|settings) (?:file )?(?:[\w\"'./-]{1,60} )?(?:is |are |has )?(?:error|invalid|not valid|incorrect|malformed|failed|syntax|incomplete|problem)s?\b|configuration errors?|config(?:uration)? file error|bad config line|FATAL CONFIG FILE ERROR|misconfigur|ConfigurationException|ConfigException|ConfigError|ConfigurationError|BadConfig|InvalidConfig",
        r"invalid value .{0,80} for |invalid argument \S{1,60} for|could not bind properties|APPLICATION FAILED TO START|Failed to bind properties|UnboundConfiguration|BindException: |ConverterNotFound|OptionsValidationException|error verifying flags|error while reading the configuration|invalid number of arguments in|unexpected \\?\"?[;}{]\\?\"?|unexpected end of file, expecting|is duplicate in|no \\?\"?\w{1,30}\\?\"? is defined|host not allowed here|directive (?:requires|is duplicate)|requires (?:argument|value)|unable to find configuration|cannot be parsed|Caddyfile:\d|adapting config|Error during parsing|field not found, node: TARGET|Invalid .{0,30}in configuration|postgresql\.conf|my\.cnf|ENVOY.{0,40}config|Proto constraint validation failed|Unable to parse|could not parse|failed to unmarshal config",
        depth=Depth.GENERAL,
    ),
    one(
        "missing file",
        "No such file or directory (something that the new version opens is missing, or its path in the configuration is wrong){target}.",
        "Check that the build puts it into the image, its path in the configuration, and the pod's volumes.",
        r"(?:open|stat|lstat|read|readdirent|chdir|mkdir|exec|unlink|fopen)\(?\\?['\"]? ?TARGET\\?['\"]?\)?[:,] (?:[\w ]{1,30}: )?no such file",
        r"no such file or directory(?:: ['\"]?TARGET|, \w{1,20} '?TARGET| @ \w{1,30} - TARGET)?|open\(\) \\?\"TARGET\\?\" failed \(2",
        r"FileNotFound(?:Error|Exception)?(?:: (?:Could not find (?:file|a part of the path) )'?TARGET|: ([/~][^\s'\",:)]{1,100}))?|Could not find (?:a part of the path|file) '?TARGET|\bENOENT\b|NoSuchFileException(?:: TARGET)?|can't find file ['\"]?TARGET|cannot (?:open|find|access) (?:the )?(?:file |directory |path )?['\"]?TARGET['\"]?:? No such|Cannot (?:open|stat|access) ['\"]?TARGET|Unable to open (?:\w{1,20} )?['\"]?TARGET|Error opening (?:\w{1,20} ){1,3}['\"]?TARGET|Failed opening required '?TARGET|os error 2\b|The system cannot find the (?:file|path)|Errno 2\b|:enoent\b|File does not exist: TARGET|file not found:? ['\"]?TARGET|does not exist or is not (?:a directory|readable)|DirectoryNotFound|NotDirectory|must be a directory|not a directory\b",
    ),
)  # fmt: skip
