"""Causes in the program itself and how it was built."""

from ._signature import Depth, Signature, one

# From the particular to the general.
CODE: tuple[Signature, ...] = (
    one(
        "missing module or class",
        "A module, class or package that the program needs is not in the image, or does not fit (a dependency){target}.",
        "Check the image's build: dependencies, their versions, and the processor architecture.",
        r"ModuleNotFoundError(?:: No module named '?TARGET)?|No module named '?TARGET|cannot import name '?TARGET|cannot find (?:module|package) ['\"]?(?:\./)?TARGET|\bERR_MODULE_NOT_FOUND|\bMODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_REQUIRE_ESM|ImportError",
        r"NoClassDefFoundError(?:: TARGET)?|ClassNotFoundException(?:: TARGET)?|Could not find or load main class TARGET|Unable to access jarfile TARGET|UnsupportedClassVersionError|UnsupportedClassVersion|LinkageError|ExceptionInInitializerError|IncompatibleClassChangeError|no main manifest attribute",
        r"Could not load file or assembly '?TARGET|TypeLoadException|cannot load such file -- TARGET|LoadError|uninitialized constant TARGET|Gem::\w{1,40}Error|Bundler::\w{1,30}|Could not find (?:gem )?'?TARGET'? in (?:any|locally)|(?:Class|Interface|Trait) \\?['\"][\w\\]{1,100}\\?['\"] not found|Composer.{0,60}autoload|vendor/autoload|UndefinedFunctionError.{0,60}module TARGET is not available|could not start application|You must install or update \.NET|framework '?TARGET'?, version|It was not possible to find any (?:compatible|installed)|libhostfxr|A fatal error was encountered\. The library|PHP Startup: Unable to load|undefined symbol: Py|was compiled against a different Node|NODE_MODULE_VERSION|plugin was built with a different version|GLIBCXX",
    ),
    one(
        "dependency injection",
        "The program cannot be put together (a dependency, bean or service that it asks for is not there){target}.",
        "Look at the part in the sample line: its registration, its profile, its configuration.",
        r"No qualifying bean of type '?TARGET|UnsatisfiedDependencyException|NoSuchBeanDefinitionException|BeanCreationException|BeanDefinition\w{0,30}Exception|Unable to resolve service for type '?TARGET|can't resolve dependencies of the TARGET|required a bean of type '?TARGET|Unsatisfied dependenc(?:y|ies) for type TARGET|No implementation for TARGET was bound|Guice|CreationException|missing dependencies for function|missing type: \*?TARGET|No provider for TARGET|Target (?:class )?\[TARGET\] (?:does not exist|is not instantiable)|BindingResolutionException|circular (?:dependency|reference)|ActivationException|DependencyResolutionException|Some services are not able to be constructed|wire: no provider",
        depth=Depth.GENERAL,
    ),
    one(
        "endless recursion",
        "A function of the new version calls itself without end: a stack overflow (recursion).",
        "Look at the frames that repeat in the sample line's stack.",
        r"maximum recursion depth|RecursionError|Stack ?Overflow(?:Error|Exception)?\b|stack overflow|maximum call stack size|goroutine stack exceeds|stack level too deep|has overflowed its stack|Maximum function nesting level|SystemStackError|InsufficientExecutionStack|segfault.{0,40}stack",
    ),
    one(
        "concurrent access",
        "Two threads change the same data at one time: a data race.",
        "Guard what the top of the stack in the sample line names.",
        r"concurrent map (?:writes|iteration|read)|ConcurrentModificationException|(?:data race|DATA RACE)|changed size during iteration|already (?:mutably )?borrowed|BorrowMutError|BorrowError|Collection was modified; enumeration|can't add a new key into hash during iteration|ThreadSanitizer|PoisonError|send on closed channel|close of closed channel|close of nil channel|negative WaitGroup|sync: (?:unlock|RUnlock|negative)|unlock of unlocked|IllegalMonitorState|mutated during iteration|A second operation was started on this context|SynchronizationLockException",
    ),
    one(
        "threads that wait for each other",
        "Threads of the new version wait for each other: a deadlock (hang).",
        "Look at the locks and channels in the stacks of the sample line.",
        r"all goroutines are asleep|deadlock(?:ed)? threads|found one java-level deadlock|would deadlock|No live threads left\. Deadlock|fatal: No live threads|resource deadlock (?:avoided|would occur)|thread .{0,40}deadlock|Lock is already held|recursive locking|stuck threads?\b|potential deadlock|BlockedThreadChecker",
    ),
    one(
        "rejected work",
        "A pool of threads or a queue of the program is full: work is rejected.",
        "Compare how long both versions hold a thread, what they wait for, and the size of the pool.",
        r"RejectedExecution(?:Exception)?|TaskRejectedException|rejected execution of|EsRejectedExecution|es_rejected_execution|thread ?pool (?:is |was )?(?:exhausted|full|starvation|rejected|low)|ThreadPool starvation|BulkheadFull|BulkheadException|bulkhead .{0,40}full|cannot schedule new futures|(?:pm\.)?max_children setting|server reached (?:pm\.)?max_children|MaxRequestWorkers setting|MaxClients setting|listen queue .{0,30}full|too many (?:pending|concurrent|queued|in-?flight) (?:requests|tasks|calls|streams)|worker pool .{0,30}(?:exhausted|full)|Resource (?:pool )?exhausted|server is busy|Server too busy|overload(?:ed)?\b|backlog .{0,30}(?:full|exceeded)|ERL.{0,20}system_limit",
    ),
    one(
        "null reference",
        "The new version uses a value that is not there (null, nil, None or undefined){target}.",
        "Look at the top of the stack in the sample line: the value is empty in a case that stable handles.",
        r"Cannot read propert(?:y|ies) (?:'[^']{1,60}' )?of (?:undefined|null)(?: \(reading '?TARGET)?|Cannot set propert(?:y|ies) .{0,40}of (?:undefined|null)|Cannot destructure property|(?:undefined|null) is not (?:an object|a function|iterable)|TARGET is not a function|TARGET is (?:undefined|null)\b|of undefined\b|of null\b|is not iterable",
        r"because \\?[\"'<]TARGET\\?[\"'>]{0,3} is null|NullPointerException|NullPointer|KotlinNullPointer|UninitializedPropertyAccess|kotlin\.\w{0,10}NullPointer|lateinit property TARGET has not been|parameter specified as non-null is null|getValue\(\.\.\.\) must not be null|NullReference(?:Exception)?|Object reference not set|ArgumentNull(?:Exception)?|Value cannot be null|null value was assigned|Nullable object must have a value",
        r"nil pointer dereference|nil map\b|undefined method [`'\u2018]?TARGET['\u2019]? (?:for|on) nil|for nil\b|is nil\b|:nil\.|nil\.\w{1,40}/\d|'NoneType'|NoneType|called `Option::unwrap\(\)` on a `None`|Option::expect|on a `None` value|unwrap\(\)` on a `None|Call to a member function TARGET(?:\(\))? on null|(?:Attempt to|Trying to) (?:read|access|get|assign) (?:array offset|property|index).{0,60}(?:null|non-object|none)|must not be null|unexpected nil|null pointer|null value|got nil\b|BadMapError.{0,40}nil|nullptr",
    ),
    one(
        "number too large",
        "A number is too large for its type, or is not a number (value).",
        "Look at the value in the sample line, and at the type that the new version gives it.",
        r"OverflowError|OverflowException|integer overflow|with overflow|(?:out|outside) of (?:the )?range (?:for|of) (?:type|an? |column|Int)|NumberFormatException|ArithmeticException: .{0,40}overflow|value out of range|strconv\.\w{1,20}: parsing|invalid digit found|number too (?:large|big)|ParseIntError|ParseFloatError|FloatDomainError|Out of range value|Numeric value out of range|numeric field overflow|Cannot convert .{1,40} to a BigInt|RangeError|cannot be represented as|NaN\b.{0,30}(?:not|invalid)|invalid literal for (?:int|float)|could not convert string to float|Input string was not in a correct format|invalid value for (?:Integer|Float)|FormatException",
    ),
    one(
        "index or bounds",
        "The new version reads beyond the end of a list: an index out of range (bounds).",
        "Look at the top of the stack in the sample line, and at what input leads there.",
        r"IndexError|StringIndexOutOfBounds|IndexOutOfBounds(?:Exception)?|IndexOutOfRange(?:Exception)?|ArrayIndexOutOfBounds|ArgumentOutOfRange(?:Exception)?|index out of (?:range|bounds)|slice bounds out of range|index \d{1,12} out of|range end index|byte index \d{1,12} is|index was (?:out of range|outside the bounds)|out[-_ ]of[-_ ](?:range|bounds)\b|Undefined (?:offset|array key)|Undefined index|vector::_M_range_check|subscript out of range|RangeError: Invalid (?:array|typed array) length|makeslice: |heap-buffer-overflow|stack-buffer-overflow|Enum\.OutOfBounds|no element at index|String index out|substring.{0,20}out of|begin \d{1,9}, end \d{1,9}, length",
    ),
    one(
        "division by zero",
        "The new version divides by zero.",
        "Look at the top of the stack in the sample line, and at what input leads there.",
        r"ZeroDivision(?:Error)?|DivideByZero(?:Exception)?|DivisionByZero(?:Error)?|divi(?:de|ded|sion) by (?:zero|0)|by zero\b|division_by_zero|/ by zero|modulo by zero|divisor of zero|Floating point exception|SIGFPE|bad argument in arithmetic expression",
    ),
    one(
        "assertion",
        "An assertion fails: the new version finds a state that it holds to be impossible.",
        "Look at the assertion in the sample line: what must hold before it.",
        r"Assertion ?Error|AssertionFailed(?:Error|Exception)?|AssertionException|assertion\b.{0,80}failed|assert(?:ion)? failed|assert(?:_eq|_ne)?!|Assert(?:ion)? violat|Debug\.Assert|ASSERT(?:ION)?:|unreachable code|internal error: entered unreachable|invariant (?:violat|fail)|TRAP: |BUG: |this should (?:never|not) happen|impossible state|precondition failed|\bF\d{4} .{0,80}Check failed|Precondition(?:Failed)?Exception|ERR_ASSERTION|MatchError|CaseClauseError|FunctionClauseError|no match of right hand side|no case clause matching|no function clause matching",
    ),
    one(
        "not implemented",
        "The new version reaches code that is not written yet (not implemented).",
        "Finish it, or turn the feature off.",
        r"NotImplemented(?:Error|Exception)?|UnsupportedOperation(?:Exception)?|not (?:yet )?implemented|todo!\(\)|unimplemented!\(\)|An operation is not implemented|NotSupportedException",
    ),
    one(
        "missing method or field",
        "The new version uses a method, function or field that does not exist{target}.",
        "Compare the versions of the libraries that it was built and that it runs with.",
        r"NoSuchMethod(?:Error|Exception)?(?:: TARGET)?|NoSuchField(?:Error|Exception)?(?:: TARGET)?|has no attribute '?TARGET|undefined (?:local variable or )?method [`'\u2018]TARGET|undefined local variable|MissingMethodException|Method not found: '?TARGET|MissingFieldException|MissingMember|(?:Call to )?undefined (?:method|function|constant|variable) \$?TARGET|AbstractMethodError|AttributeError|NoMethodError|function TARGET is undefined or private|UndefinedFunctionError|name '?TARGET'? is not defined|NameError|ReferenceError: TARGET|ReferenceError|got an unexpected keyword argument '?TARGET|missing \d{1,3} required (?:positional|keyword-only) arguments?: '?TARGET|wrong number of arguments|takes \d{1,3} positional arguments?|Too few arguments to function TARGET|ArgumentCountError|unknown keyword: :?TARGET|Unknown named parameter|does not exist on type|has no member|BadArityError|KeyError: key",
    ),
    one(
        "type or value",
        "The new version fails on a value of an unexpected type or kind{target}.",
        "Look at the exception and the top of the stack in the sample line.",
        r"\bTypeError\b|\bValueError\b|\bKeyError\b|NoSuchElement(?:Exception)?|InvalidCast(?:Exception)?|ClassCast(?:Exception)?|IllegalArgument(?:Exception)?|IllegalState(?:Exception)?|ArgumentException|ArgumentError|InvalidOperation(?:Exception)?|interface conversion: |type assertion|must be of type|Unsupported operand types?|unsupported operand|no implicit conversion|can't convert|cannot (?:be )?(?:converted?|cast|assign|coerce)|InvalidArgument(?:Exception|Error)?|invalid argument|unexpected (?:type|value)|wrong type|KeyNotFound(?:Exception)?|The given key .{0,60}was not present|StopIteration|LookupError|FrozenError|FormatError|RuntimeException|DomainException|BadMapError|Protocol\.UndefinedError|protocol \S{1,60} not implemented|called `Result::unwrap\(\)` on an `Err`|called `Result::expect|DateTimeParseException|DateTimeException|could not parse date|invalid date|Invalid time value|parsing time|mismatched types",
        depth=Depth.GENERAL,
    ),
    one(
        "killed by a signal",
        "The program crashes: it is killed for a memory fault of its own (a signal such as SIGSEGV, segmentation fault).",
        "Look at native code that the new version brings: libraries, extensions, the image's base.",
        r"segmentation (?:fault|violation)|\bsegfault\b|SIGSEGV|SIGABRT|SIGBUS|SIGILL|core dumped|exit code (?:139|134|135|132|136)\b|exited on signal (?:11|6|7|4|8)\b|signal: (?:11|6|7)\b|signal (?:11|6|7)\b|AccessViolation|Attempted to read or write protected memory|double free|free\(\): invalid|munmap_chunk|malloc_consolidate|stack smashing|AddressSanitizer|pure virtual method|bus error|unexpected signal during runtime|Abort trap|A fatal error has been detected by the Java Runtime|BEAM crashed|terminated by signal (?:11|6|7)\b|crashed by signal",
    ),
)  # fmt: skip
