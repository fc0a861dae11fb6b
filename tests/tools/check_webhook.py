"""Reads [key, headers, body] from standard input; ends with an error where the signature does not verify."""
import json
import sys

from standardwebhooks.webhooks import Webhook

key, headers, body = json.load(sys.stdin)
Webhook(key).verify(body, headers)
print("verified")
