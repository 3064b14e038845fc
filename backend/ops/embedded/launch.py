"""Start a command that cannot outlive the process that asked for it.

Run as a script: ``python -I -S launch.py --signal 2 [--user 65534] -- command …``

Linux: the kernel signals the command when its parent dies (``PR_SET_PDEATHSIG``), and the command
takes this process's place. Elsewhere this process stays, passes signals on, and watches the
parent. With ``--user`` (Linux, for root: Postgres refuses to run as root) the command runs as that
user but may still enter folders that only root can, so nothing on the machine needs opening up.
Standard library only.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_VERSION_3 = 0x20080522


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def become(user: int) -> None:
    """Turn from root into ``user``, keeping only the right to pass folder permissions.

    Where the container does not grant that right, the user goes without it.
    """
    libc = _libc()
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(CAP_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    # effective, permitted, inheritable for capabilities 0–31, then the same for 32–63
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def replace_process(command: list[str], parent: int, number: int) -> None:
    """Linux: become the command, to be signalled when the parent dies."""
    if _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the line above
        sys.exit(1)
    os.execv(command[0], command)


def watch_parent(command: list[str], parent: int, number: int) -> int:
    """Elsewhere: run the command, pass signals on, end it when the parent is gone."""
    child = os.fork()
    if child == 0:
        os.execv(command[0], command)
    for passed in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(passed, lambda received, _frame: os.kill(child, received))
    asked = False
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if not asked and os.getppid() != parent:
            os.kill(child, number)
            asked = True
        time.sleep(0.1)


def main() -> None:
    """Read the arguments and start the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--signal", type=int, default=int(signal.SIGTERM))
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--user", type=int)
    parser.add_argument("--stay", action="store_true", help="watch the parent also on Linux")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.user is not None:
        become(arguments.user)
    if sys.platform == "linux" and not arguments.stay:
        replace_process(arguments.command, arguments.parent, arguments.signal)
    else:
        code = watch_parent(arguments.command, arguments.parent, arguments.signal)
        sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
