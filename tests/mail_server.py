"""A real mailbox for tests: mail comes in by SMTP and is read by IMAP from Dovecot, each on a free port, in a folder of its own."""

import email
import grp
import imaplib
import mailbox
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller

from tests.ports import free_port
from tests.waiting import PATIENCE, until

HOST = "127.0.0.1"
PASSWORD = "only-for-tests"
BEFORE_2_4 = """\
disable_plaintext_auth = no
mail_location = maildir:{place}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/mail/%u
}}
"""
SINCE_2_4 = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {place}/mail/%{{user}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {place}/mail/%{{user}}
  }}
}}
"""
CONFIGURATION = """\
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/dovecot.log
protocols = imap
listen = {host}
ssl = no
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Delivery:
    """What the SMTP server does with a mail: into the Maildir of each recipient."""

    def __init__(self, place: Path, owner: tuple[int, int]) -> None:
        self.place, self.owner = place, owner

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - named by aiosmtpd
        for recipient in envelope.rcpt_tos:
            folder = self.place / recipient
            mailbox.Maildir(folder).add(envelope.content)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *self.owner)
        return "250 kept"


class MailServer:
    """Where to send, and what has arrived."""

    def __init__(self, smtp_port: int, imap_port: int) -> None:
        self.host, self.smtp_port, self.imap_port = HOST, smtp_port, imap_port

    def messages(self, address: str, *, at_least: int = 1, seconds: float = PATIENCE) -> list[EmailMessage]:
        """Read a person's mails by IMAP, oldest first, waiting until there are enough of them."""
        end = time.monotonic() + seconds
        while len(found := self._inbox(address)) < at_least and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def _inbox(self, address: str) -> list[EmailMessage]:
        with imaplib.IMAP4(self.host, self.imap_port, timeout=10) as connection:
            connection.login(address, PASSWORD)
            connection.select("INBOX", readonly=True)
            numbers = connection.search(None, "ALL")[1][0].split()
            return [email.message_from_bytes(connection.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=default) for number in numbers]


@contextmanager
def running(dovecot: str) -> Iterator[MailServer]:
    """Run both servers until the block ends."""
    place = Path(tempfile.mkdtemp(prefix="peyvand-mail-"))  # a short path: a Unix socket's name has at most 107 characters
    place.chmod(0o755)
    port = free_port()
    reader, owner = _users()
    shape = (SINCE_2_4 if _version(dovecot) >= (2, 4) else BEFORE_2_4) + CONFIGURATION
    written = shape.format(place=place, host=HOST, port=port, password=PASSWORD, uid=owner[0], gid=owner[1], **reader)
    (place / "dovecot.conf").write_text(written)
    smtp = Controller(Delivery(place / "mail", owner), hostname=HOST, port=free_port(), ready_timeout=PATIENCE)
    (place / "mail").mkdir()
    os.chown(place / "mail", *owner)
    process = subprocess.Popen([dovecot, "-F", "-c", str(place / "dovecot.conf")])
    try:
        _wait_for(port, process, place / "dovecot.log")
        smtp.start()
        yield MailServer(smtp.port, port)
    finally:
        if smtp.loop.is_running():
            smtp.stop()
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(place, ignore_errors=True)


def _version(dovecot: str) -> tuple[int, int]:
    said = subprocess.run([dovecot, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split(".")[:2]
    return int(major), int(minor)


def _users() -> tuple[dict[str, str], tuple[int, int]]:
    """Whom Dovecot runs as, and who owns the mail: its own users where root starts it, else whoever we are."""
    if os.geteuid():
        me = pwd.getpwuid(os.geteuid())
        name, group = me.pw_name, grp.getgrgid(os.getegid()).gr_name
        return {"internal": name, "login": name, "group": group}, (me.pw_uid, os.getegid())
    mail = pwd.getpwnam("mail")
    return {"internal": "dovecot", "login": "dovenull", "group": "dovecot"}, (mail.pw_uid, mail.pw_gid)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until(lambda: process.poll() is not None or _listens(port), "Dovecot did not start", every=0.1)
    assert process.poll() is None, f"Dovecot ended: {log.read_text() if log.exists() else 'it said nothing'}"
