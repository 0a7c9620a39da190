"""Every code and every HTTP status that BitMart documents, in one table.

Sources: the error table of the Earn API page (80000 to 80022), the gateway's (30000 to 30031) and
the account API's, whose codes can surface next to Earn's. What a refusal means for a send is
decided here once; `earnd.exchange.bitmart.classify` only looks it up.

Two kinds of row are `UNCLEAR` although they are documented: whatever comes with HTTP 5xx, because
it may have failed after the effect; and refusals of a transfer between accounts, because a
subscription may be one half of such a transfer.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from earnd.domain.answer import Consequence as Then
from earnd.domain.answer import Outcome as Says
from earnd.exchange.bitmart.meaning import Meaning

_BUG = "This is a fault in earnd or a change of the API: please report it."
_KEY = "Correct the key, its permissions or its address list at BitMart, and the secrets here."
_KYC = "Complete the verification (KYC) at BitMart."
_NOTHING = "Nothing needs doing."
_SUPPORT = "Ask BitMart's support."

# A row stays a row: the formatter would give each of its words a line.
# fmt: off
CODES: Mapping[int, Meaning] = MappingProxyType(
    {
        1000: Meaning("OK", 200, Says.YES, Then.NONE,
            "The exchange said yes.", ""),
        # Earn, from the API page.
        80000: Meaning("Invalid request", 400, Says.REFUSED, Then.HOLD_COIN,
            "The exchange could not read the request.", _BUG),
        80001: Meaning("Product does not exist", 400, Says.REFUSED, Then.HOLD_PRODUCT,
            "The product does not exist any more.", _NOTHING),
        80002: Meaning("Insufficient balance", 400, Says.REFUSED, Then.WAIT,
            "The wallet, or the position, had less than was asked for.",
            "If it happens again, see whether something else uses the same balance: BitMart's own"
            " auto-subscribe, a trading program, or you."),
        80003: Meaning("Order amount error", 400, Says.REFUSED, Then.TOO_PRECISE,
            "The exchange does not take this amount, perhaps for its decimals.",
            "If it goes on, give the coin a lower `precision` in the configuration."),
        80004: Meaning("Insufficient product quota", 400, Says.REFUSED, Then.QUOTA_GONE,
            "The product has no room for this amount.", _NOTHING),
        80005: Meaning("Not at this time", 400, Says.REFUSED, Then.NOT_NOW,
            "The exchange takes no orders at this time of day.", _NOTHING),
        80006: Meaning("User limit exceeded", 400, Says.REFUSED, Then.CAP_REACHED,
            "The product does not take so much from this account.",
            "Set the coin's `max_per_product` to what the exchange allows."),
        80007: Meaning("User limit is inconsistent", 400, Says.REFUSED, Then.HOLD_PRODUCT,
            "The product's own limits contradict each other.", _NOTHING),
        80008: Meaning("No subscribing allowed", 400, Says.REFUSED, Then.STOP_SUBSCRIBING,
            "The exchange's risk control forbids this account to subscribe.", _SUPPORT),
        80009: Meaning("No redeeming allowed", 400, Says.REFUSED, Then.STOP_REDEEMING,
            "The exchange's risk control forbids this account to redeem.", _SUPPORT),
        80010: Meaning("Sales time limit", 400, Says.REFUSED, Then.NOT_ON_SALE,
            "The product is not on sale now.", _NOTHING),
        80011: Meaning("Sales stopped", 400, Says.REFUSED, Then.CLOSED,
            "The product is not sold any more.", _NOTHING),
        80012: Meaning("Parameter error", 400, Says.REFUSED, Then.HOLD_COIN,
            "The exchange did not accept what the request said.", _BUG),
        80013: Meaning("Idempotent request", 400, Says.SEEN, Then.NONE,
            "The exchange has seen this request number before.", _NOTHING),
        80014: Meaning("No institutional users", 400, Says.REFUSED, Then.STOP_SUBSCRIBING,
            "Accounts of institutions cannot subscribe.", _SUPPORT),
        80015: Meaning("KYC level 2 required", 400, Says.REFUSED, Then.STOP_SUBSCRIBING,
            "The account's verification (KYC) does not go far enough.",
            "Complete KYC level 2 at BitMart."),
        80016: Meaning("System error", 400, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The exchange failed, and may have carried the request out.", _NOTHING),
        80017: Meaning("Country not served", 400, Says.REFUSED, Then.STOP_ALL,
            "Earn is not offered in the account's country.", _SUPPORT),
        80018: Meaning("Product sub-type error", 400, Says.REFUSED, Then.HOLD_PRODUCT,
            "The product is of a kind that cannot be used in this way.", _BUG),
        80019: Meaning("Risk control: operation forbidden", 400, Says.REFUSED, Then.STOP_ALL,
            "The exchange's risk control forbids this account to use Earn.", _SUPPORT),
        80020: Meaning("No such asset", 400, Says.REFUSED, Then.HOLD_COIN,
            "The exchange does not know this position or coin.", _NOTHING),
        80021: Meaning("Below the minimum", 400, Says.REFUSED, Then.MINIMUM_HIGHER,
            "The amount is below the product's minimum, which may just have changed.", _NOTHING),
        80022: Meaning("Type parameter error", 400, Says.REFUSED, Then.HOLD_COIN,
            "The exchange did not accept the request's type.", _BUG),
        # The gateway, which refuses before anything is carried out.
        30000: Meaning("Not found", 404, Says.NOT_EXECUTED, Then.STOP_ALL,
            "The exchange does not have this address any more.",
            "See whether BitMart has changed or ended its Earn API."),
        30001: Meaning("X-BM-KEY is empty", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange received no access key.", _KEY),
        30002: Meaning("X-BM-KEY not found", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange does not know the access key.", _KEY),
        30003: Meaning("X-BM-KEY is frozen", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange has frozen the access key.", _SUPPORT),
        30004: Meaning("X-BM-SIGN is empty", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange received no signature.", _BUG),
        30005: Meaning("X-BM-SIGN is wrong", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The signature is wrong: the secret key or the memo is not that of the access key.",
            _KEY),
        30006: Meaning("Timestamp is empty", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange received no timestamp.", _BUG),
        30007: Meaning("Timestamp out of range", 401, Says.NOT_EXECUTED, Then.FIX_CLOCK,
            "This machine's clock is too far from the exchange's.",
            "Set the clock right, best by time synchronisation."),
        30008: Meaning("Timestamp malformed", 401, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The exchange could not read the timestamp.", _BUG),
        30010: Meaning("IP forbidden", 403, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The key may not be used from this machine's address.", _KEY),
        30011: Meaning("X-BM-KEY has expired", 403, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The access key has expired.", _KEY),
        30012: Meaning("Key lacks permission", 403, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The key may not do this: it needs the permissions Read-only and Finance.", _KEY),
        30013: Meaning("Too many requests", 429, Says.NOT_EXECUTED, Then.BACK_OFF,
            "The exchange was asked too often.",
            "Stop other programs that use the same key or address, if there are any."),
        30014: Meaning("Service unavailable", 503, Says.UNCLEAR, Then.BACK_OFF,
            "The exchange is not available.", _NOTHING),
        30016: Meaning("Maintenance", 200, Says.NOT_EXECUTED, Then.BACK_OFF,
            "The exchange is being maintained.", _NOTHING),
        30017: Meaning("Blocked", 418, Says.NOT_EXECUTED, Then.STOP_ALL,
            "The exchange blocks us for asking too often.", _SUPPORT),
        30018: Meaning("Body must be JSON", 503, Says.UNCLEAR, Then.HOLD_COIN,
            "The exchange could not read the request as JSON.", _BUG),
        30019: Meaning("No permission", 200, Says.NOT_EXECUTED, Then.FIX_CREDENTIALS,
            "The key may not do this: it needs the permissions Read-only and Finance.", _KEY),
        30030: Meaning("Futures V1 deprecated", 200, Says.NOT_EXECUTED, Then.STOP_ALL,
            "The exchange took the request for one of an old API.", _BUG),
        30031: Meaning("Endpoint deprecated", 200, Says.NOT_EXECUTED, Then.STOP_ALL,
            "The exchange has ended this part of its API.",
            "See whether BitMart has changed or ended its Earn API."),
        # The account API. These refuse the account or the call itself.
        53000: Meaning("Account frozen", 403, Says.REFUSED, Then.STOP_ALL,
            "The exchange has frozen the account.", _SUPPORT),
        53001: Meaning("Country not served", 403, Says.REFUSED, Then.STOP_ALL,
            "The service is not offered in the account's country.", _SUPPORT),
        53002: Meaning("KYC required", 403, Says.REFUSED, Then.STOP_ALL,
            "The account is not verified.", _KYC),
        53005: Meaning("Interface not permitted", 403, Says.REFUSED, Then.FIX_CREDENTIALS,
            "The account may not use this part of the API.", _KEY),
        53006: Meaning("KYC required", 403, Says.REFUSED, Then.STOP_ALL,
            "The account is not verified.", _KYC),
        53007: Meaning("KYC required", 403, Says.REFUSED, Then.STOP_ALL,
            "The account is not verified.", _KYC),
        53008: Meaning("Country not served", 403, Says.REFUSED, Then.STOP_ALL,
            "The service is not offered in the account's country.", _SUPPORT),
        60026: Meaning("Not for sub-accounts", 403, Says.REFUSED, Then.STOP_ALL,
            "A sub-account may not do this.", "Use a key of the main account."),
        60028: Meaning("Frozen for security", 403, Says.REFUSED, Then.STOP_ALL,
            "The account is frozen for security.", _SUPPORT),
        60029: Meaning("Frozen by the main account", 403, Says.REFUSED, Then.STOP_ALL,
            "The main account has frozen this one.", "Unfreeze it from the main account."),
        60030: Meaning("Method not allowed", 405, Says.REFUSED, Then.STOP_ALL,
            "The exchange does not take this kind of request here.", _BUG),
        60031: Meaning("Media type not supported", 415, Says.REFUSED, Then.STOP_ALL,
            "The exchange does not take this kind of content.", _BUG),
        60063: Meaning("Frozen for security", 403, Says.REFUSED, Then.STOP_ALL,
            "The account is frozen for security.", _SUPPORT),
        # These speak of a transfer between accounts, which may be half done.
        60000: Meaning("Bad request", 400, Says.UNCLEAR, Then.HOLD_COIN,
            "The account service could not read a request.", _BUG),
        60001: Meaning("No such account type", 400, Says.UNCLEAR, Then.HOLD_COIN,
            "The account service does not know this kind of account.", _BUG),
        60002: Meaning("No such currency", 400, Says.UNCLEAR, Then.HOLD_COIN,
            "The account service does not know this coin.", _NOTHING),
        60008: Meaning("Balance not enough", 400, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account had less than was asked for.", _NOTHING),
        60052: Meaning("Account service exception", 400, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account service failed.", _NOTHING),
        61001: Meaning("Insufficient balance", 400, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account had less than was asked for.", _NOTHING),
        61004: Meaning("Duplicate request", 400, Says.SEEN, Then.NONE,
            "The account service has seen this request number before.", _NOTHING),
        61005: Meaning("Transfer not available", 403, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account service makes no transfers now.", _NOTHING),
        60050: Meaning("User not found", 500, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account service did not find the account.", _SUPPORT),
        60051: Meaning("Account service error", 500, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account service failed.", _NOTHING),
        59002: Meaning("Account service error", 500, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The account service failed.", _NOTHING),
    }
)

_UNKNOWN = Meaning("Unknown", 0, Says.UNCLEAR, Then.NEXT_CYCLE,
    "The exchange answered in a way that no document describes.", _BUG)

STATUSES: Mapping[int, Meaning] = MappingProxyType(
    {
        200: _UNKNOWN,
        300: Meaning("Redirect", 300, Says.UNCLEAR, Then.STOP_ALL,
            "The exchange's address pointed somewhere else, and earnd does not follow.",
            "Check `exchange.base_url` and the network in between."),
        400: _UNKNOWN,
        401: Meaning("Unauthorized", 401, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The exchange refused us without saying why.", _KEY),
        403: Meaning("Forbidden", 403, Says.UNCLEAR, Then.BACK_OFF,
            "The network in front of the exchange did not let the request through.",
            "If it lasts: BitMart may not serve this machine's address."),
        404: Meaning("Not found", 404, Says.UNCLEAR, Then.STOP_ALL,
            "The exchange does not have this address any more.",
            "See whether BitMart has changed or ended its Earn API."),
        418: Meaning("Blocked", 418, Says.UNCLEAR, Then.STOP_ALL,
            "The exchange blocks us for asking too often.", _SUPPORT),
        429: Meaning("Too many requests", 429, Says.UNCLEAR, Then.BACK_OFF,
            "The exchange was asked too often.",
            "Stop other programs that use the same key or address, if there are any."),
        500: Meaning("Server error", 500, Says.UNCLEAR, Then.NEXT_CYCLE,
            "The exchange failed, and may have carried the request out.", _NOTHING),
        503: Meaning("Service unavailable", 503, Says.UNCLEAR, Then.BACK_OFF,
            "The exchange, or the network in front of it, is not available.", _NOTHING),
    }
)
"""What a status means when the body does not say more; 300, 400 and 500 stand for their class."""

# fmt: on


def meaning_of_status(status: int) -> Meaning:
    """The row of a status, or of its class, or that of the unknown."""
    return STATUSES.get(status) or STATUSES.get(status // 100 * 100, _UNKNOWN)


def meaning_of(status: int, code: int | None) -> Meaning:
    """The row of a code that came with its documented status; else that of the status."""
    row = CODES.get(code) if code is not None else None
    return row if row is not None and row.http_status == status else meaning_of_status(status)
