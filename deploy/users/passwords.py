"""Makes or asks for passwords, and shows the generated ones once."""

from __future__ import annotations

import getpass
import secrets
import string
import sys
from typing import Any

from problems import Problem

# Cognito counts these as special; none has a meaning in a shell.
SYMBOLS = "-_.:=+@%"
KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)
LENGTH = 20


class Passwords:
    """Makes or asks for passwords, and remembers the generated ones."""

    def __init__(self, source: str, permanent: bool) -> None:
        self.source = source
        self.permanent = permanent
        self.policy: dict[str, Any] = {}
        self._made: dict[str, str] = {}

    @property
    def are_sent(self) -> bool:
        """Whether Cognito makes them and sends them by e-mail."""
        return self.source == "invite"

    def get(self, name: str) -> str:
        """Returns a new password for the user of that name."""
        if self.source == "prompt":
            return asked(name)
        return generated(max(LENGTH, self.policy.get("MinimumLength", 0)))

    def keep(self, name: str, password: str) -> None:
        """Remembers that the user has this password now."""
        if self.source == "generated":
            self._made[name] = password

    def show(self) -> None:
        """Prints the generated passwords."""
        if not self._made:
            return
        days = self.policy.get("TemporaryPasswordValidityDays", 7)
        kind = "permanent" if self.permanent else f"for the first sign-in, within {days} days"
        print(f"passwords ({kind}), not shown again:")
        for name, password in self._made.items():
            print(f"  {name}  {password}")


def generated(length: int) -> str:
    """Returns a password that satisfies any pool's policy."""
    letters = [secrets.choice(kind) for kind in KINDS]
    letters += [secrets.choice("".join(KINDS)) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def asked(name: str) -> str:
    """Asks for a password, or reads a line if there is no terminal."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if password != getpass.getpass("The same again: "):
            raise Problem(f"the two passwords for {name} differ: nothing was done for this user")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Problem(f"there is no password for {name}: type one, or give one line for each user")
    if password != password.strip():
        raise Problem(f"the password for {name} begins or ends with a space")
    return password
