"""Every error that the local cloud raises on purpose.

Permanent (lakeward.errors)
└── LocalError                 says what was expected, what was found, and what to do
    ├── CloudUnavailable         a process of the local cloud did not start, or did not stop
    ├── DeclarationInvalid       a replay.yaml, or the recording that it names, is not what it should be
    ├── DemoFailed               a command of a demo ended otherwise than it should
    └── MiniStackChanged         a gap expects other code of MiniStack than is installed
"""

from lakeward.errors import Permanent


class LocalError(Permanent):
    """Base of all."""


class CloudUnavailable(LocalError):
    """A process of the local cloud did not start or did not stop."""


class DeclarationInvalid(LocalError):
    """A ``replay.yaml`` or the recording that it names is not what it should be."""


class DemoFailed(LocalError):
    """A command of a demo ended otherwise than it should; the message holds what it said."""


class MiniStackChanged(LocalError):
    """A gap expects other code of MiniStack than is installed."""
