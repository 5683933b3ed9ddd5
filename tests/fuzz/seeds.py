"""What each reader is used to: from these, and from what they lead to, fuzzing makes the rest."""

import gzip
import io

import openpyxl

ITEM = (
    b'{"kind": "order.placed", "occurred_at": "2026-11-20T10:30:00+03:30",'
    b' "customer": {"identities": [{"type": "phone", "value": "09120000012"}], "company": {"own_id": "c1"}},'
    b' "amount": 1250000, "currency": "IRR", "properties": {"late": true}, "source": "shop", "external_id": "placed-1001",'
    b' "perceptions": [{"measure": "csat", "value": 4, "scale": [1, 5], "text": "\\u062e\\u0648\\u0628"}]}'
)
ORDER = (
    b'{"id": 12, "number": "12", "status": "completed", "currency": "IRR", "total": "1250000", "date_created_gmt": "2026-11-20T10:30:00",'
    b' "date_modified_gmt": "2026-11-20T10:30:00", "date_completed_gmt": "2026-11-20T10:30:00", "customer_id": 3, "line_items": [{"id": 1,'
    b' "name": "Lamp", "product_id": 7, "quantity": 1, "sku": "L-7"}], "billing": {"first_name": "Sara", "phone": "09120000012",'
    b' "email": "sara@post.example"}}'
)
MAP = (
    b'title = {en = "Orders"}\nkind = {value = "order.placed"}\n'
    b'occurred_at = {column = "date", calendar = "jalali"}\n[[identities]]\ntype = "phone"\ncolumn = "phone"\n'
)


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["date", "phone", "score"])
    book.active.append(["1405/08/30", "۰۹۱۲۰۰۰۰۰۱۲", 9])
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


SEEDS: dict[str, list[bytes]] = {
    "wire": [ITEM, b"[" + ITEM + b", " + ITEM + b"]", ITEM + b"\n" + ITEM, b"\xef\xbb\xbf[]", b'{"kind": NaN}'],
    "dates": [
        word.encode()
        for word in ("2026-11-21", "1405/08/30 14:20", "۳۰ آبان ۱۴۰۵", "21.11.2026", "2026-11-21T10:30:00+03:30", "1792839000")
    ],
    "numbers": [word.encode() for word in ("1,250,000", "۱۲۵٬۰۰۰ تومان", "-3.5e2", "۴٫۵", "12/5", "5 از 10", "★★★★")],
    "contacts": [
        word.encode()
        for word in ("09120000012", "+98 912 000 0012", "۰۹۱۲۰۰۰۰۰۱۲", "+49 30 901820", "Sara@Post.example", "سارا@مثال.ایران")
    ],
    "words": ["كتاب‌هاي خوب می‌خواهم".encode(), "سلام، دنیا ۱۲۳".encode(), b"Late delivery"],
    "tokens": [b"WzEsIjIiXQ.aGVsbG8", b"dnd4qp86s7nde", b"44m3h4j4thv87"],
    "files": [
        b"date,phone,score\n1405/08/30,09120000012,9\n",
        b"a;b\n1;2\n",
        b'{"a": 1}\n{"a": 2}\n',
        "الف\tب\n۱\t۲\n".encode("utf-16"),
        _workbook(),
    ],
    "told": [
        b"windows-1256\n;a;b\n1;2\n",
        b"mac_arabic\n,a,b\n1,2\n",
        b"utf-16\n|" + "الف|ب\n۱|۲\n".encode("utf-16"),
        b"shift-jis\n\ta\tb\n1\t2\n",
    ],
    "addresses": [b"https://hooks.example/a?b=1", b"https://[::ffff:10.0.0.1]/", b"https://127.1/", b"hooks.example:8443/x"],
    "maps": [MAP],
    "calls": [ORDER, b'{"id": 3, "email": "sara@post.example", "first_name": "Sara", "billing": {"phone": "09120000012"}}'],
    "marks": [b"t=1792839000,v1=" + b"0" * 64, b"t=1,v1=a,v1=b", b"v1=,t="],
    "redaction": ["کارت ۶۰۳۷۹۹۱۱۲۲۳۳۴۴۵۵ و کد ملی ۰۰۱۲۳۴۵۶۷۹".encode(), b"6037-9911 2233 4455", b"IR820540102680020817909002"],
    "unpacking": [gzip.compress(ITEM, mtime=0), gzip.compress(b"0" * 100_000, mtime=0), b"\x1f\x8b\x08\x00"],
    "filters": [b"channel=sms", b"order.delivered:late=true&branch=vanak", b"a==b&c="],
    "bodies": [
        b'{"at": "2026-11-20T10:30:00+03:30", "day": "2026-11-20", "number": 5.0, "share": 1e3, "names": {"a": null, "b": true}}',
        b'{"inner": [{"inner": []}]}',
    ],
}
