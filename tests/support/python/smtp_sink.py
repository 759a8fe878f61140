# A mail server for the tests: takes every letter and prints it, one line of JSON each. With a user and a
# password it wants to be signed in to. Ends when its standard input does.
import json
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=policy.default)
        told = {
            "to": envelope.rcpt_tos,
            "sender": str(letter["From"]),
            "subject": str(letter["Subject"]),
            "id": str(letter["Message-ID"]),
            "text": letter.get_content(),
        }
        print(json.dumps(told), flush=True)
        return "250 taken"


def signs_in(server, session, envelope, mechanism, auth_data):
    known = (sys.argv[2].encode(), sys.argv[3].encode())
    # Not handled: the server itself says no.
    return AuthResult(success=(auth_data.login, auth_data.password) == known, handled=False)


more = {}
if len(sys.argv) > 3:
    more = {"authenticator": signs_in, "auth_required": True, "auth_require_tls": False}
controller = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]), **more)
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
