"""The client and the sandbox together: whether what is said of every call is true of what was done.

The sandbox counts every change made; these tests compare its count with what the client, and the
writer that keeps its writes in a ledger, say was made.
"""
