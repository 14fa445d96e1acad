"""Error messages that say how to solve the problem."""

from __future__ import annotations

from botocore import exceptions
from botocore.exceptions import ClientError

NO_CREDENTIALS = (
    exceptions.CredentialRetrievalError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)
UNREACHABLE = (exceptions.ConnectionError, exceptions.HTTPClientError)

CREDENTIALS_REFUSED = {
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}
BUSY = {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}


class Problem(Exception):
    """An error message for the user."""


def sentence(problem: Exception) -> str:
    """Returns the error message for any exception."""
    if isinstance(problem, Problem):
        return str(problem)
    if isinstance(problem, ClientError):
        return refusal(problem)
    if isinstance(problem, exceptions.NoRegionError):
        return "no region is known: say --region, such as --region eu-central-1"
    if isinstance(problem, NO_CREDENTIALS):
        return (
            f"there are no AWS credentials to use ({problem}): sign in to AWS, or set AWS_PROFILE"
        )
    if isinstance(problem, UNREACHABLE):
        return f"Cognito cannot be reached ({problem}): check the network and --region"
    return f"Cognito cannot be asked: {problem}"


def refusal(error: ClientError) -> str:
    """Returns the error message for an error of Cognito's."""
    code = error.response.get("Error", {}).get("Code", "")
    words = error.response.get("Error", {}).get("Message", "")
    operation = error.operation_name
    if code == "AccessDeniedException":
        return (
            f"your AWS credentials may not do that: allow them cognito-idp:{operation} "
            "(README.md has the whole list)"
        )
    if code in CREDENTIALS_REFUSED:
        return f"AWS does not accept your credentials ({code}): sign in to AWS again"
    if code in BUSY:
        return (
            f"Cognito has too much to do ({code}, after several tries): run the same command "
            "again in a minute, it goes on where it stopped"
        )
    if code == "InvalidPasswordException":
        return f"the pool refuses that password: {words}"
    return f"Cognito refuses {operation}: {words} ({code})"
