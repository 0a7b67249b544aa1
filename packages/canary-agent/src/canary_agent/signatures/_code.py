"""Causes in the program itself and how it was built."""

from ._signature import Signature, one

# From the particular to the general.
CODE: tuple[Signature, ...] = (
    one(
        "missing module or class",
        r"ModuleNotFoundError(?:: No module named '?TARGET)?|cannot find module '?\"?(?:\./)?TARGET|\bMODULE_NOT_FOUND|ImportError|NoClassDefFoundError(?:: TARGET)?|ClassNotFoundException(?:: TARGET)?|NoSuchMethodError|executable file not found|no such file or directory.{0,40}exec",
        "Something the program needs is not in the image{target}.",
        "Check the image's build: dependencies, their versions, and the processor architecture.",
    ),
    one(
        "dependency injection",
        r"UnsatisfiedDependencyException|NoSuchBeanDefinitionException|BeanCreationException|Unable to resolve service for type '?TARGET|can't resolve dependencies of the TARGET|No qualifying bean",
        "The program cannot be put together: a part that it asks for is not there{target}.",
        "Look at the part in the sample line: its registration, its profile, its configuration.",
    ),
    one(
        "configuration",
        r"(?:failed|unable|error|could not|cannot) .{0,20}(?:pars|load|read)\w{0,4} .{0,40}config\w{0,10}(?: \"?TARGET)?|invalid (?:configuration|config|yaml|option|flag)|yaml: line|BindException: |unknown (?:flag|option|directive)|configuration error|config file error|bad directive|unrecognized configuration parameter|syntax error in file|unknown field|error verifying flags|invalid value .{0,60} for |could not bind properties",
        "The configuration cannot be read or is not valid.",
        "Compare the new version's configuration with what its program expects.",
    ),
    one(
        "missing file",
        r"no such file or directory(?:: ['\"]?TARGET)?|FileNotFoundError|FileNotFoundException(?:: TARGET)?|\bENOENT\b|NoSuchFileException(?:: TARGET)?|open\(\) \\\"?TARGET\\\"? failed \(2",
        "No such file: something that the new version opens is missing{target}.",
        "Check that the build puts it into the image, its path in the configuration, and the pod's volumes.",
    ),
    one(
        "endless recursion",
        r"maximum recursion depth|StackOverflow(?:Error|Exception)|maximum call stack size|goroutine stack exceeds|stack level too deep",
        "A function of the new version calls itself without end.",
        "Look at the frames that repeat in the sample line's stack.",
    ),
    one(
        "concurrent access",
        r"concurrent map (?:writes|iteration|read)|ConcurrentModificationException|data race|changed size during iteration|already (?:mutably )?borrowed",
        "Two threads change the same data at one time.",
        "Guard what the top of the stack in the sample line names.",
    ),
    one(
        "threads that wait for each other",
        r"all goroutines are asleep|deadlock(?:ed)? threads|found one java-level deadlock|would deadlock",
        "Threads of the new version wait for each other: a deadlock.",
        "Look at the locks and channels in the stacks of the sample line.",
    ),
    one(
        "null reference",
        r"NullPointerException|nil pointer dereference|nil map|ArgumentNullException|null value was assigned|of undefined|of null\b|NullReferenceException|'NoneType' object|cannot read propert(?:y|ies) .{0,60}(?:undefined|null)|undefined is not|is not a function|called `Option::unwrap\(\)` on a `None`",
        "The new version uses a value that is not there.",
        "Look at the top of the stack in the sample line: the value is empty in a case that stable handles.",
    ),
    one(
        "index or bounds",
        r"IndexError|StringIndexOutOfBounds|ArgumentOutOfRangeException|index out of bounds: the len|index out of (?:range|bounds)|ArrayIndexOutOfBounds|slice bounds out of range",
        "The new version reads beyond the end of a list.",
        "Look at the top of the stack in the sample line, and at what input leads there.",
    ),
    one(
        "division by zero",
        r"ZeroDivisionError|DivideByZeroException|divide by zero|division by zero",
        "The new version divides by zero.",
        "Look at the top of the stack in the sample line, and at what input leads there.",
    ),
    one(
        "number too large",
        r"OverflowError|integer overflow|with overflow|out of range for type|NumberFormatException|ArithmeticException: .{0,40}overflow|value out of range",
        "A number is too large, or is none.",
        "Look at the value in the sample line, and at the type that the new version gives it.",
    ),
    one(
        "assertion",
        r"AssertionError|assertion .{0,80}failed|assert(?:ion)? failed",
        "The new version finds a state that it holds to be impossible.",
        "Look at the assertion in the sample line: what must hold before it.",
    ),
    one(
        "not implemented",
        r"NotImplementedError|UnsupportedOperationException|NotImplementedException|not (?:yet )?implemented|todo!\(\)",
        "The new version reaches code that is not written yet.",
        "Finish it, or turn the feature off.",
    ),
    one(
        "missing method or field",
        r"NoSuchMethodError(?:: TARGET)?|NoSuchFieldError(?:: TARGET)?|has no attribute '?TARGET|undefined method [`']TARGET|MissingMethodException|undefined function TARGET|AbstractMethodError",
        "The new version uses a method or field that does not exist{target}.",
        "Compare the versions of the libraries that it was built and that it runs with.",
    ),
    one(
        "type or value",
        r"\bTypeError\b|\bValueError\b|AttributeError|KeyError|NoSuchElementException|InvalidCastException|ClassCastException|IllegalArgumentException|IllegalStateException|NameError|ReferenceError",
        "The new version fails on a value of an unexpected kind.",
        "Look at the exception and the top of the stack in the sample line.",
    ),
    one(
        "killed by a signal",
        r"segmentation fault|SIGSEGV|SIGABRT|SIGBUS|core dumped|exit code (?:139|134|135)\b|exited on signal (?:11|6|7)\b",
        "The program is killed for a memory fault of its own.",
        "Look at native code that the new version brings: libraries, extensions, the image's base.",
    ),
)  # fmt: skip
