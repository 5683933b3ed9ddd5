"""Addresses of the desk: Pulse and figures, customers, search. Written without the workspace's `/w/<slug>`."""

from django.urls import path

from peyvand.desk.views import companies, conflicts, customers, editing, figures, finding, merging, person, pulse, recording, stages, start

app_name = "desk"
urlpatterns = [
    path("", pulse.pulse, name="pulse"),
    path("pulse/<str:measure>/", figures.measure_page, name="measure"),
    path("pulse/<str:measure>/answers/", figures.answers, name="answers"),
    path("start/", start.start, name="start"),
    path("find/", finding.find, name="find"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export/", customers.export, name="customers_export"),
    path("customers/flow/", stages.stage_flow, name="stage_flow"),
    path("customers/new/", customers.new, name="customer_new"),
    path("customers/companies/", companies.company_list, name="companies"),
    path("customers/companies/new/", companies.company_new, name="company_new"),
    path("customers/companies/<pid:pid>/", companies.company, name="company"),
    path("customers/companies/<pid:pid>/edit/", companies.company_edit, name="company_edit"),
    path("customers/companies/<pid:pid>/merge/", companies.company_merge, name="company_merge"),
    path("customers/companies/<pid:pid>/separate/", companies.company_separate, name="company_separate"),
    path("customers/conflicts/", conflicts.conflicts, name="conflicts"),
    path("customers/conflicts/crowds/<pid:pid>/settled/", conflicts.settle, name="crowd_settled"),
    path("customers/conflicts/<pid:pid>/<str:decision>/", conflicts.decide, name="conflict_decide"),
    path("customers/<pid:pid>/", person.customer, name="customer"),
    path("customers/<pid:pid>/history/", person.history, name="customer_history"),
    path("customers/<pid:pid>/opinion/", recording.opinion, name="customer_opinion"),
    path("customers/<pid:pid>/words/", recording.words, name="customer_words"),
    path("customers/<pid:pid>/call/", recording.call, name="customer_call"),
    path("customers/<pid:pid>/note/", recording.note, name="customer_note"),
    path("customers/<pid:pid>/undo/", recording.undo, name="customer_undo"),
    path("customers/<pid:pid>/edit/", editing.edit, name="customer_edit"),
    path("customers/<pid:pid>/identity/", editing.identity, name="customer_identity"),
    path("customers/<pid:pid>/merge/", merging.merge, name="customer_merge"),
    path("customers/<pid:pid>/merge/<pid:merge>/undo/", merging.undo, name="customer_unmerge"),
    path("customers/<pid:pid>/company/", companies.customer_company, name="customer_company"),
    path("customers/<pid:pid>/consent/", editing.consent, name="customer_consent"),
]
