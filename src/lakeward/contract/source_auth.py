"""How a service is told who asks. A contract names a secret by its ARN; the secret itself is never in a contract."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import HeaderName, ParamName, Scope, SecretArn, SecretKey, Url

_ARN = (
    "ARN of the secret in AWS Secrets Manager. `{region}`, `{account_id}` and `{environment}` become those of the "
    "function that asks."
)
_KEY = "The key of the value in a secret that is a JSON object. Left out: the secret is the value."


class NoAuth(Part):
    """Nobody needs to say who they are."""

    kind: Literal["none"] = Field(description="The kind of authentication: there is none.")


class BearerAuth(Part):
    """A token that stands in the `Authorization` header."""

    kind: Literal["bearer"] = Field(description="The kind of authentication: `Authorization: Bearer …`.")
    secret: SecretArn = Field(description=_ARN)
    secret_key: SecretKey | None = Field(default=None, description=_KEY)


class ApiKeyAuth(Part):
    """A key that stands in a header or in a query parameter."""

    kind: Literal["api_key"] = Field(description="The kind of authentication: a key.")
    secret: SecretArn = Field(description=_ARN)
    secret_key: SecretKey | None = Field(default=None, description=_KEY)
    header: HeaderName | None = Field(
        default=None, description="The header that carries the key. Either this or `param`."
    )
    param: ParamName | None = Field(
        default=None, description="The query parameter that carries the key. It is left out of every kept URL."
    )

    def problems(self) -> Iterator[Problem]:
        """One place for the key."""
        if (self.header is None) == (self.param is None):
            found = "neither" if self.header is None else "both"
            yield (), f"expected exactly one of `header` and `param`, found {found}"


class BasicAuth(Part):
    """A user and a password."""

    kind: Literal["basic"] = Field(description="The kind of authentication: `Authorization: Basic …`.")
    secret: SecretArn = Field(description=f"{_ARN} It is a JSON object with `username` and `password`.")


class ClientCredentialsAuth(Part):
    """OAuth 2.0 client credentials (RFC 6749, section 4.4): a token is asked for, and again when it has run out."""

    kind: Literal["oauth2_client_credentials"] = Field(
        description="The kind of authentication: OAuth 2.0, as a client."
    )
    secret: SecretArn = Field(description=f"{_ARN} It is a JSON object with `client_id` and `client_secret`.")
    token_url: Url = Field(description="https URL of the token endpoint.")
    client_auth: Literal["basic", "body"] = Field(
        default="basic",
        description=("How the endpoint is told the client: in the `Authorization` header or in the form."),
    )
    scope: Scope | None = Field(default=None, description="Scopes to ask for, with spaces between them.")


class RefreshTokenAuth(Part):
    """OAuth 2.0 refresh tokens (RFC 6749, section 6), each good for one use: the next is kept before it is used."""

    kind: Literal["oauth2_refresh_token"] = Field(description="The kind of authentication: OAuth 2.0, for a person.")
    secret: SecretArn = Field(
        description=(
            f"{_ARN} It is a JSON object with `client_id`, `client_secret` and `refresh_token`; ingest keeps "
            "`access_token` and `expires_at` there too."
        )
    )
    token_url: Url = Field(description="https URL of the token endpoint.")
    client_auth: Literal["basic", "body"] = Field(
        default="basic",
        description=("How the endpoint is told the client: in the `Authorization` header or in the form."),
    )


Auth = NoAuth | BearerAuth | ApiKeyAuth | BasicAuth | ClientCredentialsAuth | RefreshTokenAuth


def secret_headers(auth: Auth) -> tuple[str, ...]:
    """Names, in lower case, of the request headers that carry what is secret."""
    if isinstance(auth, NoAuth):
        return ()
    if isinstance(auth, ApiKeyAuth):
        return () if auth.header is None else (auth.header.lower(),)
    return ("authorization",)


def secret_param(auth: Auth) -> str | None:
    """The query parameter that carries a key; a service's links may repeat it."""
    return auth.param if isinstance(auth, ApiKeyAuth) else None
