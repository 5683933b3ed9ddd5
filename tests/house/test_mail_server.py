"""The mailbox tests use is a real one."""

import smtplib
from email.message import EmailMessage


def test_a_mail_sent_by_smtp_is_read_by_imap(mail_server):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "shop@example.com", "alice@example.com", "نظر شما دربارهٔ خریدتان"
    letter.set_content("سلام آلیس")
    with smtplib.SMTP(mail_server.host, mail_server.smtp_port) as connection:
        connection.send_message(letter)
    (read,) = mail_server.messages("alice@example.com")
    assert read["Subject"] == "نظر شما دربارهٔ خریدتان"
    assert read.get_content().strip() == "سلام آلیس"
    assert mail_server.messages("bob@example.com", seconds=0) == []
