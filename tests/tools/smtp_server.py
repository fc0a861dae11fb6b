"""A mail server on loopback. Arguments: port, file for what arrives, how many mails to refuse with 451 first,
and for STARTTLS with a login (desk, sesame) a certificate and its key. Prints "ready" when it listens."""
import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, path, refusals = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


class Handler:
    def __init__(self):
        self.left = refusals

    async def handle_DATA(self, server, session, envelope):
        if self.left > 0:
            self.left -= 1
            return "451 try again later"
        with open(path, "a", encoding="utf-8") as file:
            mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None, "mail": envelope.content.decode()}
            file.write(json.dumps(mail) + "\n")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"sesame")
    return AuthResult(success=good, handled=False)


options = {}
if len(sys.argv) > 4:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
controller = Controller(Handler(), hostname="127.0.0.1", port=port, **options)
controller.start()
print("ready", flush=True)
while True:
    time.sleep(60)
