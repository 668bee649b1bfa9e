#!/usr/bin/env python3
"""The one command door: serve, build, gate, newcell, demo, schema, migrate."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvas.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
