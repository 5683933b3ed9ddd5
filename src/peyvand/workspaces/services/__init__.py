"""Everything that writes workspaces, members, keys and the audit trail."""

from peyvand.workspaces.services.audit import audit, note_bulk_view
from peyvand.workspaces.services.founding import begin_workspace, create_owner, create_workspace
from peyvand.workspaces.services.inviting import invitation_address, mail_invitation, revoke_invitation
from peyvand.workspaces.services.keys import create_key, revoke_key, touch_key
from peyvand.workspaces.services.members import accept_invitation, change_member, invite, put_member
from peyvand.workspaces.services.people import (
    create_first_person,
    drop_second_factor,
    end_session,
    note_session,
    put_password,
    remember_workspace,
    update_person,
)
from peyvand.workspaces.services.roles import change_role, create_role, delete_role
from peyvand.workspaces.services.settings import delete_holiday, put_holiday, set_preference, update_workspace

__all__ = [
    "accept_invitation",
    "audit",
    "begin_workspace",
    "change_member",
    "change_role",
    "create_first_person",
    "create_key",
    "create_owner",
    "create_role",
    "create_workspace",
    "delete_holiday",
    "delete_role",
    "drop_second_factor",
    "end_session",
    "invitation_address",
    "invite",
    "mail_invitation",
    "note_bulk_view",
    "note_session",
    "put_holiday",
    "put_member",
    "put_password",
    "remember_workspace",
    "revoke_invitation",
    "revoke_key",
    "set_preference",
    "touch_key",
    "update_person",
    "update_workspace",
]
