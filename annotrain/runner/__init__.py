"""The one-command runner behind ./dev: sets up, starts and supervises the whole product on one machine.

Runs on the system's Python before anything is installed, so it imports the standard library only.
"""
