"""Merges of before keep their way back: an identity that was moved remembers whom it came from first."""

from django.db import migrations


def keep_ways_back(apps, _schema_editor):
    identity, move, merge, customer = (
        apps.get_model("identities", name) for name in ("Identity", "IdentityMove", "Merge", "Customer")
    )
    merged: set[int] = set()
    for one in move.objects.filter(undone_at=None, conflict__isnull=False).order_by("pk").select_related("conflict").iterator():
        identity.objects.filter(pk=one.identity_id, home=None).update(home=one.from_customer_id)
        if one.from_customer_id in merged or not customer.objects.filter(pk=one.from_customer_id, merged_into=one.to_customer_id).exists():
            continue
        merged.add(one.from_customer_id)
        name = customer.objects.values_list("name", flat=True).get(pk=one.from_customer_id)
        merge.objects.create(
            workspace_id=one.workspace_id,
            kept_id=one.to_customer_id,
            other_id=one.from_customer_id,
            pair_id=one.conflict_id,
            taken={"name": name} if one.conflict.took_name else {},
            merged_by_id=one.moved_by_id,
            merged_at=one.moved_at,
        )


class Migration(migrations.Migration):
    dependencies = [("identities", "0004_merges")]
    operations = [migrations.RunPython(keep_ways_back, migrations.RunPython.noop)]
