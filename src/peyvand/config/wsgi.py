"""Django as a WSGI application: run by the edge's bridge alone, which bounds bodies and knows who calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")

application = get_wsgi_application()
