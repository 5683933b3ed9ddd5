"""Addresses of workspaces; console ones are written without `/w/<slug>`."""

from django.urls import path, re_path

from peyvand.workspaces.views import (
    account,
    audit,
    brand,
    holidays,
    invitations,
    keys,
    language,
    members,
    roles,
    settings,
    setup,
    single_sign_on,
)

app_name = "workspaces"
urlpatterns = [
    path("brand/<slug:slug>/<str:colour>.css", brand.brand_css, name="brand_css"),
    re_path(r"^brand/(?P<slug>[a-z0-9-]{1,40})/logo/(?P<name>[0-9a-f]{20})\.png$", brand.logo, name="logo"),
    path("language/", language.language, name="language"),
    path("setup/", setup.setup, name="setup"),
    path("workspaces/new/", setup.found, name="found"),
    path("workspaces/none/", setup.nowhere, name="nowhere"),
    path("invitation/<slug:token>/", invitations.invitation, name="invitation"),
    path("sso/<slug:slug>/", single_sign_on.begin, name="sign_on_begin"),
    path("sso/<slug:slug>/back/", single_sign_on.back, name="sign_on_back"),
    path("settings/", settings.index, name="settings"),
    path("settings/brand/", settings.brand, name="brand"),
    path("settings/brand/preview/", settings.brand_preview, name="brand_preview"),
    path("settings/region/", settings.region, name="region"),
    path("settings/hours/", settings.hours, name="hours"),
    path("settings/holidays/", holidays.holidays, name="holidays"),
    path("settings/holidays/offered/", holidays.take, name="take_holidays"),
    path("settings/holidays/<pid:pid>/remove/", holidays.remove, name="remove_holiday"),
    path("settings/members/", members.members, name="members"),
    path("settings/members/<pid:pid>/", members.member, name="member"),
    path("settings/sign-on/", single_sign_on.setting, name="sign_on"),
    path("settings/sign-on/remove/", single_sign_on.remove, name="remove_sign_on"),
    path("settings/roles/", roles.roles, name="roles"),
    path("settings/roles/new/", roles.new_role, name="new_role"),
    path("settings/roles/<pid:pid>/", roles.role, name="role"),
    path("settings/roles/<pid:pid>/delete/", roles.delete, name="delete_role"),
    path("settings/invitations/<pid:pid>/revoke/", members.revoke, name="revoke_invitation"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<pid:pid>/revoke/", keys.revoke, name="revoke_key"),
    path("settings/account/", account.account, name="account"),
    path("settings/account/sessions/", account.end, name="end_session"),
    path("settings/audit/", audit.trail, name="audit"),
    path("settings/audit/export/", audit.export, name="export_audit"),
]
