"""What each fault means, in the words of the tray."""

FAULTS = {
    "reply_lost": "The answer to a call is lost, the call was carried out",
    "request_lost": "A call is lost before anything was done",
    "ratelimited": "Too many calls (429)",
    "http_500": "Slack has an error (500)",
    "slow_reply": "An answer takes its time",
    "token_revoked": "The token is revoked",
    "account_inactive": "The account is inactive",
    "missing_scope": "A scope is missing",
    "slack_file_refused": "A picture from an upload is refused",
    "chart_refused": "A chart is refused",
    "share_dropped": "An upload is never shared",
    "share_delayed": "An upload is shared late",
    "socket_drop": "The socket breaks",
    "disconnect": "Slack asks the socket to reconnect",
    "redelivery": "An event comes again",
    "duplicate": "An event comes again under another id",
    "reorder": "Two events change places",
    "ack_lost": "An acknowledgement is lost",
    "delivery_lost": "An event never arrives",
}
