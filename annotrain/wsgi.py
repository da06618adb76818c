"""The web server's entrance (granian --interface wsgi annotrain.wsgi:application)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotrain.settings")
application = get_wsgi_application()
