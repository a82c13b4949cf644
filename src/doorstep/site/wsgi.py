import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from doorstep.site.proxies import believing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.site.settings")
application = believing(get_wsgi_application(), settings.TRUSTED_PROXIES)

# What is loaded before the first request lives as long as the process: the collector need not walk it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
