"""Static files in production: hashed names, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import ... from "./x.js"` inside our ES modules, so that one release never mixes with the next."""

    support_js_module_import_aggregation = True
