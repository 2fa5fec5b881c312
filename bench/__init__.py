"""What the program costs, beside a bare floor measured in the same run; `python -m bench`."""
