"""Django as a WSGI application: run by the edge's bridge, or by granian where web machines are scaled out."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")

application = get_wsgi_application()
