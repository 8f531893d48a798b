"""What goes wrong, in Athena's words.

::

    Exception
    ├── QueryError   a query is refused or fails; ends in FAILED with ``CODE: message``
    └── ApiError     a request to the API is refused; ends in an HTTP error
"""

from __future__ import annotations

from typing import Final

#: Trino's name of an error -> Athena's ErrorCategory (1 system, 2 user, 3 other).
SYSTEM_ERRORS: Final = frozenset({"GENERIC_INTERNAL_ERROR", "HIVE_CANNOT_OPEN_SPLIT", "HIVE_CURSOR_ERROR"})

#: Athena's numeric ErrorType for the names that its documentation lists; others are "unknown user error".
ERROR_TYPES: Final = {
    "SYNTAX_ERROR": 1301,
    "TYPE_MISMATCH": 1302,
    "FUNCTION_NOT_FOUND": 1303,
    "COLUMN_NOT_FOUND": 1304,
    "TABLE_NOT_FOUND": 1305,
    "DIVISION_BY_ZERO": 1306,
    "INVALID_CAST_ARGUMENT": 1307,
    "HIVE_BAD_DATA": 1308,
    "NOT_SUPPORTED": 1309,
    "GENERIC_INTERNAL_ERROR": 2,
}

Position = tuple[int, int]  # line and column, from 1


class QueryError(Exception):
    """A query that Athena would refuse or fail, or that this engine does not know how to answer.

    Attributes:
        code: Trino's name of the error, e.g. ``TYPE_MISMATCH``.
        message: what was expected, what was found and where.
    """

    def __init__(self, code: str, message: str, at: Position | None = None) -> None:
        self.code = code
        self.message = f"line {at[0]}:{at[1]}: {message}" if at else message
        super().__init__(f"{code}: {self.message}")

    @property
    def category(self) -> int:
        """Athena's ErrorCategory: 1 the system's fault, 2 the user's."""
        return 1 if self.code in SYSTEM_ERRORS else 2

    @property
    def error_type(self) -> int:
        """Athena's ErrorType, a number."""
        return ERROR_TYPES.get(self.code, 1000)


class ApiError(Exception):
    """A request that the API refuses.

    Attributes:
        code: the exception's name in the AWS model, e.g. ``InvalidRequestException``.
        message: what was expected and what was found.
        http_status: the status of the answer.
        extra: further members of the answer, e.g. ``{"AthenaErrorCode": "MALFORMED_QUERY"}``.
    """

    def __init__(self, code: str, message: str, http_status: int = 400, extra: dict[str, str] | None = None) -> None:
        self.code = code
        self.message = message
        self.http_status = http_status
        self.extra = extra or {}
        super().__init__(f"{code}: {message}")

    @classmethod
    def invalid(cls, message: str, athena_code: str = "INVALID_INPUT") -> ApiError:
        """The commonest answer: InvalidRequestException."""
        return cls("InvalidRequestException", message, extra={"AthenaErrorCode": athena_code})


def unsupported(what: str, at: Position | None = None) -> QueryError:
    """The loud answer to what real Athena can do and this engine cannot (yet)."""
    return QueryError("NOT_SUPPORTED", f"the local Athena does not support {what}", at)
