"""Causes in what the program runs on: memory, image, disk, limits."""

from ._signature import Signature, one

# From the particular to the general.
PLATFORM: tuple[Signature, ...] = (
    one(
        "out of memory",
        r"OOMKilled|OutOfMemoryError|out of memory|cannot allocate memory|MemoryError\b|heap out of memory|bad_alloc",
        "The canary runs out of memory.",
        "Compare the memory use of both versions; find what keeps more of it, or raise the limit.",
    ),
    one(
        "image pull",
        r"ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|manifest unknown|pull access denied|failed to pull image",
        "The canary's image cannot be pulled.",
        "Check the image's name and tag, that it was pushed, and the pull secret.",
    ),
    one(
        "missing secret or configuration object",
        r"(?:secret|configmap) \"?TARGET\"? not found|couldn't find key TARGET|CreateContainerConfigError",
        "A Secret or ConfigMap that the canary needs is missing{target}.",
        "Create it, or correct its name or key in the canary's pod template.",
    ),
    one(
        "wrong processor architecture",
        r"exec format error|wrong ELF class|bad CPU type|unsupported architecture",
        "The program is built for another processor.",
        "Build the image for the nodes' architecture, or choose nodes that fit it.",
    ),
    one(
        "missing shared library",
        r"error while loading shared libraries: TARGET|version `?GLIBC\S{0,20}' not found|UnsatisfiedLinkError(?:: TARGET)?|cannot open shared object file|DllNotFoundException",
        "A library of the system is missing in the image{target}.",
        "Compare the base images of both versions, and install what is missing.",
    ),
    one(
        "thread or process limit",
        r"can't start new thread|unable to create (?:new )?native thread|pthread_create failed|fork: (?:retry: )?resource temporarily unavailable|fork/exec .{0,80}resource temporarily unavailable",
        "The canary cannot start more threads or processes.",
        "Look for threads that the new version starts and does not end, and at the pod's process limit.",
    ),
    one(
        "disk full",
        r"no space left on device|\bENOSPC|disk quota exceeded|disk (?:is )?full",
        "A disk is full.",
        "Look at what the new version writes, and at the size of its volumes.",
    ),
    one(
        "read-only file system",
        r"read-only file system(?:: ['\"]?TARGET)?|\bEROFS",
        "The canary writes to a file system that is read-only.",
        "Mount a volume where the new version writes, or have it write elsewhere.",
    ),
    one(
        "too many open files or connections",
        r"too many open files|\bEMFILE|too many (?:connections|clients)|connection pool (?:is )?(?:exhausted|timeout)|Connection is not available, request timed out after|timeout .{0,40}acquiring .{0,20}connection|pool exhausted|remaining connection slots|QueuePool limit",
        "The canary uses up files or connections.",
        "Look for what the new version opens and does not close, and at the pool's size.",
    ),
    one(
        "address in use",
        r"address already in use|\bEADDRINUSE|bind: address|port \d{1,5} (?:is )?already in use",
        "The address that the program listens on is taken.",
        "Check the ports of the pod's containers, and that an old process has ended.",
    ),
)  # fmt: skip
