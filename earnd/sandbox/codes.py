"""Every code the exchange answers with: its words, its HTTP status, a refusal carrying it."""

from __future__ import annotations

from dataclasses import dataclass

OK = 1000

INVALID_REQUEST = (
    "Invalid request (maybe the body is empty, or the int parameter passes string data)"
)
LIMIT_MISFITS = (
    "User cumulative subscription limit should be less than total issuance"
    " and greater than minimum subscription amount"
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of the exchange's error tables."""

    message: str
    status: int


EARN_CODES: dict[int, CodeRow] = {
    code: CodeRow(message, 400)
    for code, message in (
        (
            80000,
            "Invalid request (maybe the body is empty, or the int parameter passes string data)",
        ),
        (80001, "Product does not exist"),
        (80002, "Insufficient balance"),
        (80003, "Order amount error, such as precision exception"),
        (80004, "Insufficient product quota"),
        (80005, "Orders are not processed in this time period"),
        (80006, "User cumulative subscription exceeds the limit"),
        (80007, LIMIT_MISFITS),
        (80008, "Risk control restriction, no permission to subscribe"),
        (80009, "Risk control restriction, no permission to redeem"),
        (80010, "Product sales time limit, end time is less than start time"),
        (80011, "Product sales have been stopped"),
        (80012, "Parameter error"),
        (80013, "Idempotent request"),
        (80014, "Institutional users cannot subscribe"),
        (80015, "Invalid kyc level, kyc level 2 verification required"),
        (80016, "System error"),
        (80017, "Earn invalid country, service unavailable"),
        (80018, "Product sub-type error"),
        (80019, "Risk control restriction, no permission to operate for this business type"),
        (80020, "No such asset"),
        (80021, "Subscription amount should be greater than the minimum order amount"),
        (80022, "Type parameter error"),
    )
}

GATEWAY_CODES: dict[int, CodeRow] = {
    30000: CodeRow("Not found", 404),
    30001: CodeRow("Header X-BM-KEY is empty", 401),
    30002: CodeRow("Header X-BM-KEY not found", 401),
    30003: CodeRow("Header X-BM-KEY has frozen", 401),
    30004: CodeRow("Header X-BM-SIGN is empty", 401),
    30005: CodeRow("Header X-BM-SIGN is wrong", 401),
    30006: CodeRow("Header X-BM-TIMESTAMP is empty", 401),
    30007: CodeRow("Header X-BM-TIMESTAMP range. Within a minute", 401),
    30008: CodeRow("Header X-BM-TIMESTAMP invalid format", 401),
    30010: CodeRow(
        "IP is forbidden. We recommend enabling IP whitelist for API trading."
        " After that reauth your account",
        403,
    ),
    30011: CodeRow("Header X-BM-KEY over expire time", 403),
    30012: CodeRow("Header X-BM-KEY is forbidden to request it", 403),
    30013: CodeRow("Request too many requests", 429),
    30014: CodeRow("Service unavailable", 503),
    30016: CodeRow("Service maintenance, the function is temporarily unavailable", 200),
    30017: CodeRow("Your account request is temporarily rejected due to violation of limits", 418),
    30018: CodeRow("Request Body requires JSON format", 503),
    30019: CodeRow("You don't have the permissions to perform this operation", 200),
    30030: CodeRow("Futures V1 is deprecated", 200),
    30031: CodeRow("This endpoint has been deprecated. Please refer to the document", 200),
}

SAID_AS_MSG = frozenset({30000, 30030})
"""Seen on the live gateway: these carry their words in `msg` instead of `message`."""


class Refusal(Exception):
    """The exchange says no, and nothing has changed."""

    def __init__(self, code: int) -> None:
        row = EARN_CODES.get(code) or GATEWAY_CODES[code]
        super().__init__(f"{code} {row.message}")
        self.code = code
        self.message = row.message
        self.status = row.status
