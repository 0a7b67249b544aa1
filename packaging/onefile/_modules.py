"""Which modules are packed: all that the plugin can reach, but for this reviewed list.

What is neither found nor listed here stops the build, so that nothing goes missing unseen; and the list
holds for the standard library's own imports only, but for the few names in `ABSENT`.
"""

# ruff: noqa: SIM905 - as lists they would take one line a name

# Imported by name only, so that no import statement tells of them; idna is what socket.getaddrinfo
# takes for every name.
ROOTS = """
    encodings.aliases encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8
    encodings.utf_8_sig
""".split()

_OTHER_SYSTEMS = """
    _aix_support _ios_support _osx_support _overlapped _scproxy _winapi _wmi asyncio.windows_events
    asyncio.windows_utils java msvcrt nt vms_lib winreg
""".split()
# C modules of CPython have stood in for these since long; the interpreter has them all.
_PURE_TWINS = "_py_abc _pydatetime _pydecimal".split()
# The interpreter makes these itself.
_MADE_AT_START = """
    __main__ _frozen_importlib _frozen_importlib_external collections.abc os.path
""".split()
# What this CPython has of its own.
_BACKPORTS = ["typing_extensions"]
_FOR_DEVELOPERS = """
    _pyrepl asyncio.__main__ bdb cmd code codeop doctest pdb py_compile pydoc readline rlcompleter test
    tkinter unittest webbrowser
""".split()
# Reached from functions that the plugin never calls: archives and compressed files (shutil, logging),
# processes in pools (concurrent.futures), XML and property lists (platform), libuuid.
_NEVER_CALLED = """
    _bz2 _compression _csv _decimal _lzma _sysconfig _uuid bz2 concurrent.futures.process csv ctypes
    decimal fractions gzip lzma mimetypes multiprocessing plistlib pyexpat runpy statistics sysconfig
    tarfile xml zipfile
""".split()
# AutoMTLS: the official controller never asks for it, and its certificate library is no pure Python.
# The host's side of the protocol is for tests.
_OURS = ["argo_rollouts_plugin.client", "cryptography", "goplugin.runtime.host"]

ABSENT = (*_MADE_AT_START, *_BACKPORTS, *_OURS)
"""Never packed."""

EXCLUDED = (*_OTHER_SYSTEMS, *_PURE_TWINS, *_FOR_DEVELOPERS, *_NEVER_CALLED)
"""Not packed for the standard library's sake; what the plugin's own packages import is."""
