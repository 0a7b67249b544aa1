"""Which modules are packed: all that the plugin can reach, but for this reviewed list.

What is neither found nor listed here stops the build, so that nothing goes missing unseen.
"""

# Imported by name only, so that no import statement tells of them.
ROOTS = (
    "encodings.aliases",
    "encodings.ascii",
    "encodings.idna",  # socket.getaddrinfo, for every name
    "encodings.latin_1",
    "encodings.utf_8",
    "encodings.utf_8_sig",
)

_OTHER_SYSTEMS = (
    *("_aix_support", "_ios_support", "_osx_support", "_overlapped", "_scproxy", "_winapi", "_wmi"),
    *(
        "asyncio.windows_events",
        "asyncio.windows_utils",
        "java",
        "msvcrt",
        "nt",
        "vms_lib",
        "winreg",
    ),
)
# C modules of CPython have stood in for these since long; the interpreter has them all.
_PURE_TWINS = ("_py_abc", "_pydatetime", "_pydecimal")
# The interpreter makes these itself.
_MADE_AT_START = (
    *("__main__", "_frozen_importlib", "_frozen_importlib_external", "collections.abc", "os.path"),
)
# What this CPython has of its own.
_BACKPORTS = ("typing_extensions",)
_FOR_DEVELOPERS = (
    *(
        "_pyrepl",
        "asyncio.__main__",
        "bdb",
        "cmd",
        "code",
        "codeop",
        "doctest",
        "pdb",
        "py_compile",
    ),
    *("pydoc", "readline", "rlcompleter", "test", "tkinter", "unittest", "webbrowser"),
)
# Reached from functions that the plugin never calls: archives and compressed files (shutil, logging),
# processes in pools (concurrent.futures), XML and property lists (platform), zones by name, and the
# metadata of installed distributions, for which the executable has a stand-in.
_NEVER_CALLED = (
    *(
        "_bz2",
        "_compression",
        "_csv",
        "_decimal",
        "_lzma",
        "_sysconfig",
        "bz2",
        "concurrent.futures.process",
    ),
    *("csv", "ctypes", "decimal", "fractions", "gzip", "lzma", "mimetypes", "multiprocessing"),
    *(
        "plistlib",
        "pyexpat",
        "runpy",
        "statistics",
        "sysconfig",
        "tarfile",
        "uuid",
        "xml",
        "zipfile",
    ),
)
# AutoMTLS: the official controller never asks for it, and its certificate library is no pure Python.
# The host's side of the protocol is for tests.
_OURS = ("argo_rollouts_plugin.client", "cryptography", "goplugin.runtime.host")

EXCLUDED = (
    *_OTHER_SYSTEMS,
    *_PURE_TWINS,
    *_MADE_AT_START,
    *_BACKPORTS,
    *_FOR_DEVELOPERS,
    *_NEVER_CALLED,
    *_OURS,
)
