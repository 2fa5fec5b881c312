"""What each command does: a call and a print; cli.py puts them together."""
