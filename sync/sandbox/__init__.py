"""A local Administrate: the part of its API this program uses, on a socket, with faults on demand.

It has its own process and its own state on disk, listens on the loopback interface only, and counts
every call and every change, so that a test can prove what was done, and what was done twice.
"""
