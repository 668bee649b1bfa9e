"""Settings of the tests: the real ones, in a throw-away home."""

import atexit
import os
import shutil
import tempfile

# Always a fresh one: pytest-xdist's children inherit the environment of their parent.
HOME_OF_THIS_PROCESS = tempfile.mkdtemp(prefix="inkling-test-")
_OWNER = os.getpid()
os.environ["INKLING_HOME"] = HOME_OF_THIS_PROCESS
os.environ.setdefault("SECRET_KEY", "only-for-tests")


@atexit.register
def _remove_home() -> None:
    if os.getpid() == _OWNER:  # a forked child leaves the home of its parent alone
        shutil.rmtree(HOME_OF_THIS_PROCESS, ignore_errors=True)


from canvas.settings import *  # noqa: E402, F403
