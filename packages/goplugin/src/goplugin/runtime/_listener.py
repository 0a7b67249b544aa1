"""The plugin's unix socket (server.go: serverListener_unix, setGroupWritable)."""

# ruff: noqa: PTH101, PTH108, PTH118 - pathlib takes 7 ms to import, and the handshake line waits for this
from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from goplugin.runtime._private_folder import SOCKET, PrivateFolder

if TYPE_CHECKING:
    from goplugin.runtime._environment import Environment
    from goplugin.runtime._transport import Secure, Transport

_BACKLOG = 16
_MAX_PATH_BYTES = 107  # sun_path of unix(7), less its NUL


class Listener:
    """A listening unix socket that takes its file, and the folder made for it, away again.

    go-plugin puts the socket into the temporary folder itself. Here it lies in a folder of mode 0700 of its own, unless the
    host names a folder: that one is the host's to guard, and hosts may look for the socket by its file name in it
    (runner.PluginToHost).

    Args:
        environment: Where the host wants the socket, and who may connect.
        secure: Puts TLS on each connection; None: bytes go as they are.

    Attributes:
        path: The socket's path.

    Raises:
        OSError: The folder or the socket cannot be made, or the group is unknown; the message names it.
    """

    def __init__(self, environment: Environment, secure: Secure | None = None) -> None:
        self._secure = secure
        self._folder: PrivateFolder | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if environment.socket_dir:
            self.path = os.path.join(environment.socket_dir, f"plugin{os.urandom(8).hex()}")
        else:
            self._folder = PrivateFolder(environment.temp_dir)
            self.path = os.path.join(self._folder.path, SOCKET)
        try:
            self._listen()
            if environment.socket_group:
                self._admit(environment.socket_group)
        except BaseException:
            self.close()
            raise

    def _listen(self) -> None:
        if len(os.fsencode(self.path)) > _MAX_PATH_BYTES:
            raise OSError(
                f"the socket's path has more than {_MAX_PATH_BYTES} bytes: {self.path}; set TMPDIR to a shorter one"
            )
        before = os.umask(0o177)
        try:
            self._socket.bind(self.path)
        finally:
            os.umask(before)
        self._socket.listen(_BACKLOG)
        self._socket.settimeout(0.0)

    def _admit(self, group: str) -> None:
        number = int(group) if group.isdecimal() else _group_number(group)
        os.chown(self.path, -1, number)
        os.chmod(self.path, 0o660)
        if self._folder:
            os.chown(self._folder.path, -1, number)
            os.chmod(self._folder.path, 0o710)  # noqa: S103 - the group has to reach the socket, no more

    def fileno(self) -> int:
        """The file descriptor, for selectors."""
        return self._socket.fileno()

    def accept(self) -> Transport | None:
        """The next connection, or None when it is gone already."""
        try:
            sock = self._socket.accept()[0]
        except OSError:
            return None
        return sock if self._secure is None else self._secure(sock)

    def close(self) -> None:
        """Stop listening, and remove the socket and its folder. Done twice, or after somebody else did, it is silent."""
        self._socket.close()
        with suppress(OSError):
            os.unlink(self.path)
        if self._folder:
            self._folder.close()


def _group_number(name: str) -> int:
    import grp  # noqa: PLC0415 - rarely asked for

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise OSError(f"PLUGIN_UNIX_SOCKET_GROUP names {name!r}, which is no group here") from error
