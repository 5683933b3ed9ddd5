"""A person with a canary in every field of every door, and a search for canaries through all that is on disk."""

import datetime as dt
import email
import gzip
import io
import time
import zipfile
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from peyvand.cases.models import Case
from peyvand.cases.services.working import add_note as note_in_case
from peyvand.cases.services.working import send_message
from peyvand.channels.models import Channel, Outgoing
from peyvand.channels.services.refusing import note_refusal
from peyvand.channels.services.sending import deliver
from peyvand.core import clock, jobs
from peyvand.core.models import Job
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.merging import merge_by_hand
from peyvand.customers.services.moments import Call, add_words, log_call, record_opinion, write_note
from peyvand.customers.services.people import add_identity, rename, save_preferences
from peyvand.edge.services import Repeatable, keep_answers
from peyvand.identities.models import Customer, Identity
from peyvand.imports import services as imports
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.answering import keep_score, submit
from peyvand.surveys.types import InvitationState
from peyvand.timeline.lake import places as lake
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.reading import READABLE
from peyvand.timeline.services import note_failure, record
from peyvand.timeline.services.redacting import ABOUT
from peyvand.timeline.subscriptions import run_once
from peyvand.timeline.types import ConsentIn, CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import Workspace

LONGEST_WAIT = 120.0
CANARY = "zebrafink"
PERSIAN = "قناری‌زرد"
PHONE, PHONE_WRITTEN = "09127731846", "۰۹۱۲۷۷۳۱۸۴۶"
MAIL = f"{CANARY}@kanarie.ir"
NAME = f"{PERSIAN} {CANARY}پور"
NEEDLES = (CANARY, PERSIAN, "9127731846", "۹۱۲۷۷۳۱۸۴۶")
MAP = """source = "orders"
[customer]
identities = { phone = "phone" }
[[interactions]]
kind = "order.placed"
occurred_at = "date"
properties = { number = "words" }
"""


def said(field: str) -> str:
    """A text of the person for one field, in both scripts."""
    return f"{PERSIAN} {CANARY} {field}"


def item(kind: str, n: int, **more: object) -> Item:
    known = [
        IdentityIn("own_id", f"{CANARY}-7"),
        IdentityIn("phone", PHONE),
        IdentityIn("email", MAIL),
        IdentityIn("device", f"{CANARY}-device"),
    ]
    customer = CustomerIn(
        identities=known,
        name=NAME,
        language="fa",
        attributes={"city": said("city")},
        consents=[ConsentIn("survey", "email", granted=True)],
    )
    at = clock.now() - dt.timedelta(hours=50 - n)
    return Item(kind=kind, occurred_at=at, customer=customer, source="shop", external_id=f"{CANARY}-{n}", **more)  # type: ignore[arg-type]


def live(workspace: Workspace) -> Customer:
    """Let the person come in by every door and be written about in every place; gives who it is."""
    member = workspace.members.select_related("user").get()
    owner = member.user
    felt = [PerceptionIn("csat", 1, (1.0, 5.0), text=said("opinion of an order"))]
    record(
        workspace.pk,
        item(
            "order.placed",
            1,
            amount=1_250_000,
            currency="IRR",
            subject=Subject("order", said("order")),
            properties={"number": said("number"), "lines": [{"name": said("line")}]},
        ),
    )
    record(
        workspace.pk,
        item(
            "order.delivered",
            2,
            subject=Subject("order", said("order")),
            perceptions=felt,
            properties={"late": True, "carrier": said("carrier"), "free": {said("key"): said("inner")}},
        ),
    )
    record(workspace.pk, item("site.searched", 3, properties={"query": said("query"), "results": 4}))
    settle()
    customer = Identity.objects.get(workspace=workspace, value=MAIL).customer
    _by_hand(workspace, customer)
    _asked(workspace, customer)
    settle()
    case = Case.objects.filter(customer=customer).earliest("pk")
    note_in_case(case=case, actor=member, text=said("note in a case"))
    send_message(case=case, actor=member, subject=said("subject"), text=said("mail"))
    for outgoing in Outgoing.objects.filter(customer=customer):
        deliver(outgoing.pk)
    _refused(customer)
    _brought_in(workspace, owner)
    _in_the_machine(workspace, customer)
    settle()
    return customer


def _by_hand(workspace: Workspace, customer: Customer) -> None:
    owner = workspace.members.get().user
    opinion = record_opinion(customer=customer, score=2, actor=owner)
    add_words(customer=customer, recorded=opinion, text=said("spoken words"), actor=owner)
    log_call(customer=customer, call=Call("in", "reached", "late", said("call note"), 60.0), actor=owner)
    write_note(customer=customer, text=said("note"), actor=owner)
    save_preferences(customer=customer, channel="email", hour="morning", note=said("wish"), actor=owner)
    set_consent(customer=customer, purpose="marketing", channel="email", granted=False, source="phone", note=said("consent"), actor=owner)
    rename(customer=customer, name=NAME + "۲", actor=owner)
    add_identity(customer=customer, type_name="messenger", value=f"telegram:{CANARY}", actor=owner)
    record(
        workspace.pk,
        Item(
            kind="site.visited",
            occurred_at=clock.now(),
            customer=CustomerIn(identities=[IdentityIn("device", f"{CANARY}-other")], name=said("twin")),
            source="shop",
            properties={"url": said("url")},
        ),
    )
    settle()
    twin = Identity.objects.get(workspace=workspace, value=f"{CANARY}-other").customer
    merge_by_hand(kept=customer, other=twin, actor=owner)
    shared = CustomerIn(identities=[IdentityIn("own_id", "another-9"), IdentityIn("email", MAIL)], name="Somebody Else")
    record(workspace.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=shared, source="shop", external_id="shared"))


def _asked(workspace: Workspace, customer: Customer) -> None:
    survey = workspace.surveys.earliest("pk")
    invitation = Invitation.objects.create(
        workspace=workspace, survey=survey, customer=customer, nonce="n", send_at=clock.now(), sent_at=clock.now(),
        state=InvitationState.SENT, slices={"subject_type": "order", "subject_id": said("order")},
    )  # fmt: skip
    keep_score(invitation=invitation, score=survey.scale.low, language="fa")
    submit(invitation=invitation, reasons=[], words=said("answer"))


def _refused(customer: Customer) -> None:
    outgoing = Outgoing.objects.filter(customer=customer).earliest("pk")
    note_refusal(outgoing=outgoing, reason=said("refusal"))


def _brought_in(workspace: Workspace, owner: object) -> None:
    rows = f"date,phone,words\n2026-06-01,{PHONE_WRITTEN},{said('row')}\nnever,{PHONE},{said('bad row')}\n2026-06-02,09120000001,fine\n"
    one = imports.store(
        workspace=workspace, name=f"{PHONE}.csv.gz", files={"main": (f"{PHONE}.csv.gz", [gzip.compress(rows.encode())])}, actor=None
    )
    imports.set_map(one=one, text=MAP)
    imports.start(one=one, actor=None, here=True)
    imports.run(one.pk)


def _in_the_machine(workspace: Workspace, customer: Customer) -> None:
    keep_answers([(Repeatable(workspace.pk, f"key-{CANARY}", "hash"), 200, f'{{"reason": "{MAIL}"}}'.encode())])
    interaction = Interaction.objects.filter(identity__customer=customer).latest("pk").pk
    note_failure("nobody", workspace.pk, interaction, ValueError(said("failure")))
    jobs.enqueue(name="core.none", payload={"to": MAIL}, workspace_id=workspace.pk)
    Job.objects.filter(name="core.none").update(state=2, error=f"{MAIL} was refused, {NAME}", failed_at=clock.now())
    complained = {"name": "Shop", "address_token": "t", "last_error": f"billing: {MAIL}"}
    Channel.objects.update_or_create(workspace=workspace, kind="woocommerce", defaults=complained)


def settle() -> None:
    """Let every reader of the timeline and the lake catch up, once no transaction of others on this server holds them back."""
    end = time.monotonic() + LONGEST_WAIT
    while connection.vendor == "postgresql" and _held_back() and time.monotonic() < end:
        time.sleep(0.1)
    while run_once():
        pass
    while flush_once():
        pass
    snapshot_identities()


def _held_back() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM timeline_interaction i WHERE NOT {READABLE})")
        return bool(cursor.fetchone()[0])


def ledger() -> dict[str, object]:
    """What is counted of all that happened, from the records and from the lake; moments to the quarter of an hour."""
    kinds = dict(Interaction.objects.values_list("kind").annotate(n=Count("pk")))
    told = lake.open_table(lake.INTERACTIONS).to_pyarrow_table()
    felt = lake.open_table(lake.PERCEPTIONS).to_pyarrow_table()
    moments = [str(moment - moment % ABOUT) for moment in told["occurred_at"].cast("int64").to_pylist()]
    return {
        "kinds": kinds,
        "amounts": Interaction.objects.aggregate(n=Sum("amount"))["n"],
        "scores": sorted(Perception.objects.values_list("measure", "value", "low", "high"), key=str),
        "lake": sorted(zip(told["id"].to_pylist(), told["kind"].to_pylist(), moments, strict=True)),
        "lake scores": sorted(zip(felt["id"].to_pylist(), map(str, felt["value"].to_pylist()), strict=True)),
    }


def places() -> Iterator[tuple[str, str]]:
    """Everything on disk as text: each column of each table, each file unpacked, the raw bytes of the database's file."""
    yield from _tables()
    for path in sorted(Path(settings.PEYVAND_DATA).rglob("*")):
        if path.is_file():
            for text in _texts(path.name, path.read_bytes()):
                yield str(path), f"{path.name}\n{text}"
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        for ending in ("", "-wal", "-journal"):
            if (path := file.with_name(file.name + ending)).exists():
                yield f"bytes of {path.name}", path.read_bytes().decode("utf-8", "replace")


def _tables() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(columns, row, strict=True):
                    yield (
                        f"{table}.{name}",
                        bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value),
                    )


def _texts(name: str, content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    if content[:4] == b"PAR1":
        yield str(pq.read_table(io.BytesIO(content)).to_pylist())
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content).decode("utf-8", "replace")
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _texts(member, archive.read(member))
    elif name.endswith(".eml"):
        mail = email.message_from_bytes(content, policy=policy.default)
        yield "\n".join(
            [*map(str, mail.values()), *(str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text")]
        )


def found() -> set[str]:
    """Where canaries stand: columns as table.column, files by their name, the database's bytes."""
    forms = [*NEEDLES, *(needle.encode("ascii", "backslashreplace").decode() for needle in NEEDLES if not needle.isascii())]
    return {place for place, text in places() if any(form in text or form in text.casefold() for form in forms)}
