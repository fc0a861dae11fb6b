"""Reads a message for Slack from standard input; ends with an error where slack_sdk refuses a block of it."""
import json
import sys

from slack_sdk.models.blocks import Block

message = json.load(sys.stdin)
for block in message["blocks"]:
    Block.parse(block).validate_json()
print(len(message["blocks"]))
