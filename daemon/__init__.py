"""The program: law, understanding, loops, mail and pages."""

import os

# Looking for plug-ins of pydantic among all installed packages takes a fifth of a second of every command; we use none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
